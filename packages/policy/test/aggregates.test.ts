import { caveats, type DataRecord, type Label, widens } from '@entente/schema'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { AggregateDefinition } from '../src/aggregate/definition.ts'
import {
  definition,
  type Event,
  idOf,
  type Line,
  lineRecord,
  live,
  planFor,
  planOf,
  story,
  three,
} from './aggregate-story.ts'
import { assertOften } from './enough.ts'
import { open } from './fixtures.ts'

const cellOf = (line: Line) => (line.domain === 'ML15' ? 'Optics' : 'Munitions')
const bySupplier = (lines: readonly Line[]) => Map.groupBy(lines, ({ supplier }) => supplier)

/** Rank over a prime field: a combination that exists over the rationals exists there too. */
function rank(rows: readonly (readonly number[])[]): number {
  const prime = 1_000_003
  const power = (base: number, exponent: number): number => {
    if (exponent === 0) return 1
    const half = power((base * base) % prime, Math.floor(exponent / 2))
    return exponent % 2 === 0 ? half : (half * base) % prime
  }
  const left = rows.map((row) => [...row])
  let found = 0
  for (let column = 0; column < (left[0]?.length ?? 0); column++) {
    const pivot = left.findIndex((row, i) => i >= found && row[column] !== 0)
    if (pivot < 0) continue
    const [row = []] = left.splice(pivot, 1)
    left.splice(found, 0, row)
    const inverse = power(row[column] ?? 1, prime - 2)
    for (const other of left.slice(found + 1)) {
      const factor = ((other[column] ?? 0) * inverse) % prime
      if (factor !== 0)
        for (let i = column; i < other.length; i++)
          other[i] = ((other[i] ?? 0) - ((factor * (row[i] ?? 0)) % prime) + prime) % prime
    }
    found++
  }
  return found
}

/**
 * Suppliers of whom some combination of the published sums, taken as if they were exact, says something alone. What is not known is one
 * number for each value that each line ever had.
 */
function exposed(events: readonly Event[]): readonly string[] {
  const unknowns = new Map<string, string>()
  for (const { lines } of events)
    for (const { n, number, supplier } of lines)
      unknowns.set(`${n} ${number} ${supplier}`, supplier)
  const columns = [...unknowns]
  const rows = events.map(({ lines }) => {
    const said = new Set(lines.map(({ n, number, supplier }) => `${n} ${number} ${supplier}`))
    return columns.map(([key]) => (said.has(key) ? 1 : 0))
  })
  const all = rank(rows)
  return [...new Set(unknowns.values())].filter((supplier) => {
    const others = rows.map((row) => row.filter((_, i) => columns[i]?.[1] !== supplier))
    return rank(others) < all
  })
}

