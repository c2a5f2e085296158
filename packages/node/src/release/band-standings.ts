import {
  dueOf,
  fitsBand,
  isOpenFor,
  lookAgain,
  rebandTypeOf,
  type StandingBands,
  unitsOf,
  type Watch,
} from '@entente/policy'
import {
  type DataRecord,
  digestOf,
  type Inputs,
  type Json,
  type Opening,
  recordKeyOf,
  versionOf,
} from '@entente/schema'
import type { Database } from '../adapters/sqlite-database.ts'
import type { Deps } from '../deps.ts'
import type { PlannedChange, SourceVersion } from './plan.ts'
import type { PolicyInForce } from './policy-store.ts'

/**
 * Whose value bands of a field are made from, for every nation: the version of the record, and since when. `left_ms`, `open_for`: what is known
 * of the present value (`Watch`). `due_ms`: when it is looked at again. Versions lie in `source_version`.
 */
export const bandTables = `
CREATE TABLE IF NOT EXISTS band_standing(record TEXT NOT NULL, field TEXT NOT NULL, version TEXT NOT NULL, at_ms INTEGER NOT NULL, left_ms INTEGER, open_for TEXT, due_ms INTEGER, PRIMARY KEY(record, field)) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS band_standing_due ON band_standing(due_ms) WHERE due_ms IS NOT NULL;
`

/** What stands for one record. */
export interface BandsOn {
  readonly standings: StandingBands
  /** Digests of the record versions, by field. */
  readonly versions: Readonly<Record<string, string>>
  /** Equal as long as a fragment that was composed on it is still so. */
  readonly ground: string
}

export interface BandStandings {
  /** What bands of a record are made from now; of fields that are not named, it is the present version. */
  readonly on: (source: SourceVersion, policy: PolicyInForce, atMs: number) => BandsOn
  /** Looks at what stands beside the present version; what is gone, or made on no schedule any more, is forgotten. In a transaction. */
  readonly look: (
    id: string,
    source: SourceVersion | null,
    policy: PolicyInForce | null,
    atMs: number,
  ) => void
  /** When the next value is to be looked at; infinite: none is. */
  readonly nextDue: (atMs: number) => number
}

export const noBands: BandsOn = { standings: {}, versions: {}, ground: '' }

interface Row extends Watch {
  readonly field: string
  readonly version: string
  readonly atMs: number
}

export function createBandStandings({ db }: Pick<Deps, 'db'>): BandStandings {
  /** One record is planned for every recipient in turn: parse its versions once. */
  const parsed = new Map<string, DataRecord>()
  const versionAt = (digest: string, source: SourceVersion): DataRecord | null => {
    if (digest === source.digest) return source.record
    const known = parsed.get(digest)
    if (known !== undefined) return known
    const row = db.prepare('SELECT json FROM source_version WHERE digest = ?').get(digest)
    if (row === undefined) return null
    const record = JSON.parse(row['json'] as string) as DataRecord
    if (parsed.size >= 64) parsed.clear()
    parsed.set(digest, record)
    return record
  }

  const lookAtField = (
    row: Row,
    source: SourceVersion,
    { compiled }: PolicyInForce,
    atMs: number,
  ): void => {
    const { field, version, leftMs, openFor } = row
    const { id, record } = source
    const type = rebandTypeOf(record, field, compiled)
    const present = valueIn(record, field)
    const stood = versionAt(version, source)
    // A value that was taken out, or purged, does not come back.
    if (type === null || present === null || stood === null) {
      forget(db, id, field)
      return
    }
    const { datasets } = compiled.document
    const live =
      Object.hasOwn(datasets, source.dataset) && datasets[source.dataset]?.mode === 'live'
    const standing = valueIn(stood, field)
    const units = unitsOf(stood, record, field)
    const now = lookAgain(row, { standing, present, units, atMs, type, policy: compiled, live })
    // No release will name a value that no band fits: it stands from here on.
    if (now.openFor !== null && !fitsBand(present, type, compiled.bands))
      stand({ db }, source, field, atMs)
    else if (now.leftMs !== leftMs || now.openFor !== openFor)
      db.prepare(
        'UPDATE band_standing SET left_ms = ?, open_for = ?, due_ms = ? WHERE record = ? AND field = ?',
      ).run(now.leftMs, now.openFor, dueOf(now, type, compiled), id, field)
  }

  return {
    on: (source, { compiled }, atMs) => {
      if (compiled.reband.size === 0) return noBands
      const rows = rowsOf(db, source.id)
      if (rows.length === 0) return noBands
      const standings: Record<string, StandingBands[string]> = {}
      const versions: Record<string, string> = {}
      const grounds: string[] = []
      for (const { field, version, atMs: sinceMs, ...watch } of rows) {
        const stood = versionAt(version, source)
        const type = rebandTypeOf(source.record, field, compiled)
        if (stood === null || type === null) continue
        const present = valueIn(source.record, field)
        const units = unitsOf(stood, source.record, field)
        if (isOpenFor(watch, { present, units, atMs, type, policy: compiled })) continue
        standings[field] = { record: stood, atMs: sinceMs }
        versions[field] = version
        grounds.push(`${field} ${version} ${sinceMs}`)
      }
      return { standings, versions, ground: grounds.join() }
    },
    look: (id, source, policy, atMs) => {
      const rows = rowsOf(db, id)
      if (source === null) for (const { field } of rows) forget(db, id, field)
      else if (policy !== null) for (const row of rows) lookAtField(row, source, policy, atMs)
    },
    nextDue: (atMs) =>
      (db.prepare('SELECT min(due_ms) AS due FROM band_standing WHERE due_ms > ?').get(atMs)?.[
        'due'
      ] as number | null | undefined) ?? Infinity,
  }
}

