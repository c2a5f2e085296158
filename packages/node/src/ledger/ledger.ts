import { hash } from 'node:crypto'
import * as A from '@automerge/automerge'
import { type DataRecord, type Nation, RecordId, toHex } from '@entente/schema'
import {
  automergeStorageTables,
  createSqliteAutomergeStorage,
} from '../adapters/sqlite-automerge-storage.ts'
import type { Database } from '../adapters/sqlite-database.ts'
import type { Clock } from '../ports/clock.ts'
import { absorb, amend, type Draft, type Edit, toStored } from './amend-record.ts'
import { checkDraft, checkEdit } from './check-edit.ts'
import { checkShard } from './check-shard.ts'
import { type HistoryEntry, historyOf } from './history.ts'
import { LedgerError } from './ledger-error.ts'
import { createProjection, type OnProjected, projectionTables } from './projection.ts'
import { createReader, type Page, type RecordFilter } from './read-ledger.ts'
import { renderRecord } from './render-record.ts'
import { type ChangeNote, createShards } from './shards.ts'
import { batchesOf, type SourceRow } from './source-rows.ts'
import type { StoredRecord } from './stored-record.ts'

export type { SourceRow }

export const ledgerTables: string = automergeStorageTables + projectionTables

/** Who makes a change and why; the time is the clock's. `widenedBy`: the release officer who answers for a wider label. */
export interface Change {
  readonly author: string
  readonly reason: string
  readonly widenedBy?: string
}

export interface UpsertSummary {
  readonly created: number
  readonly updated: number
  readonly unchanged: number
}

/**
 * The nation's own records: Automerge documents in the node's SQLite file, merged field by field, and their projection
 * for SQL. A change resolves when it is on disk and in the projection. Changes take turns.
 */
export interface Ledger extends AsyncDisposable {
  /**
   * Takes in rows of a source by natural key within dataset and originator. The same rows again change nothing; a field
   * edited by hand changes only when the source has changed it since. Never deletes. Durable batch by batch: after a
   * failure, run it again. @param onProgress rows done so far
   */
  readonly upsert: (
    rows: AsyncIterable<SourceRow> | Iterable<SourceRow>,
    change: Change,
    onProgress?: (done: number) => void,
  ) => Promise<UpsertSummary>
  /** @throws {LedgerError} `FIELD_UNKNOWN`, `VALUE_INVALID` */
  readonly add: (draft: Draft, change: Change) => Promise<DataRecord>
  /** @throws {LedgerError} `RECORD_UNKNOWN`, `FIELD_UNKNOWN`, `VALUE_INVALID`, `LABEL_MISSING`, `LABEL_WIDENS` */
  readonly edit: (id: RecordId, edit: Edit, change: Change) => Promise<DataRecord>
  /** Sets the status to `withdrawn`; a re-import does not undo it. @throws {LedgerError} `RECORD_UNKNOWN` */
  readonly withdraw: (id: RecordId, change: Change) => Promise<DataRecord>
  readonly get: (id: RecordId) => DataRecord | null
  readonly list: (filter?: RecordFilter, page?: Page) => DataRecord[]
  /** Oldest first. @throws {LedgerError} `RECORD_UNKNOWN` */
  readonly history: (id: RecordId) => Promise<HistoryEntry[]>
  /** Calls back after each commit with the ids that are new or differ; must not throw. The function returned ends it. */
  readonly on: (listener: (ids: readonly string[]) => void) => () => void
  readonly shards: () => string[]
  /** A shard as another node of the nation takes it in. @throws {LedgerError} `SHARD_UNKNOWN` */
  readonly exportShard: (shard: string) => Promise<Uint8Array>
  /** Merges another replica's shard. @throws {LedgerError} `SHARD_INVALID` */
  readonly importShard: (shard: string, saved: Uint8Array) => Promise<void>
}

