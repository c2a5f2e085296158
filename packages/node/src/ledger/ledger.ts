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
import { checkLedger } from './keeping/check-ledger.ts'
import { type CompactSummary, createCompactor } from './keeping/compact-shard.ts'
import type { Finding } from './keeping/finding.ts'
import { type RebuildSummary, rebuildTables } from './keeping/rebuild-tables.ts'
import { LedgerError } from './ledger-error.ts'
import { type Draft, type Edit, toStored } from './record/amend-record.ts'
import { baseOf } from './record/base.ts'
import { checkDraft } from './record/check-edit.ts'
import type { FieldConflict } from './record/conflicts.ts'
import { createForms } from './record/lift-record.ts'
import type { ChangeNote } from './record/stored-record.ts'
import type { Writer } from './record/write-versions.ts'
import { authorsIn, type FieldAuthors } from './shards/authors-in.ts'
import { createExchange, type ShardExchange } from './shards/exchange-shards.ts'
import { type HistoryEntry, historiesOf } from './shards/history.ts'
import { createShards } from './shards/shards.ts'
import { createProjection, type OnProjected } from './tables/projection.ts'
import { projectionTables } from './tables/projection-tables.ts'
import { createReader, type Page, type RecordFilter } from './tables/read-ledger.ts'
import { breathe, createCommitter } from './writing/committer.ts'
import { type Answer, createHandEdits, type EditResult } from './writing/hand-edits.ts'
import { restoreEdit, versionOf } from './writing/restore.ts'
import { createSeenEdits, type SeenEdits } from './writing/seen-edits.ts'
import { batchesOf, type SourceRow } from './writing/source-rows.ts'
import { createTakeBack, type OnReverted, type Reversal } from './writing/take-back.ts'
import {
  type Compared,
  createUpserter,
  type OnTaken,
  type Shown,
  type Signed,
} from './writing/upsert.ts'

export const ledgerTables: string = automergeStorageTables + projectionTables

/** Who makes a change and why; the time is the clock's. */
export interface Change {
  readonly author: string
  readonly reason: string
  /** Who of which other nation suggested it. */
  readonly suggestedBy?: string
  /** Digest of the statement that did. */
  readonly suggestion?: string
}

export interface UpsertSummary {
  readonly created: number
  readonly updated: number
  readonly unchanged: number
}

