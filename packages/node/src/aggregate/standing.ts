import type { AggregateDefinition, Mark, Publication, Published } from '@entente/policy'
import { type Json, RecordId } from '@entente/schema'
import type { Database } from '../adapters/sqlite-database.ts'

/** One publication of one cell, and the derived record that it made. */
export interface Standing {
  readonly aggregate: string
  readonly cell: string
  readonly serial: number
  readonly record: RecordId
  /** Edition of the policy whose definition made it. */
  readonly edition: number
  readonly atMs: number
  readonly contributors: number
  readonly definition: AggregateDefinition
  /** What the derived record says. */
  readonly fields: Readonly<Record<string, Json>>
}

/** What keeping a standing record true needs of it, and which of its contributors have changed. */
export interface Touched extends Kept {
  readonly sources: readonly RecordId[]
}

/** Without what grows with the number of contributors. */
export type Kept = Pick<Standing, 'aggregate' | 'cell' | 'record' | 'definition' | 'fields'>

/** What was ever published, and what stands of it. */
export interface StandingStore {
  /** What stands, by aggregate and cell. */
  readonly standing: () => readonly Standing[]
  /** Derived records that no longer stand. */
  readonly past: () => readonly RecordId[]
  /** Oldest first. */
  readonly history: (aggregate: string) => readonly Published[]
  readonly nextSerial: (aggregate: string) => number
  /** Notes a publication in place of what stood of its cell; runs in the caller's transaction. */
  readonly note: (publication: Publication, made: Omit<Standing, 'contributors'>) => void
  readonly end: (record: RecordId) => void
  /** Records that a derived one was made of. */
  readonly sourcesOf: (derived: RecordId) => readonly RecordId[]
  /** Standing records that are these, with all that they were made of, or were made of any of them, with those. */
  readonly touchedBy: (ids: readonly string[]) => readonly Touched[]
}

export function createStandingStore(db: Database): StandingStore {
  const standing = db.prepare(
    'SELECT * FROM aggregate_standing WHERE stands = 1 ORDER BY aggregate, cell',
  )
  const past = db.prepare(
    "SELECT s.record AS record FROM aggregate_standing s JOIN record r ON r.id = s.record WHERE stands = 0 AND r.status <> 'withdrawn'",
  )
  const history = db.prepare(
    'SELECT cell, marks FROM aggregate_standing WHERE aggregate = ? ORDER BY serial',
  )
  const last = db.prepare('SELECT max(serial) AS n FROM aggregate_standing WHERE aggregate = ?')
  const leave = db.prepare(
    'UPDATE aggregate_standing SET stands = 0 WHERE aggregate = ? AND cell = ?',
  )
  const put = db.prepare(
    'INSERT INTO aggregate_standing(aggregate, cell, serial, record, edition, at_ms, marks, fields, definition, stands) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 1)',
  )
  const putSource = db.prepare('INSERT INTO aggregate_source(record, derived) VALUES (?, ?)')
  const end = db.prepare('UPDATE aggregate_standing SET stands = 0 WHERE record = ?')
  const sources = db.prepare(
    'SELECT record FROM aggregate_source WHERE derived = ? ORDER BY record',
  )
  const touched = db.prepare(
    'SELECT aggregate, cell, record, fields, definition FROM aggregate_standing WHERE stands = 1 AND (record = $id OR record IN (SELECT derived FROM aggregate_source WHERE record = $id))',
  )
  const idsIn = (rows: readonly Row[]) => rows.map((row) => RecordId.parse(row['record']))
  const idsOf = (ids: Iterable<string>) => [...ids].sort().map((id) => RecordId.parse(id))
  const sourcesOf = (derived: RecordId) => idsIn(sources.all(derived))

  return {
    standing: () => standing.all().map(toStanding),
    past: () => idsIn(past.all()),
    history: (aggregate) =>
      history.all(aggregate).map((row) => ({
        cell: String(row['cell']),
        marks: JSON.parse(String(row['marks'])) as Mark[],
      })),
    nextSerial: (aggregate) => Number(last.get(aggregate)?.['n'] ?? 0) + 1,
    note: ({ marks, from }, made) => {
      const { aggregate, cell, serial, record, edition, atMs, fields, definition } = made
      leave.run(aggregate, cell)
      const json = [marks, fields, definition].map((each) => JSON.stringify(each))
      put.run(aggregate, cell, serial, record, edition, atMs, ...json)
      for (const source of from) putSource.run(source.id, record)
    },
    end: (record) => void end.run(record),
    sourcesOf,
    touchedBy: (ids) => {
      const found = new Map<string, { readonly row: Row; readonly sources: Set<string> }>()
      for (const $id of ids)
        for (const row of touched.all({ $id })) {
          const record = String(row['record'])
          const one = found.get(record) ?? { row, sources: new Set<string>() }
          found.set(record, one)
          one.sources.add($id)
        }
      return [...found.values()].map(({ row, sources }) => {
        const kept = toKept(row)
        const isItself = sources.has(kept.record)
        return { ...kept, sources: isItself ? sourcesOf(kept.record) : idsOf(sources) }
      })
    },
  }
}

type Row = Readonly<Record<string, unknown>>

const toKept = (row: Row): Kept => ({
  aggregate: String(row['aggregate']),
  cell: String(row['cell']),
  record: RecordId.parse(row['record']),
  definition: JSON.parse(String(row['definition'])) as AggregateDefinition,
  fields: JSON.parse(String(row['fields'])) as Record<string, Json>,
})

const toStanding = (row: Row): Standing => ({
  ...toKept(row),
  serial: Number(row['serial']),
  edition: Number(row['edition']),
  atMs: Number(row['at_ms']),
  contributors: (JSON.parse(String(row['marks'])) as Mark[]).length,
})