export interface LedgerDeps {
  readonly db: Database
  readonly clock: Clock
  readonly nation: Nation
  /** Node id, hex; tells this node's writes from those of the nation's other nodes. */
  readonly actor: string
  readonly randomBytes: (size: number) => Uint8Array
  readonly onProjected?: OnProjected
}

/** Records in one Automerge document: small ones load in milliseconds, and a change costs by the document. */
const shardCapacity = 256

/** Opens the ledger, and first completes the projection of whatever a crash left on disk. */
export async function createLedger(deps: LedgerDeps): Promise<Ledger> {
  const { db, clock, randomBytes } = deps
  // 64 bits tell the nodes of one nation apart. Hashed, because ids of one key type begin alike.
  const actor = hash('sha256', deps.actor).slice(0, 16)
  const storage = createSqliteAutomergeStorage(db)
  const shards = createShards({ storage, peer: `${deps.nation}-${actor}`, randomBytes })
  const projection = createProjection(db, deps.onProjected ?? (() => {}))
  const reader = createReader(db)
  const listeners = new Set<(ids: readonly string[]) => void>()
  let turn: Promise<unknown> = Promise.resolve()
  let suspect = true

  /** Runs changes one after another; after a failure memory is dropped and the projection made good from disk. */
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const result = turn.then(async () => {
      if (suspect) await heal()
      return work()
    })
    turn = result.catch(() => undefined)
    return result
  }

  const heal = async (): Promise<void> => {
    suspect = true
    await shards.reset()
    for (const shard of projection.stale()) await projectShard(shard)
    suspect = false
  }

  const projectShard = async (id: string): Promise<void> => {
    const heads = await shards.heads(id)
    const unchanged = projection.headsOf(id) === heads
    announce(
      projection.project({ id, heads }, unchanged ? [] : (await shards.read(id)).map(renderRecord)),
    )
  }

  const announce = (records: readonly DataRecord[]): void => {
    if (records.length === 0) return
    const ids = records.map((record) => record.id)
    for (const listener of listeners) listener(ids)
  }

  /** The one way a change becomes durable: one Automerge change, flush, projection, listeners. */
  const commit = async (
    id: string,
    records: readonly StoredRecord[],
    note: ChangeNote,
    drafts?: ReadonlyMap<string, string>,
  ): Promise<DataRecord[]> => {
    const rendered = records.map(renderRecord)
    suspect = true
    const heads = await shards.write(id, records, note)
    const changed = projection.project({ id, heads }, rendered, drafts)
    suspect = false
    announce(changed)
    return changed
  }

  const noteOf = (change: Change): ChangeNote => ({ ...change, atMs: clock.nowMs() })
  const newId = (): RecordId => RecordId.parse(`urn:entente:${toHex(randomBytes(16))}`)

  /** Puts new records into shards of this node that have room, then into new ones. */
  const insert = async (
    records: readonly StoredRecord[],
    note: ChangeNote,
    drafts?: ReadonlyMap<string, string>,
  ): Promise<void> => {
    for (let done = 0; done < records.length; ) {
      const shard = projection.roomiest(shardCapacity) ?? {
        id: await shards.create(note),
        records: 0,
      }
      const part = records.slice(done, done + shardCapacity - shard.records)
      await commit(shard.id, part, note, drafts)
      done += part.length
      await breathe()
    }
  }

  const document = async (shard: string) => {
    const doc = await shards.document(shard)
    if (doc === null)
      throw new LedgerError('SHARD_UNKNOWN', `${shard} is not a shard of this ledger`)
    return doc
  }

  const stored = async (id: RecordId): Promise<{ shard: string; record: StoredRecord }> => {
    const shard = projection.shardOf(id)
    const [record] = shard === undefined ? [] : await shards.read(shard, [id])
    if (shard === undefined || record === undefined)
      throw new LedgerError('RECORD_UNKNOWN', `${id} is not a record of this ledger`)
    return { shard, record }
  }

  const edit = async (id: RecordId, edit: Edit, change: Change): Promise<DataRecord> => {
    const { shard, record } = await stored(id)
    checkEdit(record, edit, change.widenedBy)
    const next = amend(record, edit, actor)
    if (next !== record) await commit(shard, [next], noteOf(change))
    return current(id)
  }

  const current = (id: RecordId): DataRecord => {
    const record = reader.get(id)
    if (record === null)
      throw new LedgerError('RECORD_UNKNOWN', `${id} is not a record of this ledger`)
    return record
  }

  const upsertBatch = async (
    rows: readonly SourceRow[],
    note: ChangeNote,
  ): Promise<UpsertSummary> => {
    const created: StoredRecord[] = []
    const known = new Map<string, Map<string, SourceRow>>()
    const drafts = new Map<string, string>()
    for (const row of rows) {
      const { naturalKey, draft } = row
      // Only to skip what is plainly the same: another order of keys is found out to be so by comparing.
      const digest = hash('sha256', JSON.stringify(draft), 'base64url')
      const found = projection.find({ ...draft, key: naturalKey })
      if (found?.draft === digest) continue
      const id = found ? RecordId.parse(found.record) : newId()
      drafts.set(id, digest)
      if (!found) created.push(toStored(id, draft, actor, naturalKey))
      else {
        const shard = projection.shardOf(id) ?? ''
        known.set(shard, (known.get(shard) ?? new Map<string, SourceRow>()).set(id, row))
      }
    }
    let updated = 0
    for (const [shard, byId] of known) {
      const next: StoredRecord[] = []
      for (const record of await shards.read(shard, [...byId.keys()])) {
        const row = byId.get(record.id) as SourceRow
        const absorbed = absorb(record, row.draft, actor)
        if (absorbed !== record) next.push(absorbed)
        else
          projection.noteDraft({ ...row.draft, key: row.naturalKey }, drafts.get(record.id) ?? '')
      }
      updated += next.length
      if (next.length > 0) await commit(shard, next, note, drafts)
      await breathe()
    }
    await insert(created, note, drafts)
    return { created: created.length, updated, unchanged: rows.length - created.length - updated }
  }

  await inTurn(async () => undefined)
  return {
    upsert: async (rows, change, onProgress) => {
      let done = 0
      let sum: UpsertSummary = { created: 0, updated: 0, unchanged: 0 }
      for await (const batch of batchesOf(rows)) {
        const part = await inTurn(() => upsertBatch(batch, noteOf(change)))
        sum = {
          created: sum.created + part.created,
          updated: sum.updated + part.updated,
          unchanged: sum.unchanged + part.unchanged,
        }
        done += batch.length
        onProgress?.(done)
      }
      return sum
    },
    add: (draft, change) =>
      inTurn(async () => {
        checkDraft(draft)
        const record = toStored(newId(), draft, actor)
        await insert([record], noteOf(change))
        return current(record.id)
      }),
    edit: (id, changes, change) => inTurn(() => edit(id, changes, change)),
    withdraw: (id, change) => inTurn(() => edit(id, { envelope: { status: 'withdrawn' } }, change)),
    get: reader.get,
    list: reader.list,
    history: (id) => inTurn(async () => historyOf(await document((await stored(id)).shard), id)),
    on: (listener) => {
      listeners.add(listener)
      return () => {
        listeners.delete(listener)
      }
    },
    shards: projection.shards,
    exportShard: (shard) => inTurn(async () => A.save(await document(shard))),
    importShard: (shard, saved) =>
      inTurn(async () => {
        checkShard(saved, await shards.document(shard))
        suspect = true
        // Only the node that made a shard adds records to it; this row says that it is not ours.
        if (projection.headsOf(shard) === undefined)
          projection.adopt({ id: shard, heads: '' }, false)
        await shards.merge(shard, saved)
        await projectShard(shard)
        suspect = false
      }),
    [Symbol.asyncDispose]: () => inTurn(() => shards.reset()),
  }
}

/** Lets the network and the screens have a turn between two shards of a long import. */
const breathe = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
