import type { DataRecord } from '@entente/schema'
import {
  type AutomergeStorage,
  chunkKeysByDocument,
  chunkKeysOf,
} from '../../adapters/sqlite-automerge-storage.ts'
import type { Database } from '../../adapters/sqlite-database.ts'
import { conflictsIn, type Rendered } from '../record/render-record.ts'

/** Natural key of a record in its source, and digest of the draft last taken in under it. */
export interface NaturalKey {
  readonly dataset: string
  readonly originator: string
  readonly key: string
}

/** A shard as it now is. What is not said holds as it was, or as for a shard that this node has just made. */
export interface ShardState {
  readonly id: string
  readonly heads: string
  readonly line?: string
  readonly depth?: number
  readonly own?: boolean
}

/** What a change of a shard means for the tables. */
export interface Projected {
  readonly records: readonly Rendered[]
  /** Ids that are no longer in the shard. */
  readonly removed?: readonly string[]
  /** Whether these are all records of the shard. */
  readonly whole?: boolean
  /** A shard of the same line, whose records are now those of this one. */
  readonly takesPlaceOf?: string | undefined
  /** Digest of the draft last taken in, by record. */
  readonly drafts?: ReadonlyMap<string, string> | undefined
  /** Done in the same transaction. */
  readonly alongside?: (() => void) | undefined
}

export interface Projection {
  /** Makes what waits in the store durable and brings the tables up to it, in one transaction. Returns the records that are new or differ. */
  readonly project: (shard: ShardState, change: Projected) => DataRecord[]
  /** Records that the tables have in a shard. */
  readonly recordsIn: (shard: string) => string[]
  /** Shards whose stored chunks are not those projected. */
  readonly stale: () => string[]
  /** Shards with records that were rendered in another form of their kind. */
  readonly outdated: () => string[]
  readonly headsOf: (shard: string) => string | undefined
  /** The shard that stands for a line. */
  readonly currentOf: (line: string) => { readonly id: string; readonly depth: number } | undefined
  readonly lineOf: (shard: string) => string | undefined
  /** An own shard that has room, and how many records it holds. */
  readonly roomiest: (
    capacity: number,
  ) => { readonly id: string; readonly records: number } | undefined
  readonly find: (
    key: NaturalKey,
  ) => { readonly record: string; readonly draft: string | null } | undefined
  readonly noteDraft: (key: NaturalKey, draft: string) => void
  /** Forgets which draft was last taken in: the next one is compared field by field. */
  readonly forgetDraft: (record: string) => void
  readonly shardOf: (record: string) => string | undefined
  readonly shards: () => string[]
  /** Shards that this node made. */
  readonly ownShards: () => string[]
}

/** Called with records that are new or differ and ids that went, inside the transaction that brings them into the tables. */
export type OnProjected = (records: readonly DataRecord[], removed: readonly string[]) => void

export interface ProjectionDeps {
  readonly db: Database
  readonly storage: Pick<AutomergeStorage, 'flush'>
  readonly onProjected: OnProjected
  /** Versions of the kinds that records are handed over in. */
  readonly form: string
}