describe('whatever happens from day to day', () => {
  test('every published cell has k contributors, none of whom dominates, and shares none of its records with another', () => {
    let published = 0
    assertOften(
      fc.property(story, (days) => {
        for (const { cell, lines } of live(days)) {
          published++
          const totals = [...bySupplier(lines).values()]
            .map((of) => of.reduce((sum, { number }) => sum + Number(number), 0))
            .sort((a, b) => b - a)
          const sum = totals.reduce((a, b) => a + b, 0)
          expect(totals.length).toBeGreaterThanOrEqual(3)
          expect((totals[0] ?? 0) * 100).toBeLessThanOrEqual(60 * sum)
          expect(((totals[0] ?? 0) + (totals[1] ?? 0)) * 100).toBeLessThanOrEqual(90 * sum)
          for (const line of lines) expect(cellOf(line)).toBe(cell)
        }
      }),
      { met: () => published, few: 30, numRuns: 60 },
    )
  })

  test('between any two publications of a cell at least k contributors changed', () => {
    let pairs = 0
    const said = (lines: readonly Line[], supplier: string) =>
      lines
        .filter((line) => line.supplier === supplier)
        .map(({ number }) => number)
        .sort()
        .join()
    assertOften(
      fc.property(story, (days) => {
        const events = live(days)
        for (const [i, one] of events.entries())
          for (const other of events.slice(i + 1)) {
            if (one.cell !== other.cell) continue
            pairs++
            const names = new Set([...one.lines, ...other.lines].map(({ supplier }) => supplier))
            const changed = [...names].filter(
              (name) => said(one.lines, name) !== said(other.lines, name),
            )
            expect(changed.length).toBeGreaterThanOrEqual(3)
          }
      }),
      { met: () => pairs, few: 3, numRuns: 60 },
    )
  })

  test('who has every publication, even as exact sums, can solve for no single contributor', () => {
    fc.assert(
      fc.property(story, (days) => {
        expect(exposed(live(days))).toEqual([])
      }),
      { numRuns: 120 },
    )
  })

  test('the same attack succeeds where only the last publication is remembered', () => {
    const said = (...numbers: readonly string[]) =>
      three.map((line, i) => ({ ...line, number: numbers[i] ?? '' }))
    // Each differs from the one before in three contributors; the third differs from the first in one.
    const days = [said('10', '20', '15'), said('11', '21', '16'), said('10', '20', '17')]
    expect(exposed(live(days, (history) => history.slice(-1)))).toEqual(['Works C'])
    expect(live(days)).toHaveLength(2)
    expect(exposed(live(days))).toEqual([])
  })

  test('what can leave the nation names no contributor and no exact value', () => {
    fc.assert(
      fc.property(story, (days) => {
        for (const { lines, publication } of live(days)) {
          const { title, value, asOf } = publication
          const text = JSON.stringify({ title, value, asOf })
          for (const { n, supplier, number } of lines) {
            expect(text).not.toContain(idOf(n))
            expect(text).not.toContain(supplier)
            expect(text).not.toContain(number)
          }
          const sum = lines.reduce((all, { number }) => all + Number(number), 0)
          expect(text).not.toContain(String(sum))
        }
      }),
      { numRuns: 40 },
    )
  })
})

test('the order of records means nothing', () => {
  fc.assert(
    fc.property(
      story.chain(([lines = []]) =>
        fc.tuple(
          fc.constant(lines),
          fc.shuffledSubarray([...lines], { minLength: lines.length, maxLength: lines.length }),
        ),
      ),
      ([lines, shuffled]) => {
        expect(planOf(shuffled)).toEqual(planOf(lines))
      },
    ),
    { numRuns: 40 },
  )
})

const labels: fc.Arbitrary<Label> = fc.record({
  classification: fc.constantFrom('UNCLASSIFIED', 'RESTRICTED', 'SECRET'),
  releasableTo: fc.subarray(['AUS', 'GBR', 'NOR']),
  caveats: fc.subarray([...caveats]),
})

test('a stricter label of one contributor never makes the label wider, whatever label the policy gives', () => {
  let stricter = 0
  assertOften(
    fc.property(
      fc.tuple(labels, labels, labels),
      fc.option(labels),
      fc.nat({ max: 2 }),
      fc.constantFrom(...caveats),
      (given, label, which, caveat) => {
        const asked = { definition: { ...definition, ...(label && { label }) } }
        const lines = three.map((line, i) => ({ ...line, label: given[i] ?? open }))
        const marked = lines.map((line, i) =>
          i === which
            ? {
                ...line,
                label: {
                  ...line.label,
                  caveats: [...new Set([...line.label.caveats, caveat])].sort(),
                },
              }
            : line,
        )
        const [before, after] = [planOf(lines, asked)[0], planOf(marked, asked)[0]]
        if (before?.outcome !== 'publish' || after?.outcome !== 'publish')
          throw new Error('not published')
        const [was, now] = [before.publication.label, after.publication.label]
        expect(widens(was, now)).toBe(false)
        expect(now.caveats).toContain(caveat)
        // Whatever the policy gives, no caveat of any contributor is lost.
        for (const each of lines)
          expect(was.caveats).toEqual(expect.arrayContaining([...each.label.caveats]))
        if (lines.some(({ label: own }) => own.caveats.includes('ONLY')))
          for (const each of lines)
            expect(each.label.releasableTo).toEqual(expect.arrayContaining([...was.releasableTo]))
        if (widens(now, was)) stricter++
      },
    ),
    { met: () => stricter, few: 3, numRuns: 80 },
  )
})

