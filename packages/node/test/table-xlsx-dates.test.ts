import { describe, expect, test } from 'vitest'
import { kindOf } from '../src/import/table/xlsx/number-formats.ts'
import { serialText } from '../src/import/table/xlsx/serial-date.ts'

describe('a number format', () => {
  test.each<[code: string, kind: string]>([
    ['General', ''],
    ['0.00', ''],
    ['#,##0.00 [$€-407];[Red]-#,##0', ''],
    ['0.0E+00', ''],
    ['"day "0', ''],
    ['\\d0', ''],
    ['0;yyyy', ''],
    ['@', ''],
    ['d/m/yyyy', 'date'],
    ['mmm', 'date'],
    ['[$-F800]dddd, mmmm dd, yyyy', 'date'],
    ['yyyy"年"m"月"d"日"', 'date'],
    ['mm:ss.0', 'time'],
    ['h:mm AM/PM', 'time'],
    ['d.m.yy h:mm', 'date time'],
    ['[h]:mm', 'time duration'],
    ['[mm]:ss', 'time duration'],
  ])('%s shows: %s', (code, kind) => {
    const shown = Object.entries(kindOf(code) ?? {}).flatMap(([name, shows]) =>
      shows ? [name] : [],
    )
    expect(shown.join(' ')).toBe(kind)
  })
})

describe('a day', () => {
  const date = { date: true, time: true, duration: false }
  test.each<[serial: number, text: string | undefined]>([
    [0, '00:00:00'],
    [0.999_999_999, '00:00:00'],
    [1, '1900-01-01'],
    [59, '1900-02-28'],
    [60, undefined],
    [61, '1900-03-01'],
    [25_569, '1970-01-01'],
    [42_825.999_999_999_99, '2017-04-01'],
    [42_825.000_011_574, '2017-03-31T00:00:01'],
    [42_825.500_000_006, '2017-03-31T12:00:00.001'],
    [2_958_465, '9999-12-31'],
    [2_958_466, undefined],
    [-0.5, undefined],
  ])('%d is %s', (serial, text) => {
    expect(serialText(serial, date, false)).toBe(text)
  })

  test('follows the day before, from 1900 to 9999', () => {
    const serials = Array.from({ length: 2_958_465 }, (_, i) => i + 1).filter(
      (serial) => serial !== 60 && (serial < 50_000 || serial % 997 === 0),
    )
    const texts = serials.map((serial) => serialText(serial, date, false) ?? '')
    expect(texts.filter((text, i) => !(text > (texts[i - 1] ?? '')))).toEqual([])
  })
})