export interface UpsertOptions {
  /** Policy authorities who have signed for these rows: without them no label of a known field gets wider, and no tag goes. */
  readonly widenedBy?: string | null
  /** Whether the source itself names the label of a field; absent: of every one. A default widens nothing, whoever signed. */
  readonly names?: Signed['names']
  /** Told of rows in the transaction that takes them in. */
  readonly onTaken?: OnTaken
  readonly shown?: Shown
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
    options?: Pick<UpsertOptions, 'widenedBy' | 'names'>,
  ) => Promise<readonly Compared[]>
  /** Takes back changes, shard by shard. @param onReverted told in the transaction that does it */
  readonly revert: (
    reversals: readonly Reversal[],
    change: Change,
    onReverted: OnReverted,
  ) => Promise<void>
  /** @throws {LedgerError} `FIELD_UNKNOWN`, `VALUE_INVALID` */
  readonly add: (draft: Draft, change: Change) => Promise<DataRecord>
  /** @throws {LedgerError} `RECORD_UNKNOWN`, `FIELD_UNKNOWN`, `VALUE_INVALID`, `LABEL_WIDENS` */
  readonly edit: (id: RecordId, edit: Edit, change: Change, answer?: Answer) => Promise<DataRecord>
  /** Names the state that the record is in now; see `baseOf`. @throws {LedgerError} `RECORD_UNKNOWN` */
  readonly base: (id: RecordId) => Promise<string>
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
  /**
   * Who wrote the values that these records show now, by record and field; of fields that were edited apart all who did. Without
   * those that are not of this ledger.
   */
  readonly authors: (ids: readonly RecordId[]) => Promise<ReadonlyMap<RecordId, FieldAuthors>>
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
  const exchange = createExchange(shards, projection, committer, lift, (reason) =>
    writerOf({ author: `node ${actor}`, reason }),
  )
  const { onStep = () => {} } = deps
  const compact = createCompactor({ db, shards, projection, committer, lift, onStep })
  const { transact } = db
  const takeBack = createTakeBack({ shards, projection, committer, lift, transact })
  const { inTurn, insert } = committer
  const newId = (): RecordId => RecordId.parse(`urn:entente:${toHex(randomBytes(16))}`)
  const upserter = createUpserter({ shards, projection, committer, newId, transact })

  const document = async (shard: string) => {
    const doc = await shards.document(shard)
    if (doc === null)
      throw new LedgerError('SHARD_UNKNOWN', `${shard} is not a shard of this ledger`)
    return doc
  }

  const hand = createHandEdits(shards, projection, committer)

  const edit = async (
    id: RecordId,
    edit: Edit,
    change: Change,
    answer?: Answer,
  ): Promise<DataRecord> => {
    await hand.edit(id, edit, writerOf(change), answer)
    return current(id)
  }

  const current = (id: RecordId): DataRecord => {
    const record = reader.get(id)
    if (record === null)
      throw new LedgerError('RECORD_UNKNOWN', `${id} is not a record of this ledger`)
    return record
  }

  await inTurn(async () => undefined)
  return {
    actor,
    upsert: async (rows, change, { onTaken, shown, ...options } = {}) => {
      const sum = { create: 0, update: 0, same: 0, kept: 0 }
      for await (const batch of batchesOf(rows))
        await inTurn(() =>
          upserter.take(
            batch,
            writerOf(change),
            signedOf(options),
            (taken) => {
              onTaken?.(taken)
              for (const { outcome } of taken) sum[outcome]++
            },
            shown,
          ),
        )
      return { created: sum.create, updated: sum.update, unchanged: sum.same }
    },
    compare: (rows, options = {}) =>
      inTurn(() => upserter.compare(rows, writerOf({ author: '', reason: '' }), signedOf(options))),
    revert: (reversals, change, onReverted) =>
      inTurn(() => takeBack(reversals, writerOf(change), onReverted)),
    add: (draft, change) =>
      inTurn(async () => {
        checkDraft(draft)
        const by = writerOf(change)
        const record = toStored(newId(), draft, by)
        await insert([record], by.note)
        return current(record.id)
      }),
    edit: (id, changes, change, answer) => inTurn(() => edit(id, changes, change, answer)),
    base: (id) => inTurn(async () => baseOf((await hand.stored(id)).record)),
    editMany: (ids, changes, change, onEdited) =>
      inTurn(() => hand.editMany(ids, changes, writerOf(change), onEdited)),
    ...createSeenEdits({ shards, projection, committer, writerOf, lift, transact }),
    preview: (id, changes, change) => inTurn(() => hand.preview(id, changes, writerOf(change))),
    conflicts: (id) => inTurn(() => hand.conflicts(id)),
    withdraw: (id, change) => inTurn(() => edit(id, { envelope: { status: 'withdrawn' } }, change)),
    restore: (id, to, change) =>
      inTurn(async () => {
        const { shard, record } = await hand.stored(id)
        const history = historiesOf(await document(shard), new Set([id]), lift).get(id) ?? []
        return edit(id, restoreEdit(record, versionOf(history, to, id)), change)
      }),
    authors: (ids) =>
      inTurn(async () => {
        const found: [RecordId, FieldAuthors][] = []
        for (const [shard, of] of Map.groupBy(ids, (id) => projection.shardOf(id) ?? '')) {
          if (shard === '') continue
          found.push(...authorsIn(await document(shard), await shards.read(shard, of), lift))
          await breathe()
        }
        return new Map(found)
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
    compact: (over, change, onShard) => compact(over, () => noteOf(change), onShard),
    exportShard: (shard) => inTurn(() => exchange.exportShard(shard)),
    importShard: (shard, saved, answersFor) =>
      inTurn(() => exchange.importShard(shard, saved, answersFor)),
    shardHeads: exchange.shardHeads,
    withShard: (shard, look) => inTurn(() => exchange.withShard(shard, look)),
    [Symbol.asyncDispose]: () => inTurn(() => shards.reset()),
  }
}

const signedOf = ({
  widenedBy = null,
  names = () => true,
}: Pick<UpsertOptions, 'widenedBy' | 'names'>): Signed | null =>
  widenedBy === null ? null : { by: widenedBy, names }
