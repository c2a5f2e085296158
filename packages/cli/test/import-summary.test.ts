import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { signable, summarise, summaryText } from '../src/import-summary.ts'
import { summary } from './fake.ts'

const applied = {
  ...summary,
  state: 'applied' as const,
  appliedBy: 'ann',
  appliedAtMs: Date.UTC(2026, 4, 1),
}
const more = {
  ...applied,
  id: 4,
  file: 'mines.xlsx',
  read: 5_000,
  created: 4_000,
  unchanged: 990,
  refused: 10,
  refusals: [
    { code: 'BAD_VALUE', count: 3 },
    { code: 'PLACEHOLDER', count: 7 },
  ],
  flags: [],
  missing: 0,
}
const lines = summarise('GBR', [summary, applied, { ...more, state: 'undone' as const }, more])
const io = { colour: false, columns: undefined }

describe('a summary of imports', () => {
  test('has the applied ones alone, and adds them up', () => {
    const { imports, totals } = signable(lines).summary
    expect(imports.map(({ nation, file }) => [nation, file])).toEqual([
      ['GBR', 'table.csv'],
      ['GBR', 'mines.xlsx'],
    ])
    expect(totals).toMatchObject({
      read: 5_002,
      created: 4_001,
      updated: 0,
      unchanged: 990,
      refused: 11,
      refusals: { BAD_VALUE: 4, PLACEHOLDER: 7 },
      flags: { PLACEHOLDER: 1 },
      missing: 4,
    })
  })

  test('is named by a digest that anybody can compute from its JSON', () => {
    const { summary: whole, digest } = signable(lines)
    const sorted = JSON.stringify(whole, (_, value: unknown) =>
      typeof value === 'object' && value !== null && !Array.isArray(value)
        ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
        : value,
    )
    expect(digest).toBe(createHash('sha256').update(sorted).digest('hex'))
    const [first, ...rest] = lines
    const other = signable(first === undefined ? [] : [{ ...first, created: 2 }, ...rest])
    expect(other.digest).not.toBe(digest)
  })

  test('is a table whose last line is the total', () => {
    const text = summaryText(signable(lines), io)
    expect(text).toMatch(/GBR +mines\.xlsx +a{12} +makers@2 +5,000 +4,000/)
    expect(text).toMatch(/total +2 imports .* 4 BAD_VALUE, 7 PLACEHOLDER +1 PLACEHOLDER/)
    expect(text).toContain(
      '5,002 rows read = 4,001 created + 0 updated + 990 unchanged + 11 refused',
    )
    expect(summaryText(signable([]), io)).toBe('no import is applied')
  })
})
