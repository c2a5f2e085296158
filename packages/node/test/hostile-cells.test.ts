import { describe, expect, test, vi } from 'vitest'
import { guardText, readGuarded } from '../src/export-table/guard-text.ts'
import { parseMapping } from '../src/import/mapping/parse-mapping.ts'
import { suggestMapping } from '../src/import/suggest/suggest-mapping.ts'
import { fileSource } from '../src/import/table/table.ts'
import { good, header, mapping, readFrom, testFolder, valuesOf } from './import-fixture.ts'
import { fileOf, read, refusal, sourceOf } from './table-fixture.ts'
import { textRow, workbookOf } from './workbook-fixture.ts'

// What is bounded takes a second; what grows with the square of the text took longer than this.
vi.setConfig({ testTimeout: 15_000 })

const folder = testFolder()
const blanks = ' '.repeat(1 << 16)

describe('a text that is made to take long', () => {
  test.each([
    ['a place of blanks', 'Oslo', `A${blanks}B`, 'place'],
    ['a place of full stops', 'Oslo', `A${'. '.repeat(1 << 15)}B`, 'place'],
    ['a party of dashes', 'Works', `${'-'.repeat(1 << 16)}A`, 'maker'],
    ['a number of blanks', ',15,', `,1${blanks}x,`, 'rate'],
  ])('%s is refused', async (_, from, to, column) => {
    const [result] = await readFrom(folder, `${header}\n${good.replace(from, to)}\n`)
    expect(result).toMatchObject({ ok: false, code: 'BAD_VALUE', column })
  })

  test('a percentage of blanks is refused, and one with some is read', async () => {
    const as = `${mapping.replace(/^ {2}owner_contact.*\n/m, '')}  materials: { split: contact, separator: ";", as: percent }\n`
    const row = (contact: string) => `${header}\n${good.replace('Desk 1', contact)}\n`
    const [bad] = await readFrom(folder, row(`1${blanks}x`), { as })
    expect(bad).toMatchObject({ code: 'BAD_VALUE', column: 'contact' })
    const [fine] = await readFrom(folder, row('> 5  %; 7%;8'), { as })
    expect(valuesOf(fine).materials).toEqual(['>5', '7', '8'])
  })

  test('a list may still be long as a whole', async () => {
    const as = `${mapping}  materials: { split: contact, separator: ";" }\n`.replace(
      /^ {2}owner_contact.*\n/m,
      '',
    )
    const parts = Array.from({ length: 1000 }, (_, i) => `part ${i}`)
    const [result] = await readFrom(
      folder,
      `${header}\n${good.replace('Desk 1', parts.join(';'))}\n`,
      { as },
    )
    expect(valuesOf(result).materials).toEqual(parts)
  })

  test('words that are no nations are looked through once', async () => {
    const as = mapping.replace('labels:', 'checks: [{ names: contact, nation: nation }]\nlabels:')
    const words = `${'AB '.repeat(600)}Republic of Korea`
    const [result] = await readFrom(folder, `${header}\n${good.replace('Desk 1', words)}\n`, { as })
    expect(result?.ok && result.flags).toMatchObject([
      { code: 'CONTRADICTION', message: expect.stringContaining('names KOR') },
    ])
    const [long] = await readFrom(
      folder,
      `${header}\n${good.replace('Desk 1', 'AB '.repeat(4000))}\n`,
      {
        as: as.replace(/^ {2}owner_contact.*\n/m, ''),
      },
    )
    expect(long).toMatchObject({ ok: true })
  })

  test('cells of a sample are cut before a mapping is suggested', async () => {
    const cells = [`A${blanks}B`, `${'-'.repeat(1 << 16)}A`, `1${blanks}x`]
    const rows = Array.from({ length: 5 }, (_, i) => [i, ...cells].join(','))
    const { path } = fileOf(
      folder,
      Buffer.from(`id,place,supplier,share\n${rows.join('\n')}\n`),
      'long.csv',
    )
    const request = { name: 'long', nation: 'NOR', today: '2026-11-25' } as const
    expect((await suggestMapping(fileSource(path, 'long.csv'), request)).key).toEqual(['id'])
  })

  test('guards are read and written in one go', () => {
    const marks = "\n'".repeat(1 << 16)
    expect(readGuarded(marks)).toBe(marks)
    expect(readGuarded(`a${marks}=`)).toBe(`a${'\n'.repeat(1 << 16)}=`)
    expect(readGuarded(guardText(`${marks}=`))).toBe(`${marks}=`)
    expect(guardText(`a;${' \n'.repeat(1 << 16)}`)).toHaveLength(2 + (1 << 17))
  })
})

test('a row of stray quotes ends the reading of its file', async () => {
  const source = sourceOf(`a,b\n1,2\n${'x"'.repeat(32_000)},1\n3,4\n`)
  expect(await refusal(source)).toMatchObject({
    code: 'CSV_SYNTAX',
    message: expect.stringContaining('line 3'),
  })
  const some = await read(sourceOf(`a,b\n${'x"'.repeat(50)},1\n${'x"'.repeat(60)},1\n3,4\n`))
  expect(some.errors.map(({ row }) => row)).toEqual([2, 3])
  expect(some.rows).toHaveLength(1)
})

describe('a mapping', () => {
  test('of very many keys is refused, and so is a key twice among many', () => {
    const keys = (count: number) =>
      Array.from({ length: count }, (_, i) => `  k${i}: id`).join('\n')
    const parse = (text: string) => () => parseMapping(text, 'm.yaml')
    expect(parse(`${mapping}${keys(100_000)}`)).toThrow(/more than 131072 characters/)
    expect(parse(`${mapping}${keys(9_000)}`)).toThrow(/has no such field/)
    expect(parse(`${mapping}${keys(9_000)}\n  trl: id`)).toThrow(/m\.yaml:90\d+: .*unique/)
  })

  test.each([
    ['a text', '{ column: contact, shift: 3 }'],
    ['a percentage', '{ column: contact, as: percent, shift: 3 }'],
  ])('that moves the point of %s is refused', (_, value) => {
    const text = mapping.replace('owner_contact: contact', `owner_contact: ${value}`)
    expect(() => parseMapping(text, 'm.yaml')).toThrow(/owner_contact\.shift: .*`as` integer/)
  })
})

test('a sheet with very many columns costs what its cells do', async () => {
  const names = Array.from({ length: 16_384 }, (_, i) => `c${i}`)
  const rows = Array.from({ length: 3000 }, (_, i) => textRow(i + 2, `x${i}`))
  const bytes = workbookOf({ sheets: { A: textRow(1, ...names) + rows.join('') } })
  const as = `
mapping: wide
edition: 1
kind: capability
dataset: production
originator: NOR
source: { document: { const: a test } }
key: [c0]
asOf: { const: "2017-03-31" }
handling: { originator_control: false, onward_release: ask }
fields: { title: c0, supplier: c16383 }
`
  const results = await readFrom(folder, bytes, { name: 'wide.xlsx', as })
  expect(results).toHaveLength(3000)
  expect(valuesOf(results[2999])).toEqual({ title: 'x2999' })
})
