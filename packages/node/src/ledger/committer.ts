import type { DataRecord } from '@entente/schema'
import type { Forms } from './lift-record.ts'
import type { Projection } from './projection.ts'
import { renderRecord } from './render-record.ts'
import type { Shards } from './shards.ts'
import type { ChangeNote, StoredRecord } from './stored-record.ts'

/** What goes into the tables in the same transaction as a change. */
export interface Alongside {
  readonly drafts?: ReadonlyMap<string, string> | undefined
  readonly also?: (() => void) | undefined
}

/** The one way in which a change becomes durable: one Automerge change, flush, projection, listeners. Changes take turns. */
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
  /** Takes in a shard that was changed as a whole. */
  readonly replace: (shard: string, work: () => Promise<void>) => Promise<void>
  readonly on: (listener: (ids: readonly string[]) => void) => () => void
}

/** Records in one Automerge document: small ones load in milliseconds, and a change costs by the document. */
const shardCapacity = 256

export function createCommitter(shards: Shards, projection: Projection, forms: Forms): Committer {
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
    for (const shard of projection.stale()) await projectWhole(shard)
    for (const shard of projection.outdated()) await projectWhole(shard, true)
    suspect = false
  }

  /** @param anew also where the shard is the one projected: what it says is rendered in another form now */
  const projectWhole = async (id: string, anew = false): Promise<void> => {
    const heads = await shards.heads(id)
    const whole = anew || projection.headsOf(id) !== heads
    const records = whole ? (await shards.read(id)).map(renderRecord) : []
    const there = new Set(records.map(({ record }) => record.id as string))
    const removed = whole ? projection.recordsIn(id).filter((known) => !there.has(known)) : []
    const changed = projection.project({ id, heads }, { records, removed, whole })
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
    replace: async (id, work) => {
      suspect = true
      // Only the node that made a shard adds records to it; this row says that it is not ours.
      if (projection.headsOf(id) === undefined) projection.adopt({ id, heads: '' }, false)
      await work()
      await projectWhole(id)
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
