import { hash } from 'node:crypto'
import {
  type DataRecord,
  type FormStep,
  type Kind,
  type Nation,
  RecordId,
  toHex,
} from '@entente/schema'
import {
  automergeStorageTables,
  createSqliteAutomergeStorage,
} from '../adapters/sqlite-automerge-storage.ts'
import type { Database } from '../adapters/sqlite-database.ts'
import type { Clock } from '../ports/clock.ts'
import type { OnStep } from '../steps.ts'
import { type Draft, type Edit, toStored } from './amend-record.ts'
import { checkDraft } from './check-edit.ts'
import { checkLedger } from './check-ledger.ts'
import { breathe, createCommitter } from './committer.ts'
import { type Compacted, createCompactor } from './compact-shard.ts'
import type { FieldConflict } from './conflicts.ts'
import { createExchange, type ShardExchange } from './exchange-shards.ts'
import type { Finding } from './finding.ts'
import { createHandEdits, type EditResult } from './hand-edits.ts'
import { type HistoryEntry, historiesOf } from './history.ts'
import { LedgerError } from './ledger-error.ts'
import { createForms } from './lift-record.ts'
import { createProjection, type OnProjected, projectionTables } from './projection.ts'
import { createReader, type Page, type RecordFilter } from './read-ledger.ts'
import { type RebuildSummary, rebuildTables } from './rebuild-tables.ts'
import { restoreEdit, versionOf } from './restore.ts'
import { revert } from './revert.ts'
import { createSeenEdits, type SeenEdits } from './seen-edits.ts'
import { createShards } from './shards.ts'
import { batchesOf, type SourceRow } from './source-rows.ts'
import type { ChangeNote, Stamp, StoredRecord } from './stored-record.ts'
import { type Compared, createUpserter, type OnTaken } from './upsert.ts'
import type { Writer } from './write-versions.ts'

export type { RebuildSummary } from './rebuild-tables.ts'

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

export interface UpsertOptions {
  /** Whether a policy authority has signed for the labels of these rows: else no label of a known field gets wider. */
  readonly mayWiden?: boolean
  /** Told of rows in the transaction that takes them in. */
  readonly onTaken?: OnTaken
}

/** Shards looked at, shards compacted, and bytes that the latter took before and take now. */
export interface CompactSummary extends Compacted {
  readonly shards: number
  readonly compacted: number
}

/** A change of one record that is to be taken back. */
export interface Reversal {
  readonly record: RecordId
  /** The record as it was; null if the change made it. */
  readonly before: StoredRecord | null
  readonly stamp: Stamp
}

/** What became of a reversal: taken back, in part (`kept` names fields changed since), or nothing was left of the change. */
export interface ReversalResult {
  readonly record: RecordId
  readonly outcome: 'removed' | 'reverted' | 'kept'
  readonly kept: readonly string[]
}

/**
 * The nation's own records: Automerge documents in the node's SQLite file, merged field by field, and their projection
 * for SQL. A change resolves when it is on disk and in the projection. Changes take turns.
 */