/** Opens the projection over the tables of `projectionTables`. */
export function createProjection({ db, storage, onProjected, form }: ProjectionDeps): Projection {
  const putRecord = db.prepare(`
    INSERT INTO record (id, kind, dataset, status, shard, digest, json, conflicts) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, dataset = excluded.dataset, status = excluded.status,
      shard = excluded.shard, digest = excluded.digest, json = excluded.json, conflicts = excluded.conflicts`)
  const digestOf = db.prepare('SELECT digest, shard FROM record WHERE id = ?')
  const isAs = db.prepare(
    'SELECT 1 FROM record WHERE id = ? AND kind = ? AND dataset = ? AND status = ? AND json = ? AND conflicts = ?',
  )
  const deleteOtherKeys = db.prepare(
    'DELETE FROM natural_key WHERE record = ? AND NOT (dataset = ? AND originator = ? AND key IS ?)',
  )
  const putDirty = db.prepare('INSERT INTO dirty (record) VALUES (?) ON CONFLICT DO NOTHING')
  // Two nodes of the nation may each have made a record for one key: the lesser id takes the next import.
  const putKey = db.prepare(`
    INSERT INTO natural_key (dataset, originator, key, record, draft) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET record = min(record, excluded.record), draft = coalesce(excluded.draft, draft)`)
  const setDraft = db.prepare(
    'UPDATE natural_key SET draft = ? WHERE dataset = ? AND originator = ? AND key = ?',
  )
  const putShard = db.prepare(`
    INSERT INTO shard (id, heads, chunks, records, own, form, line, depth) VALUES (?, ?, ?, 0, ?, ?, ?, ?)
    ON CONFLICT (id) DO UPDATE SET heads = excluded.heads, chunks = excluded.chunks`)
  const setForm = db.prepare('UPDATE shard SET form = ? WHERE id = ?')
  const setPlace = db.prepare('UPDATE shard SET line = ?, depth = ? WHERE id = ?')
  const ofOtherForm = db.prepare('SELECT id, form FROM shard WHERE form <> ?')
  const kindsIn = db.prepare('SELECT DISTINCT kind FROM record WHERE shard = ?')
  const addRecords = db.prepare('UPDATE shard SET records = records + ? WHERE id = ?')
  const ofShard = db.prepare('SELECT heads FROM shard WHERE id = ?')
  const allShards = db.prepare('SELECT id, chunks FROM shard')
  const own = db.prepare('SELECT id FROM shard WHERE own = 1 ORDER BY id')
  const roomiest = db.prepare(
    'SELECT id, records FROM shard WHERE own = 1 AND records < ? ORDER BY records, id LIMIT 1',
  )
  const byKey = db.prepare(
    'SELECT record, draft FROM natural_key WHERE dataset = ? AND originator = ? AND key = ?',
  )
  const shardOf = db.prepare('SELECT shard FROM record WHERE id = ?')

  const current = db.prepare('SELECT id, depth FROM shard WHERE line = ?')
  const lineOf = db.prepare('SELECT line FROM shard WHERE id = ?')
  const move = db.prepare('UPDATE record SET shard = ? WHERE shard = ?')
  const deleteShard = db.prepare('DELETE FROM shard WHERE id = ?')
  const recount = db.prepare(
    'UPDATE shard SET records = (SELECT count(*) FROM record WHERE shard = shard.id) WHERE id = ?',
  )
  const putState = ({ id, heads, own = true, line = id, depth = 0 }: ShardState) =>
    putShard.run(id, heads, chunkKeysOf(db, id), own ? 1 : 0, form, line, depth)

  const setNoDraft = db.prepare('UPDATE natural_key SET draft = NULL WHERE record = ?')
  const inShard = db.prepare('SELECT id FROM record WHERE shard = ?')
  const deleteRecord = db.prepare('DELETE FROM record WHERE id = ? AND shard = ?')
  const deleteKeys = db.prepare('DELETE FROM natural_key WHERE record = ?')

  /** Whoever holds it must give it back: that it is dirty and gone is found when it is decided on. */
  const removeOne = (shard: string, id: string): void => {
    const { changes } = deleteRecord.run(id, shard)
    if (changes === 0) return
    deleteKeys.run(id)
    putDirty.run(id)
    addRecords.run(-1, shard)
  }

  /** @param whole not even what seems unchanged is taken for granted */
  const putOne = (
    shard: string,
    { key, record, json, digest }: Rendered,
    draft: string | undefined,
    whole: boolean,
  ): DataRecord | null => {
    const { id, kind, dataset, originator, envelope } = record
    const before = digestOf.get(id)
    const home = before?.['shard'] as string | undefined
    // A record stands in one shard; a second one that holds it is damage, which the check reports.
    if (home !== undefined && home !== shard && lineOf.get(home) !== undefined) return null
    if (whole) deleteOtherKeys.run(id, dataset, originator, key ?? null)
    if (key !== undefined) putKey.run(dataset, originator, key, id, draft ?? null)
    const conflicts = conflictsIn(record)
    const rest = [kind, dataset, envelope.status, json, conflicts] as const
    if (before?.['digest'] === digest && (!whole || isAs.get(id, ...rest) !== undefined))
      return null
    putRecord.run(id, kind, dataset, envelope.status, shard, digest, json, conflicts)
    putDirty.run(id)
    if (before === undefined) addRecords.run(1, shard)
    return record
  }

  return {
    project: (shard, { records, removed = [], whole = false, takesPlaceOf, drafts, alongside }) =>
      db.transact(() => {
        storage.flush()
        if (takesPlaceOf !== undefined) {
          deleteShard.run(takesPlaceOf)
          move.run(shard.id, takesPlaceOf)
        }
        putState(shard)
        if (whole) {
          setForm.run(form, shard.id)
          setPlace.run(shard.line ?? shard.id, shard.depth ?? 0, shard.id)
        }
        const changed = records.flatMap(
          (it) => putOne(shard.id, it, drafts?.get(it.record.id), whole) ?? [],
        )
        for (const id of removed) removeOne(shard.id, id)
        if (whole) recount.run(shard.id)
        onProjected(changed, removed)
        alongside?.()
        return changed
      }),
    recordsIn: (shard) => inShard.all(shard).map((row) => String(row['id'])),
    stale: () => {
      const stored = chunkKeysByDocument(db)
      for (const { id, chunks } of allShards.all() as unknown as { id: string; chunks: string }[])
        if (stored.get(id) === chunks) stored.delete(id)
      return [...stored.keys()]
    },
    outdated: () =>
      (ofOtherForm.all(form) as { id: string; form: string }[]).flatMap((shard) => {
        const [then, now] = [versionsOf(shard.form), versionsOf(form)]
        const kinds = kindsIn.all(shard.id).map((row) => String(row['kind']))
        if (kinds.some((kind) => then[kind] !== now[kind])) return [shard.id]
        setForm.run(form, shard.id)
        return []
      }),
    headsOf: (shard) => ofShard.get(shard)?.['heads'] as string | undefined,
    currentOf: (line) => current.get(line) as { id: string; depth: number } | undefined,
    lineOf: (shard) => lineOf.get(shard)?.['line'] as string | undefined,
    roomiest: (capacity) => roomiest.get(capacity) as { id: string; records: number } | undefined,
    find: ({ dataset, originator, key }) =>
      byKey.get(dataset, originator, key) as { record: string; draft: string | null } | undefined,
    noteDraft: ({ dataset, originator, key }, draft) =>
      setDraft.run(draft, dataset, originator, key),
    forgetDraft: (record) => void setNoDraft.run(record),
    shardOf: (record) => shardOf.get(record)?.['shard'] as string | undefined,
    shards: () => allShards.all().map((row) => String(row['id'])),
    ownShards: () => own.all().map((row) => String(row['id'])),
  }
}

const versionsOf = (form: string) => JSON.parse(form) as Readonly<Record<string, number>>
