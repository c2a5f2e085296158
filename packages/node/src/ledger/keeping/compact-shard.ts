import * as A from '@automerge/automerge'
import { chunkBytesOf } from '../../adapters/sqlite-automerge-storage.ts'
import type { Database } from '../../adapters/sqlite-database.ts'
import type { OnStep } from '../../steps.ts'
import { type ChangeNote, registersOf, type StoredRecord } from '../record/stored-record.ts'
import { notesIn, withNotes } from '../shards/history.ts'
import type { ShardContent } from '../shards/shard-document.ts'
import type { Shards } from '../shards/shards.ts'
import type { Projection } from '../tables/projection.ts'
import { breathe, type Committer } from '../writing/committer.ts'

/** What compaction did to one shard; sizes are those of its stored chunks. */
export interface Compacted {
  readonly bytesBefore: number
  readonly bytesAfter: number
}

/** Shards looked at, shards compacted, and bytes that the latter took before and take now. */
export interface CompactSummary extends Compacted {
  readonly shards: number
  readonly compacted: number
}

export interface CompactDeps {
  readonly db: Database
  readonly shards: Shards
  readonly projection: Projection
  readonly committer: Committer
  readonly lift: (record: StoredRecord) => StoredRecord
  readonly onStep: OnStep
}

/**
 * Takes the past out of a shard of this node. Automerge keeps every change for ever, so a new shard is made that holds what
 * the old one holds now: current versions, conflicts, who wrote them, what was taken out. It takes the old one's place here
 * in one transaction, and at every other node that it comes to. Durable shard by shard; the ledger goes on between two.
 */
export function createCompactor({ db, shards, projection, committer, lift, onStep }: CompactDeps) {
  /** Versions from before notes were kept know their author from the history alone. */
  const lasting = (doc: Parameters<typeof notesIn>[0], { records, gone }: ShardContent) => {
    const complete = [...records.values()].every((record) =>
      registersOf(record).every((register) => register.every(({ note }) => note !== undefined)),
    )
    if (complete) return { records, gone }
    const noteOf = notesIn(doc, lift)
    return {
      records: new Map([...records].map(([id, record]) => [id, withNotes(record, noteOf)])),
      gone,
    }
  }

  /** @returns null when the shard has no more changes than that, or has lost its place */
  const compactOne = async (
    shard: string,
    over: number,
    note: ChangeNote,
  ): Promise<Compacted | null> => {
    const doc = projection.lineOf(shard) === undefined ? null : await shards.document(shard)
    if (doc === null || A.stats(doc).numChanges <= over) return null
    const bytesBefore = chunkBytesOf(db, shard)
    const { replaces } = await shards.origin(shard)
    const content = lasting(doc, await shards.content(shard))
    let successor = ''
    await committer.settle(
      async () => {
        successor = await shards.create(note, content, [shard, ...replaces])
        return successor
      },
      { ownIfUnsaid: true, alongside: () => onStep('compact:written') },
    )
    onStep('compact:moved')
    return { bytesBefore, bytesAfter: chunkBytesOf(db, successor) }
  }

  /** @param over how many changes a shard may keep */
  return async (
    over: number,
    noteOf: () => ChangeNote,
    onShard?: (done: number, total: number) => void,
  ): Promise<CompactSummary> => {
    const own = projection.ownShards()
    const sum = { shards: own.length, compacted: 0, bytesBefore: 0, bytesAfter: 0 }
    for (const [i, shard] of own.entries()) {
      const done = await committer.inTurn(() => compactOne(shard, over, noteOf()))
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
  }
}