export interface Ledger extends SeenEdits, AsyncDisposable, ShardExchange {
  /** Names this node's writes in stamps. */
  readonly actor: string
  /**
   * Takes in rows of a source by natural key within dataset and originator. The same rows again change nothing; a field
   * edited by hand changes only when the source has changed it since. Never deletes. Durable shard by shard: after a
   * failure, run it again.
   */
  readonly upsert: (
    rows: AsyncIterable<SourceRow> | Iterable<SourceRow>,
    change: Change,
    options?: UpsertOptions,
  ) => Promise<UpsertSummary>
  /** What `upsert` of these rows would do now; keys occur once. Writes nothing. */
  readonly compare: (
    rows: readonly SourceRow[],
    options?: Pick<UpsertOptions, 'mayWiden'>,
  ) => Promise<readonly Compared[]>
  /** Takes back changes, shard by shard. @param onReverted told in the transaction that does it */
  readonly revert: (
    reversals: readonly Reversal[],
    change: Change,
    onReverted: (results: readonly ReversalResult[]) => void,
  ) => Promise<void>
  /** @throws {LedgerError} `FIELD_UNKNOWN`, `VALUE_INVALID` */
  readonly add: (draft: Draft, change: Change) => Promise<DataRecord>
  /** @throws {LedgerError} `RECORD_UNKNOWN`, `FIELD_UNKNOWN`, `VALUE_INVALID`, `LABEL_WIDENS` */
  readonly edit: (id: RecordId, edit: Edit, change: Change) => Promise<DataRecord>
  /** The same edit on many records; one that is refused leaves the others alone. @param onEdited told shard by shard */
  readonly editMany: (
    ids: readonly RecordId[],
    edit: Edit,
    change: Change,
    onEdited?: (results: readonly EditResult[]) => void,
  ) => Promise<void>
  /** What `edit` would make of a record; writes nothing. @throws as `edit` */
  readonly preview: (id: RecordId, edit: Edit, change: Change) => Promise<DataRecord>
  /** Fields that nodes of the nation edited apart. @throws {LedgerError} `RECORD_UNKNOWN` */
  readonly conflicts: (id: RecordId) => Promise<FieldConflict[]>
  /** Sets the status to `withdrawn`; a re-import does not undo it. @throws {LedgerError} `RECORD_UNKNOWN` */
  readonly withdraw: (id: RecordId, change: Change) => Promise<DataRecord>
  /**
   * Takes back a withdrawal (`to` null), or lets a record say what it said after its change number `to`, from 1. No label
   * gets wider by it. @throws {LedgerError} `RECORD_UNKNOWN`, `VERSION_UNKNOWN`
   */
  readonly restore: (id: RecordId, to: number | null, change: Change) => Promise<DataRecord>
  readonly get: (id: RecordId) => DataRecord | null
  readonly list: (filter?: RecordFilter, page?: Page) => DataRecord[]
  /** Oldest first. @throws {LedgerError} `RECORD_UNKNOWN` */
  readonly history: (id: RecordId) => Promise<HistoryEntry[]>
  /** The same of many records, each shard opened once; without those that are not of this ledger. */
  readonly histories: (
    ids: readonly RecordId[],
  ) => Promise<ReadonlyMap<RecordId, readonly HistoryEntry[]>>
  /** Calls back after each commit with the ids that are new or differ; must not throw. The function returned ends it. */
  readonly on: (listener: (ids: readonly string[]) => void) => () => void
  readonly shards: () => string[]
  /** Makes the tables anew from the shards. */
  readonly rebuild: (onShard?: (done: number, total: number) => void) => Promise<RebuildSummary>
  /** Says what is wrong with shards and the tables made from them, shard by shard. Changes nothing. */
  readonly check: (onShard?: (done: number, total: number) => void) => AsyncGenerator<Finding>
  /** Takes the past out of shards of this node that keep more than `over` changes; durable shard by shard. */
  readonly compact: (
    over: number,
    change: Change,
    onShard?: (done: number, total: number) => void,
  ) => Promise<CompactSummary>
}

export interface LedgerDeps {
  readonly db: Database
  readonly clock: Clock
  readonly nation: Nation
  /** Node id, hex; tells this node's writes from those of the nation's other nodes. */
  readonly actor: string
  readonly randomBytes: (size: number) => Uint8Array
  readonly onProjected?: OnProjected
  readonly onStep?: OnStep
  /** How records of each kind came to the form that this node knows (else as the kind says). */
  readonly formStepsOf?: (kind: Kind) => readonly FormStep[]
}