/** What is done with the first cell of three makers after a change. */
const outcome = (lines: readonly Line[], change: Partial<AggregateDefinition> = {}) => {
  const [first] = planOf(lines, { definition: { ...definition, ...change } })
  return first?.outcome === 'publish' ? first.publication.value : first?.because
}
const value = (band: object, more: object = {}) => ({
  measure: 'sum',
  field: 'rate_max',
  cell: 'Munitions',
  value: band,
  unit: 'each per year',
  contributors: { from: '3' },
  ...more,
})
const with3 = (change: Partial<Line> & { readonly fields?: object }): readonly Line[] => {
  const [a, b, c] = three as readonly [Line, Line, Line]
  const { fields, ...rest } = change
  const line = { ...c, ...rest }
  if (fields === undefined) return [a, b, line]
  return [a, b, { ...line, change: { fields: { ...lineRecord(line).fields, ...fields } } }]
}
const rate = (said: unknown) => ({ rate_max: { value: said, label: open } })
const [a, b, c] = three as readonly [Line, Line, Line]

describe('three makers', () => {
  test('are published together, in a band', () => {
    expect(outcome(three)).toEqual(value({ from: '30', to: '300' }))
    expect(outcome(three, { level: 'fine' })).toEqual(value({ from: '30', to: '100' }))
  })

  test.each<[fact: string, lines: readonly Line[], because: string | RegExp]>([
    ['one is missing', [a, b], '2 contributors, 3 are needed'],
    ['two are one maker', with3({ supplier: ' works-b.' }), '2 contributors, 3 are needed'],
    [
      'one is a draft',
      with3({ change: { envelope: { ...lineRecord(c).envelope, status: 'draft' } } }),
      '2 contributors, 3 are needed',
    ],
    [
      'one is valid no more',
      with3({ change: { envelope: { ...lineRecord(c).envelope, validTo: '2026-09-30' } } }),
      '2 contributors, 3 are needed',
    ],
    [
      'one is edited apart',
      with3({
        fields: {
          rate_max: {
            value: { number: '15', unit: 'each', per: 'year' },
            label: open,
            conflict: true,
          },
        },
      }),
      '2 contributors, 3 are needed',
    ],
    [
      'one is of another dataset',
      with3({ change: { dataset: 'production' } }),
      '2 contributors, 3 are needed',
    ],
    [
      'one is itself an aggregate',
      with3({ fields: { aggregate: { value: {}, label: open } } }),
      '2 contributors, 3 are needed',
    ],
    [
      'one says nothing',
      with3({ fields: { rate_max: { value: null, label: open } } }),
      '2 contributors, 3 are needed',
    ],
    [
      'one has most of it',
      with3({ number: '46' }),
      'the largest contributor has more than 60 % of the sum',
    ],
    [
      'two have nearly all of it',
      [
        { ...a, number: '3' },
        { ...b, number: '20' },
        { ...c, number: '20' },
      ],
      'the two largest contributors have more than 90 % of the sum',
    ],
    [
      'none makes any',
      three.map((line) => ({ ...line, number: '0' })),
      'all say zero: the sum would tell what each says',
    ],
    [
      'one cannot be read',
      with3({ number: 'many' }),
      /rate_max of urn:entente:f+3 cannot be read as a quantity/,
    ],
    [
      'one has a member that nobody knows',
      with3({ fields: rate({ number: '15', unit: 'each', per: 'year', of: '2' }) }),
      /cannot be read/,
    ],
    ['one is negative', with3({ number: '-1' }), /cannot be read/],
    [
      'one counts by the month',
      with3({ fields: rate({ number: '15', unit: 'each', per: 'month' }) }),
      'rate_max is in different units: each per month; each per year',
    ],
    [
      'a fourth does not say whose it is',
      [...three, { ...c, n: 4, supplier: '…' }],
      /urn:entente:f+4 does not say its supplier/,
    ],
  ])('publish nothing where %s', (_, lines, because) => {
    expect(outcome(lines)).toEqual(
      typeof because === 'string' ? because : expect.stringMatching(because),
    )
  })

  test('that have exactly the share that is allowed are published', () => {
    expect(outcome(with3({ number: '45' }))).toMatchObject({ measure: 'sum' })
  })

  test('are counted, or their span is told', () => {
    expect(outcome(three, { measure: 'count' })).toEqual(
      value({ from: '3', to: '10' }, { measure: 'count', unit: 'contributors' }),
    )
    expect(outcome(with3({ number: '310' }), { measure: 'range' })).toEqual(
      value({ from: '0' }, { measure: 'range' }),
    )
    expect(outcome(with3({ number: '25' }), { measure: 'range', level: 'fine' })).toEqual(
      value({ from: '10', to: '30' }, { measure: 'range' }),
    )
  })

  test('count once for what people have linked', () => {
    const partyOf = (name: string) => (name === 'Works C' ? 'Works B' : name)
    expect(planOf(three, { partyOf })[0]?.because).toBe('2 contributors, 3 are needed')
  })

  test('who only get other names, or move to another cell, bring nothing new', () => {
    const [first] = planOf(three)
    if (first?.outcome !== 'publish') throw new Error('not published')
    const history = [{ cell: 'Munitions', marks: first.publication.marks }]
    const renamed = planOf(three, { history, partyOf: (name) => `${name} Group` })
    expect(renamed[0]?.because).toBe('something new from 0 contributors, 3 are needed')
    const moved = planOf(
      three.map((line) => ({ ...line, domain: 'ML15' })),
      { history },
    )
    expect(moved[1]?.because).toBe('something new from 0 contributors, 3 are needed')
  })
})

