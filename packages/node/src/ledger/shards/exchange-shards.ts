import * as A from '@automerge/automerge'
import { LedgerError } from '../ledger-error.ts'
import type { Projection } from '../tables/projection.ts'
import type { Committer } from '../writing/committer.ts'
import { checkShard, invalid } from './check-shard.ts'
import { placeOf } from './shard-line.ts'
import type { Shards } from './shards.ts'

/** How the nodes of one nation hand each other their shards. One call at a time. */
export interface ShardExchange {
  /** A shard as another node of the nation takes it in. @throws {LedgerError} `SHARD_UNKNOWN` */
  readonly exportShard: (shard: string) => Promise<Uint8Array>
  /**
   * Merges another replica's shard. One that took the place of a shard here does so here as well, and takes in what was
   * written here; one whose place was taken here hands over what was written to it. @throws {LedgerError} `SHARD_INVALID`
   */
  readonly importShard: (shard: string, saved: Uint8Array) => Promise<void>
}

export function createExchange(
  shards: Shards,
  projection: Projection,
  committer: Committer,
): ShardExchange {
  return {
    exportShard: async (shard) => {
      const doc = projection.lineOf(shard) === undefined ? null : await shards.document(shard)
      if (doc === null)
        throw new LedgerError('SHARD_UNKNOWN', `${shard} is not a shard of this ledger`)
      return A.save(doc)
    },
    importShard: async (shard, saved) => {
      const { replaces, records } = checkShard(saved, await shards.document(shard))
      const { line } = placeOf(shard, { replaces })
      const isElsewhere = (known: string) => (projection.lineOf(known) ?? line) !== line
      if ([shard, ...replaces].some(isElsewhere))
        throw invalid('it takes the place of a shard of another line')
      const strange = records.find((id) => isElsewhere(projection.shardOf(id) ?? shard))
      if (strange !== undefined) throw invalid(`${strange} is in another shard`)
      await committer.settle(
        async () => {
          await shards.merge(shard, saved)
          return shard
        },
        { ownIfUnsaid: false },
      )
    },
  }
}