/** Opens the ledger, and first completes the projection of whatever a crash left on disk. */
export async function createLedger(deps: LedgerDeps): Promise<Ledger> {
  const { db, clock, randomBytes } = deps
  // 64 bits tell the nodes of one nation apart. Hashed, because ids of one key type begin alike.
  const actor = hash('sha256', deps.actor).slice(0, 16)
  const storage = createSqliteAutomergeStorage(db)
  const forms = createForms(deps.formStepsOf)
  const { lift } = forms
  const noteOf = (change: Change): ChangeNote => ({ ...change, atMs: clock.nowMs() })
  const writerOf = (change: Change): Writer => ({ actor, note: noteOf(change) })

  const peer = `${deps.nation}-${actor}`
  const shards = createShards({
    storage,
    peer,
    actor,
    randomBytes,
    lift,
    projected: (shard) => projection.headsOf(shard),
  })
  const { onProjected = () => {} } = deps
  const projection = createProjection({ db, storage, onProjected, form: forms.text })
  const reader = createReader(db)
  const committer = createCommitter({
    shards,
    projection,
    forms,
    actor,
    noteOf: (reason) => noteOf({ author: `node ${actor}`, reason }),
  })
  const exchange = createExchange(shards, projection, committer)
  const { onStep = () => {} } = deps
  const compactOne = createCompactor({ db, shards, projection, committer, lift, onStep })
  const { inTurn, commit, insert } = committer
  const newId = (): RecordId => RecordId.parse(`urn:entente:${toHex(randomBytes(16))}`)
  const upserter = createUpserter({ shards, projection, committer, newId, transact: db.transact })

  const document = async (shard: string) => {
    const doc = await shards.document(shard)
    if (doc === null)
      throw new LedgerError('SHARD_UNKNOWN', `${shard} is not a shard of this ledger`)
    return doc
  }

  const hand = createHandEdits(shards, projection, committer)

  const edit = async (id: RecordId, edit: Edit, change: Change): Promise<DataRecord> => {
    await hand.edit(id, edit, writerOf(change))
    return current(id)
  }

  const current = (id: RecordId): DataRecord => {
    const record = reader.get(id)
    if (record === null)
      throw new LedgerError('RECORD_UNKNOWN', `${id} is not a record of this ledger`)
    return record
  }

  /** Takes back changes within one shard: what they changed as one change, what they made as another. */
  const revertIn = async (
    shard: string,
    reversals: ReadonlyMap<string, Reversal>,
    by: Writer,
    onReverted: (results: readonly ReversalResult[]) => void,
  ): Promise<void> => {
    const next: StoredRecord[] = []
    const removed: ReversalResult[] = []
    const results: ReversalResult[] = []
    for (const record of await shards.read(shard, [...reversals.keys()])) {
      const { before, stamp } = reversals.get(record.id) as Reversal
      const reverted = revert(record, before && lift(before), stamp, by)
      const outcome =
        reverted.record === null ? 'removed' : reverted.record === record ? 'kept' : 'reverted'
      const result = { record: record.id, outcome, kept: reverted.kept } as const
      if (outcome === 'removed') removed.push(result)
      else results.push(result)
      if (reverted.record !== null && reverted.record !== record) next.push(reverted.record)
    }
    const also = () => {
      // What the source last said is no longer what stands: it is compared again when it comes again.
      for (const { record } of results) projection.forgetDraft(record)
      onReverted(results)
    }
    if (next.length > 0) await commit(shard, next, by.note, { also })
    else if (results.length > 0) db.transact(also)
    if (removed.length > 0) {
      const ids = removed.map(({ record }) => record)
      await committer.remove(shard, ids, by.note, () => onReverted(removed))
    }
    await breathe()
  }

  await inTurn(async () => undefined)
  return {
    actor,
    upsert: async (rows, change, { mayWiden = false, onTaken } = {}) => {
      const sum = { create: 0, update: 0, same: 0 }
      for await (const batch of batchesOf(rows))
        await inTurn(() =>
          upserter.take(batch, writerOf(change), mayWiden, (taken) => {
            onTaken?.(taken)
            for (const { outcome } of taken) sum[outcome]++
          }),
        )
      return { created: sum.create, updated: sum.update, unchanged: sum.same }
    },
    compare: (rows, { mayWiden = false } = {}) =>
      inTurn(() => upserter.compare(rows, writerOf({ author: '', reason: '' }), mayWiden)),
    revert: (reversals, change, onReverted) =>
      inTurn(async () => {
        const byShard = Map.groupBy(reversals, ({ record }) => projection.shardOf(record) ?? '')
        const gone = byShard.get('') ?? []
        byShard.delete('')
        if (gone.length > 0)
          db.transact(() =>
            onReverted(gone.map(({ record }) => ({ record, outcome: 'removed', kept: [] }))),
          )
        for (const [shard, of] of byShard)
          await revertIn(
            shard,
            new Map(of.map((each) => [each.record, each])),
            writerOf(change),
            onReverted,
          )
      }),
    add: (draft, change) =>
      inTurn(async () => {
        checkDraft(draft)
        const by = writerOf(change)
        const record = toStored(newId(), draft, by)
        await insert([record], by.note)
        return current(record.id)
      }),
    edit: (id, changes, change) => inTurn(() => edit(id, changes, change)),
    editMany: (ids, changes, change, onEdited) =>
      inTurn(() => hand.editMany(ids, changes, writerOf(change), onEdited)),
    ...createSeenEdits({ shards, projection, committer, writerOf, lift, transact: db.transact }),
    preview: (id, changes, change) => inTurn(() => hand.preview(id, changes, writerOf(change))),
    conflicts: (id) => inTurn(() => hand.conflicts(id)),
    withdraw: (id, change) => inTurn(() => edit(id, { envelope: { status: 'withdrawn' } }, change)),
    restore: (id, to, change) =>
      inTurn(async () => {
        const { shard, record } = await hand.stored(id)
        const history = historiesOf(await document(shard), new Set([id]), lift).get(id) ?? []
        return edit(id, restoreEdit(record, versionOf(history, to, id)), change)
      }),
    get: reader.get,
    list: reader.list,
    history: (id) =>
      inTurn(async () => {
        const { shard } = await hand.stored(id)
        return historiesOf(await document(shard), new Set([id]), lift).get(id) ?? []
      }),
    histories: (ids) =>
      inTurn(async () => {
        const found = new Map<RecordId, HistoryEntry[]>()
        for (const [shard, of] of Map.groupBy(ids, (id) => projection.shardOf(id) ?? '')) {
          if (shard === '') continue
          const histories = historiesOf(await document(shard), new Set<string>(of), lift)
          for (const id of of) found.set(id, histories.get(id) ?? [])
          await breathe()
        }
        return found
      }),
    on: committer.on,
    shards: projection.shards,
    rebuild: (onShard) => rebuildTables(db, shards, committer, onShard),
    check: (onShard) => checkLedger({ db, lift, inTurn }, onShard),
    compact: async (over, change, onShard) => {
      const own = projection.ownShards()
      const sum = { shards: own.length, compacted: 0, bytesBefore: 0, bytesAfter: 0 }
      for (const [i, shard] of own.entries()) {
        const done = await inTurn(() => compactOne(shard, over, noteOf(change)))
        if (done !== null) {
          sum.compacted++
          sum.bytesBefore += done.bytesBefore
          sum.bytesAfter += done.bytesAfter
        }
        onShard?.(i + 1, own.length)
        await breathe()
      }
      // What is deleted is overwritten in the file; the log beside it holds older pages until it is cut off.
      db.exec('PRAGMA wal_checkpoint(TRUNCATE)')
      return sum
    },
    exportShard: (shard) => inTurn(() => exchange.exportShard(shard)),
    importShard: (shard, saved) => inTurn(() => exchange.importShard(shard, saved)),
    [Symbol.asyncDispose]: () => inTurn(() => shards.reset()),
  }
}