describe('what stands', () => {
  const [first] = planOf(three)
  if (first?.outcome !== 'publish') throw new Error('not published')
  const asked = {
    history: [{ cell: 'Munitions', marks: first.publication.marks }],
    standing: new Set(['Munitions']),
  }
  const now = (lines: readonly Line[]) => {
    const { outcome: done, because } = planOf(lines, asked)[0] ?? {}
    return `${done}: ${because}`
  }

  test('stays while fewer than k contributors changed, even where nothing could be published now', () => {
    expect(now(three)).toBe('keep: nothing has changed since it was published')
    expect(now(with3({ number: '16' }))).toBe(
      'keep: 1 contributor changed since it was published, 3 must',
    )
    expect(now([a, b])).toBe(
      'keep: 1 contributor changed since it was published, 3 must; and now 2 contributors, 3 are needed',
    )
    expect(now(with3({ number: 'many' }))).toMatch(/^keep: 1 contributor changed .* cannot be read/)
  })

  test('is withdrawn where k have changed and nothing can be published', () => {
    expect(now([])).toBe('suppress: 0 contributors, 3 are needed')
  })

  test('is published anew by three, one of whom is new', () => {
    const lines = [
      { ...a, number: '12' },
      { ...b, number: '22' },
      { ...c, n: 9, supplier: 'Works D' },
    ]
    expect(now(lines)).toBe('publish: something new from 3 contributors')
  })
})

test('what is another nation’s keeps its terms, and the label that the policy gives widens nothing', () => {
  const foreign = lineRecord(c)
  const label: Label = { classification: 'UNCLASSIFIED', releasableTo: ['AUS', 'GBR'], caveats: [] }
  const strict: Label = { classification: 'SECRET', releasableTo: ['GBR'], caveats: [] }
  const plan = (record: DataRecord) => {
    const records = [...[a, b].map((line) => lineRecord({ ...line, label: strict })), record]
    const [first] = planFor(records, { definition: { ...definition, label } })
    if (first?.outcome !== 'publish') throw new Error('not published')
    return first.publication
  }
  expect(plan(foreign).label).toEqual(label)
  const terms = { originator: 'NOR', onward_release: 'ask' } as const
  const { rate_max } = foreign.fields
  if (rate_max === undefined) throw new Error('no rate')
  const withTerms = plan({
    ...foreign,
    fields: { ...foreign.fields, rate_max: { ...rate_max, terms } },
  })
  expect(withTerms.terms).toEqual(terms)
  expect(withTerms.label).toMatchObject({ classification: 'SECRET', releasableTo: [] })
  const derivedFrom = [{ record: idOf(77), originator: 'NOR' }]
  const derived = plan({ ...foreign, envelope: { ...foreign.envelope, derivedFrom } })
  expect(derived.label).toMatchObject({ classification: 'SECRET', releasableTo: [] })
})
