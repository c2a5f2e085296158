import { existsSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  codifyingNation,
  isNation,
  nsnMismatch,
  parseNiin,
  parseNsn,
} from '../src/identifiers/index.ts'

const shared = new URL('../../../../shared/data/', import.meta.url)
const present = existsSync(shared)
if (!present) process.stdout.write('skipped: 2 checks of real stock numbers, no ../shared\n')

const digits = (count: number) => fc.stringMatching(new RegExp(`^\\d{${count}}$`))

describe('NSN', () => {
  test.each([
    '2310-01-382-3919',
    '2310013823919',
    ' 2310 01 382 3919 ',
    '2310-01-3823919',
    '2310/01/382-3919',
    '2310 - 01 - 382 - 3919',
    '2310–01–382–3919', // en dashes
    '2310‑01‑382‑3919', // non-breaking hyphens
    '2310−01−382−3919', // minus signs
    '2310\u00a001\u00a0382\u00a03919',
    '2310\u202f01\u2009382\t3919',
    '\ufeff2310-01-382-\u00ad3919\u200b',
    'NSN 2310-01-382-3919',
    'NSN: 2310-01-3823919',
    'nsn2310013823919',
    'NATO Stock Number: 2310-01-382-3919',
  ])('%j has one normal form', (text) => {
    expect(parseNsn(text)).toEqual({ ok: true, value: '2310-01-382-3919' })
  })

  test.each<[text: string, code: string, why: string]>([
    ['2350-01-615-04155', 'NSN_FORMAT', 'has 14 digits'],
    ['2350--01-615-0415', 'NSN_FORMAT', 'is not 13 digits'],
    ['-2350016150415', 'NSN_FORMAT', 'is not 13 digits'],
    ['2350-01-615-0415 or 0416', 'NSN_FORMAT', 'is not 13 digits'],
    ['２350016150415', 'NSN_FORMAT', 'is not 13 digits'],
    ['2.35002E+12', 'NSN_FORMAT', 'is not 13 digits'],
    ['2350016150415.0', 'NSN_FORMAT', 'is not 13 digits'],
    ['NSN', 'NSN_FORMAT', 'is not 13 digits'],
    ['', 'NSN_FORMAT', 'is not 13 digits'],
    ['01-382-3919', 'NSN_FORMAT', 'a NIIN lacks the supply class'],
    ['0135-01-615-0415', 'NSN_SUPPLY_GROUP', 'begins with 01'],
    ['2150-01-615-0415', 'NSN_SUPPLY_GROUP', 'begins with 21'],
    ['2350-10-615-0415', 'NSN_BUREAU', 'bureau 10'],
    ['2350-95-615-0415', 'NSN_BUREAU', 'bureau 95'],
  ])('%j is refused as %s, as it %s', (text, code, why) => {
    expect(parseNsn(text)).toEqual({ ok: false, code, reason: expect.stringContaining(why) })
  })

  test.each(['231013823919', '2310-1-382-3919', '23103823919'])(
    '%j may lack a leading zero, which is not put back',
    (text) => {
      expect(parseNsn(text)).toEqual({
        ok: false,
        code: 'NSN_FORMAT',
        reason: expect.stringContaining('a leading zero may be missing'),
      })
    },
  )

  test('no text is parsed to anything but its own digits', () => {
    const texts = fc.string({ unit: fc.constantFrom(...'0123456789 -/'), maxLength: 30 })
    fc.assert(
      fc.property(fc.oneof(fc.string(), texts), (text) => {
        const parsed = parseNsn(text)
        return !parsed.ok || parsed.value.replaceAll('-', '') === text.replace(/\D/g, '')
      }),
    )
  })

  test('any division of the digits is the same number', () => {
    const between = fc.constantFrom('', '-', ' ', '/', '–', ' - ', '\u00a0')
    fc.assert(
      fc.property(digits(7), fc.array(between, { minLength: 13, maxLength: 13 }), (item, signs) => {
        const text = [...`231001${item}`].map((digit, at) => digit + (signs[at] ?? '')).join('')
        const value = `2310-01-${item.slice(0, 3)}-${item.slice(3)}`
        expect(parseNsn(text.replace(/[^\d]+$/, ''))).toEqual({ ok: true, value })
      }),
    )
  })

  test.skipIf(!present)('all stock numbers of the FY2017 budget agree with their columns', () => {
    const file = readFileSync(new URL('production-us-fy2017/fy2017-nsn.csv', shared), 'utf8')
    const rows = file.matchAll(/^(\d{4}-\d{2}-\d{3}-\d{4}),(\d{4}),(\d{2}),(\d{9}),/gm)
    let count = 0
    for (const [, nsn = '', supplyClass = '', , niin = ''] of rows) {
      count += 1
      const outcome = { ok: true, value: nsn }
      expect(parseNsn(nsn)).toEqual(outcome)
      expect(parseNsn(nsn.replaceAll('-', ''))).toEqual(outcome)
      expect(parseNsn(supplyClass + niin)).toEqual(outcome)
      expect(parseNiin(niin)).toEqual({ ok: true, value: nsn.slice(5) })
      expect(codifyingNation(nsn)).toBe('USA')
      if (niin.startsWith('0')) expect(parseNiin(String(Number(niin))).ok).toBe(false)
    }
    process.stdout.write(`read ${count} stock numbers of fy2017-nsn.csv\n`)
    expect(count).toBe(196)
  })

  test.skipIf(!present)('every federal supply class in use is in a known group', () => {
    const file = readFileSync(new URL('reference/psc_fsc_codes.csv', shared), 'utf8')
    const classes = file.match(/^\d{4}(?=,)/gm) ?? []
    expect(classes.length).toBeGreaterThan(500)
    // 0000 is the file's own placeholder.
    expect(classes.filter((fsc) => !parseNsn(`${fsc}010000000`).ok)).toEqual(['0000'])
  })
})

