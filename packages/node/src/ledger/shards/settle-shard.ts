import type { DataRecord } from '@entente/schema'
import { renderRecord } from '../record/render-record.ts'
import type { ChangeNote } from '../record/stored-record.ts'
import type { Projection } from '../tables/projection.ts'
import { changesNothing, mergeContent } from './merge-content.ts'
import { outranks, placeOf } from './shard-line.ts'
import type { Shards } from './shards.ts'

export interface SettleOptions {
  /** Whether a shard that does not say who made it is this node's. */
  readonly ownIfUnsaid: boolean
  /** Also where the shard is the one projected: what it says is rendered in another form now. */
  readonly anew?: boolean
  /** Done in the same transaction. */
  readonly alongside?: (() => void) | undefined
}

/** What settling a shard changed in the tables. */
export interface Settled {
  readonly changed: readonly DataRecord[]
  readonly removed: readonly string[]
}

export interface SettleDeps {
  readonly shards: Shards
  readonly projection: Projection
  readonly actor: string
  /** Note of a change by which one shard takes in what was written to another of its line. */
  readonly noteOf: (reason: string) => ChangeNote
}

/**
 * Brings a stored shard into the tables. Where another shard of its line stands there, the one that outranks the other
 * takes in what the other holds, record by record, and the other goes, all in one transaction. Idempotent.
 */
export function createSettle({ shards, projection, actor, noteOf }: SettleDeps) {
  /** Renders every record of a shard. @param before another shard, whose place it takes */
  const projectWhole = async (
    id: string,
    { ownIfUnsaid, alongside }: SettleOptions,
    before?: string,
  ): Promise<Settled> => {
    const [heads, origin] = [await shards.heads(id), await shards.origin(id)]
    const records = (await shards.read(id)).map(renderRecord)
    const there = new Set(records.map(({ record }) => record.id as string))
    const removed = [id, ...(before === undefined ? [] : [before])]
      .flatMap(projection.recordsIn)
      .filter((known) => !there.has(known))
    const own = origin.maker === null ? ownIfUnsaid : origin.maker === actor
    const changed = projection.project(
      { ...placeOf(id, origin), heads, own },
      { records, removed, whole: true, takesPlaceOf: before, alongside },
    )
    return { changed, removed }
  }

  return async (id: string, options: SettleOptions): Promise<Settled> => {
    const { anew = false, alongside } = options
    const place = placeOf(id, await shards.origin(id))
    const current = projection.currentOf(place.line)
    if (current === undefined || current.id === id) {
      const heads = await shards.heads(id)
      if (anew || projection.headsOf(id) !== heads) return projectWhole(id, options)
      projection.project({ id, heads }, { records: [], alongside })
      return { changed: [], removed: [] }
    }
    const [winner, loser] = outranks(place, current) ? [place, current] : [current, place]
    const change = mergeContent(await shards.content(winner.id), await shards.content(loser.id))
    const heads = changesNothing(change)
      ? await shards.heads(winner.id)
      : await shards.apply(winner.id, change, noteOf(`taken in from shard ${loser.id}`))
    await shards.drop(loser.id)
    if (winner === place) return projectWhole(id, options, loser.id)
    const { removed } = change
    const records = change.put.map(renderRecord)
    const changed = projection.project({ id: winner.id, heads }, { records, removed, alongside })
    return { changed, removed }
  }
}