const valueIn = ({ fields }: DataRecord, field: string): Json => fields[field]?.value ?? null

const rowsOf = (db: Database, id: string): readonly Row[] =>
  db
    .prepare(
      'SELECT field, version, at_ms, left_ms, open_for FROM band_standing WHERE record = ? ORDER BY field',
    )
    .all(id)
    .map((row) => ({
      field: row['field'] as string,
      version: row['version'] as string,
      atMs: row['at_ms'] as number,
      leftMs: row['left_ms'] as number | null,
      openFor: row['open_for'] as string | null,
    }))

const forget = (db: Database, id: string, field: string): void =>
  void db.prepare('DELETE FROM band_standing WHERE record = ? AND field = ?').run(id, field)

/** From here on bands of a field are of this version. Inside a transaction. */
export function stand(
  { db }: Pick<Deps, 'db'>,
  { id, digest, json }: Pick<SourceVersion, 'id' | 'digest' | 'json'>,
  field: string,
  atMs: number,
): void {
  db.prepare('INSERT OR IGNORE INTO source_version(digest, json) VALUES (?, ?)').run(digest, json)
  db.prepare(
    'INSERT OR REPLACE INTO band_standing(record, field, version, at_ms) VALUES (?, ?, ?, ?)',
  ).run(id, field, digest, atMs)
}

/** Fields of a change whose bands are of the present value, and stand by it once it goes. */
export const newBandsOf = ({ composition: { bands, levels } }: PlannedChange): readonly string[] =>
  Object.keys(bands).filter((field) => bands[field] === null && Object.hasOwn(levels, field))

/**
 * What a nation holds already in a band of the present value stands from now on: a policy makes bands on a schedule that did not, or what
 * stood has been forgotten. Inside the transaction that finds nothing to send.
 */
export function adoptBands({ db }: Pick<Deps, 'db'>, change: PlannedChange, atMs: number): void {
  const { id, source } = change
  if (source === null) return
  const has = db.prepare('SELECT 1 FROM band_standing WHERE record = ? AND field = ?')
  for (const field of newBandsOf(change))
    if (has.get(id, field) === undefined) stand({ db }, source, field, atMs)
}

/**
 * What stood is taken back: the record is decided again, of its present value. Inside a transaction.
 * @param which what began to stand up to a time, ms, or what stands by versions that are not here any more
 */
export function forgetBands(
  db: Database,
  id: string,
  which: { readonly untilMs: number } | 'unknown',
): void {
  const { changes } =
    which === 'unknown'
      ? db
          .prepare(
            'DELETE FROM band_standing WHERE record = ? AND version NOT IN (SELECT digest FROM source_version)',
          )
          .run(id)
      : db
          .prepare('DELETE FROM band_standing WHERE record = ? AND at_ms <= ?')
          .run(id, which.untilMs)
  if (changes > 0) db.prepare('INSERT OR IGNORE INTO dirty(record) VALUES (?)').run(id)
}

/**
 * What a release that has been put back says of bands; to be asked in the order of the log. What it names stands, and the latest word on a
 * field counts; a version that is not here stands for nothing, and the present value is taken when the record is next decided. What it drops
 * is forgotten, for good, where its value had been taken out of the record, or the backup does not know: a later release may name it still.
 * Inside a transaction.
 */
export function restoreBands(
  { db, hash, fragmentKey }: Pick<Deps, 'db' | 'hash' | 'fragmentKey'>,
  { bands = [], records }: Inputs,
  openings: readonly Opening[],
  sources: readonly string[],
): void {
  const dropped = openings.flatMap(([, entry]) =>
    entry.op === 'put'
      ? []
      : rowsOf(db, entry.record)
          .filter(({ field }) => entry.fields?.includes(field) ?? true)
          .map(({ field }) => [entry.record, field] as const),
  )
  if (bands.length === 0 && dropped.length === 0) return
  const known = new Map(
    sources.map((json) => {
      const record = JSON.parse(json) as DataRecord
      const digest = digestOf(record, hash)
      return [versionOf(recordKeyOf(fragmentKey, record.id), digest), { digest, record }] as const
    }),
  )
  const decidedOn = new Map(records)
  for (const [id, field] of dropped) {
    const source = known.get(decidedOn.get(id) ?? '')
    if (source === undefined || valueIn(source.record, field) === null) forget(db, id, field)
  }
  for (const [id, field, version, atMs] of bands)
    db.prepare(
      'INSERT INTO band_standing(record, field, version, at_ms) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET version = excluded.version, at_ms = excluded.at_ms WHERE excluded.at_ms > at_ms',
    ).run(id, field, known.get(version)?.digest ?? version, atMs)
}