describe('NIIN', () => {
  test.each(['01-382-3919', '013823919', '01 382 3919', 'NIIN 01-382-3919', 'niin: 013823919'])(
    '%j is what follows the class',
    (text) => {
      expect(parseNiin(text)).toEqual({ ok: true, value: '01-382-3919' })
    },
  )

  test.each<[text: string, code: string, why: string]>([
    ['13823919', 'NIIN_FORMAT', 'has 8 digits, not 9: a leading zero may be missing'],
    ['1-382-3919', 'NIIN_FORMAT', 'has 8 digits, not 9: a leading zero may be missing'],
    ['3823919', 'NIIN_FORMAT', 'has 7 digits, not 9: a leading zero may be missing'],
    ['2310-01-382-3919', 'NIIN_FORMAT', 'the last nine of an NSN'],
    ['13823919.0', 'NIIN_FORMAT', 'is not 9 digits'],
    ['10-382-3919', 'NSN_BUREAU', 'bureau 10'],
  ])('%j is refused as %s, as it %s', (text, code, why) => {
    expect(parseNiin(text)).toEqual({ ok: false, code, reason: expect.stringContaining(why) })
  })
})

describe('the bureau', () => {
  test.each([
    ['1005-00-123-4567', 'USA'],
    ['1005-09-123-4567', 'USA'],
    ['1005-12-123-4567', 'DEU'],
    ['1005-21-123-4567', 'CAN'],
    ['1005-25-123-4567', 'NOR'],
    ['1005-64-123-4567', 'SWE'],
    ['1005-66-123-4567', 'AUS'],
    ['98-123-4567', 'NZL'],
    ['99-123-4567', 'GBR'],
  ])('of %s is that of %s', (number, nation) => {
    expect(codifyingNation(number)).toBe(nation)
  })

  test.each([
    ['NATO itself', '1005-11-123-4567'],
    ['the United Nations', '1005-44-123-4567'],
    ['first Belarus, then Iraq', '1005-62-123-4567'],
    ['nobody since Afghanistan left', '1005-67-123-4567'],
    ['no number at all', '1005'],
  ])('of %s names no nation', (_, number) => {
    expect(codifyingNation(number)).toBeUndefined()
  })

  test('is that of a nation of ISO 3166-1, or of none', () => {
    const named = Array.from({ length: 100 }, (_, bureau) =>
      codifyingNation(`${String(bureau).padStart(2, '0')}1234567`),
    ).filter((nation) => nation !== undefined)
    expect(named.filter((nation) => !isNation(nation))).toEqual([])
    expect(new Set(named).size).toBe(named.length - 9 - 1) // ten of the USA, two of Canada
    expect(named).toHaveLength(81)
  })
})

describe('an item codified elsewhere', () => {
  test('is told with both nations', () => {
    expect(nsnMismatch('2310013823919', 'NOR')).toBe(
      'NSN 2310-01-382-3919 was codified by United States (USA), not by Norway (NOR)',
    )
  })

  test.each([
    ['is of the nation that codified it', '2310-01-382-3919', 'USA'],
    ['is of a nation that codifies with another', '2310-13-382-3919', 'LUX'],
    ['is of an outlying area', '2310-01-382-3919', 'PRI'],
    ['has a bureau of no nation', '2310-11-382-3919', 'NOR'],
    ['has no stock number', 'unknown', 'NOR'],
    ['is of no known nation', '2310-01-382-3919', 'Norway'],
  ])('is not told when it %s', (_, nsn, nation) => {
    expect(nsnMismatch(nsn, nation)).toBeNull()
  })
})
