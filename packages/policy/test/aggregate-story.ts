import type { DataRecord, Label } from '@entente/schema'
import fc from 'fast-check'
import type { AggregateDefinition } from '../src/aggregate/definition.ts'
import type { Published } from '../src/aggregate/novelty.ts'
import { type CellPlan, type Publication, planAggregate } from '../src/aggregate/plan.ts'
import { compileBands } from '../src/bands.ts'
import { documentWith, open, record } from './fixtures.ts'

export const definition: AggregateDefinition = {
  id: 'makers-by-domain',
  title: 'Makers together',
  from: { kind: 'capability', dataset: 'survey', field: 'rate_max' },
  cells: {
    by: 'domain',
    each: [
      { name: 'Munitions', values: ['ML3', 'ML4'] },
      { name: 'Optics', values: ['ML15'] },
    ],
  },
  contributor: 'supplier',
  k: 3,
  dominance: { largest: '60', largestTwo: '90' },
  measure: 'sum',
  into: { dataset: 'production' },
}

const bands = compileBands({
  ...documentWith().bands,
  count: {
    levels: [
      { name: 'fine', edges: ['0', '3', '5', '10'] },
      { name: 'coarse', edges: ['0', '3', '10'] },
    ],
  },
})

/** A record of one maker. */
export interface Line {
  readonly n: number
  readonly supplier: string
  readonly domain: string
  readonly number: string
  readonly label?: Label
  readonly change?: Partial<DataRecord>
}

export const idOf = (n: number) => `urn:entente:${n.toString(16).padStart(32, 'f')}`

export const lineRecord = ({
  n,
  supplier,
  domain,
  number,
  label = open,
  change,
}: Line): DataRecord => ({
  ...record,
  id: idOf(n),
  dataset: 'survey',
  fields: {
    title: { value: `line ${n}`, label },
    supplier: { value: supplier, label },
    domain: { value: domain, label },
    rate_max: { value: { number, unit: 'each', per: 'year' }, label },
  },
  ...change,
})

/** Three makers in one cell, that are published. */
export const three: readonly Line[] = [
  { n: 1, supplier: 'Works A', domain: 'ML3', number: '10' },
  { n: 2, supplier: 'Works B', domain: 'ML3', number: '20' },
  { n: 3, supplier: 'Works C', domain: 'ML4', number: '15' },
]

export interface Asked {
  readonly definition?: AggregateDefinition
  readonly history?: readonly Published[]
  readonly standing?: ReadonlySet<string>
  readonly partyOf?: (name: string) => string
}

export const planFor = (records: readonly DataRecord[], asked: Asked = {}): readonly CellPlan[] =>
  planAggregate({
    definition,
    bands,
    records,
    day: '2026-10-01',
    history: [],
    standing: new Set(),
    ...asked,
  })

export const planOf = (lines: readonly Line[], asked: Asked = {}): readonly CellPlan[] =>
  planFor(lines.map(lineRecord), asked)

/** One publication, with what the ledger held then. */
export interface Event {
  readonly cell: string
  readonly lines: readonly Line[]
  readonly publication: Publication
}

const suppliers = ['Works A', 'Works B', 'Works C', 'Works D', 'Works E']
const line = (n: number): fc.Arbitrary<Line> =>
  fc.record({
    n: fc.constant(n),
    supplier: fc.oneof(
      { arbitrary: fc.constant(suppliers[n % suppliers.length] ?? ''), weight: 4 },
      { arbitrary: fc.constantFrom(...suppliers), weight: 1 },
    ),
    domain: fc.constantFrom('ML3', 'ML3', 'ML4', 'ML4', 'ML15', 'ML99'),
    // Few, so that values come back.
    number: fc.constantFrom('61001', '61003'),
  })

/** A ledger from day to day: some lines say something else than the day before, and now and then one is missing. */
export const story: fc.Arbitrary<readonly (readonly Line[])[]> = fc
  .array(
    fc.record({
      lines: fc.tuple(...Array.from({ length: 7 }, (_, n) => fc.option(line(n), { freq: 8 }))),
      turns: fc.nat({ max: 127 }),
    }),
    { minLength: 2, maxLength: 12 },
  )
  .map((all) => {
    const list: (readonly Line[])[] = []
    for (const { lines, turns } of all) {
      const today = lines.filter((each) => each !== null)
      const before = list.at(-1)
      const stays = ({ n }: Line) => before !== undefined && ((turns >> n) & 1) === 0
      list.push([...(before ?? []).filter(stays), ...today.filter((each) => !stays(each))])
    }
    return list
  })

/**
 * Runs the aggregate every day.
 * @param remembers what of the history a run is told; all of it unless said
 */
export function live(
  days: readonly (readonly Line[])[],
  remembers: (history: readonly Published[]) => readonly Published[] = (all) => all,
): readonly Event[] {
  const events: Event[] = []
  const history: Published[] = []
  const standing = new Set<string>()
  for (const lines of days)
    for (const plan of planOf(lines, { history: remembers(history), standing })) {
      if (plan.outcome === 'suppress') standing.delete(plan.cell)
      if (plan.outcome !== 'publish') continue
      standing.add(plan.cell)
      history.push({ cell: plan.cell, marks: plan.publication.marks })
      const used = new Set<string>(plan.publication.from.map(({ id }) => id))
      events.push({
        cell: plan.cell,
        lines: lines.filter(({ n }) => used.has(idOf(n))),
        publication: plan.publication,
      })
    }
  return events
}
