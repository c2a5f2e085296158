import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formatTable } from '../src/text.ts'

const id = `urn:entente:${'a'.repeat(32)}`
const heads = ['title', 'kind', 'as of', 'proven', 'id']
const row = ['Turbine blade casting, stage 1', 'capability', '2026-05-01', '2026-05-02 10:30Z', id]
const at = (columns: number | undefined, rows: readonly (readonly (string | number)[])[] = [row]) =>
  formatTable(heads, rows, { colour: false, columns })

describe('a table', () => {
  test('of a wide terminal, or none, has a line a row', () => {
    for (const columns of [140, undefined]) {
      const [head = '', line = '', ...more] = at(columns).split('\n')
      expect(more).toEqual([])
      expect(head.indexOf('id')).toBe(line.indexOf(id))
    }
  })

  test('of a narrow terminal wraps long texts, and puts what has no room below its row, by name', () => {
    expect(at(80)).toBe(
      [
        'title                           kind        as of       proven',
        'Turbine blade casting, stage 1  capability  2026-05-01  2026-05-02 10:30Z',
        `   id ${id}`,
      ].join('\n'),
    )
    expect(at(64).split('\n').slice(1)).toEqual([
      'Turbine blade     capability  2026-05-01  2026-05-02 10:30Z',
      'casting, stage 1',
      `   id ${id}`,
    ])
  })

  test('wraps the reason of a refusal instead of cutting it', () => {
    const reason =
      'the number has 12 digits, not 13: a leading zero may be missing, as spreadsheets drop it'
    const table = formatTable(['row', 'record', 'what'], [[10, 'Housing', reason]], {
      colour: false,
      columns: 60,
    })
    expect(table.replace(/\s+/g, ' ')).toContain(reason)
    for (const line of table.split('\n')) expect(line.length).toBeLessThanOrEqual(60)
  })

  test('does not lose the word after a gap that is wider than its column', () => {
    const gap = `${' '.repeat(14)}\u2e80${' '.repeat(4)}!`
    for (const columns of [1, 10, 20, 40])
      expect(
        at(columns, [
          [gap, '', '', '', ''],
          ['', '', '', '', ''],
        ]),
      ).toContain('!')
  })

  test('never loses a word, however narrow the terminal is', () => {
    const word = fc.oneof(
      fc.string({ minLength: 1, maxLength: 30 }),
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }),
      fc.constantFrom(id, '2026-05-02 10:30Z', '1,218', '鋳造部品', '⚠️'),
    )
    const cell = fc.array(word, { maxLength: 8 }).map((words) => words.join(' '))
    fc.assert(
      fc.property(
        fc.array(fc.tuple(cell, cell, cell, cell, cell), { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 1, max: 160 }),
        (rows, columns) => {
          const clean = rows.map((each) => each.map((text) => text.replace(/[\p{Cc}\p{Cf}]/gu, '')))
          const shown = at(columns, clean)
          for (const text of clean.flat())
            for (const part of text.split(/\s+/)) expect(shown).toContain(part)
        },
      ),
    )
  })
})
