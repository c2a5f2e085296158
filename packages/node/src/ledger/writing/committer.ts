import type { DataRecord } from '@entente/schema'
import { LedgerError } from '../ledger-error.ts'
import type { Forms } from '../record/lift-record.ts'
import { renderRecord } from '../record/render-record.ts'
import type { ChangeNote, StoredRecord } from '../record/stored-record.ts'
import { createSettle, type SettleDeps, type SettleOptions } from '../shards/settle-shard.ts'

/** What goes into the tables in the same transaction as a change. */
export interface Alongside {
  readonly drafts?: ReadonlyMap<string, string> | undefined
  readonly also?: (() => void) | undefined
}

/** The one way in which a change becomes durable: one Automerge change, and one transaction for it and its projection. Changes take turns. */
export interface Committer {
  /** Runs changes one after another; after a failure memory is dropped and the projection made good from disk. */
  readonly inTurn: <T>(work: () => Promise<T>) => Promise<T>
  readonly commit: (
    shard: string,
    records: readonly StoredRecord[],
    note: ChangeNote,
    alongside?: Alongside,
  ) => Promise<DataRecord[]>
  /** Puts new records into shards of this node that have room, then into new ones. @param alongside by the records of each part */
  readonly insert: (
    records: readonly StoredRecord[],
    note: ChangeNote,
    alongside?: (part: readonly StoredRecord[]) => Alongside,
  ) => Promise<void>
  readonly remove: (
    shard: string,
    ids: readonly string[],
    note: ChangeNote,
    also?: () => void,
  ) => Promise<void>
  /** Takes in a shard that `store` puts into the store as a whole. */
  readonly settle: (store: () => Promise<string>, options: SettleOptions) => Promise<void>
  readonly on: (listener: (ids: readonly string[]) => void) => () => void
}

/** Records in one Automerge document: small ones load in milliseconds, and a change costs by the document. */
const shardCapacity = 256

export interface CommitterDeps extends SettleDeps {
  readonly forms: Forms
}

export function createCommitter(deps: CommitterDeps): Committer {
  const { shards, projection, forms } = deps
  const settleOne = createSettle(deps)
  const listeners = new Set<(ids: readonly string[]) => void>()
  let turn: Promise<unknown> = Promise.resolve()
  let suspect = true

  const announce = (ids: readonly string[]): void => {
    if (ids.length === 0) return
    for (const listener of listeners) listener(ids)
  }

  const heal = async (): Promise<void> => {
    suspect = true
    await shards.reset()
    for (const shard of projection.stale()) await mend(shard, false)
    for (const shard of projection.outdated()) await mend(shard, true)
    suspect = false
  }

  /** A damaged shard stays as the tables have it: one that cannot be read must not keep the others shut. */
  const mend = async (shard: string, anew: boolean): Promise<void> => {
    try {
      await settle(shard, { ownIfUnsaid: true, anew })
    } catch (error) {
      if (!(error instanceof LedgerError) || error.code !== 'SHARD_DAMAGED') throw error
    }
  }

  const settle = async (shard: string, options: SettleOptions): Promise<void> => {
    const { changed, removed } = await settleOne(shard, options)
    announce([...changed.map((record) => record.id), ...removed])
  }

  const commit: Committer['commit'] = async (id, changed, note, alongside = {}) => {
    const records = changed.map(forms.mark)
    const rendered = records.map(renderRecord)
    suspect = true
    const heads = await shards.write(id, records, note)
    const differ = projection.project(
      { id, heads },
      { records: rendered, drafts: alongside.drafts, alongside: alongside.also },
    )
    suspect = false
    announce(differ.map((record) => record.id))
    return differ
  }

  return {
    inTurn: (work) => {
      const result = turn.then(async () => {
        if (suspect) await heal()
        return work()
      })
      turn = result.catch(() => undefined)
      return result
    },
    commit,
    insert: async (made, note, alongside) => {
      const records = made.map(forms.fresh)
      for (let done = 0; done < records.length; ) {
        const shard = projection.roomiest(shardCapacity) ?? {
          id: await shards.create(note),
          records: 0,
        }
        const part = records.slice(done, done + shardCapacity - shard.records)
        await commit(shard.id, part, note, alongside?.(part))
        done += part.length
        await breathe()
      }
    },
    remove: async (id, ids, note, also) => {
      suspect = true
      const heads = await shards.remove(id, ids, note)
      projection.project({ id, heads }, { records: [], removed: ids, alongside: also })
      suspect = false
      announce(ids)
    },
    settle: async (store, options) => {
      suspect = true
      await settle(await store(), options)
      suspect = false
    },
    on: (listener) => {
      listeners.add(listener)
      return () => {
        listeners.delete(listener)
      }
    },
  }
}

/** Lets the network and the screens have a turn between two shards of a long change. */
export const breathe = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
