import type { Nation } from '@entente/schema'
import { bodyCodeMeanings } from '../admit/codes.ts'
import type { Deps } from '../deps.ts'

/** One entry that was kept out. What it holds is not shown: nobody has vouched for it. */
export interface QuarantinedEntry {
  readonly nation: Nation
  readonly dataset: string
  readonly feed: string
  /** Statement of the feed. */
  readonly seq: number
  /** Digest of the entry in the statement. */
  readonly entry: string
  readonly record: string
  readonly code: string
  readonly meaning: string
}

export interface QuarantineApi {
  readonly feedQuarantine: (request: {
    readonly from?: Nation
  }) => Promise<{ readonly entries: readonly QuarantinedEntry[] }>
}

export const createQuarantineApi = ({ db }: Deps): QuarantineApi => ({
  feedQuarantine: async ({ from }) => {
    const rows = db
      .prepare(
        'SELECT sender, dataset, quarantine.feed AS feed, quarantine.seq AS seq, entry, record, code FROM quarantine JOIN feed_in ON feed_in.feed = quarantine.feed WHERE sender = coalesce(?, sender) ORDER BY 1, 2, 4, 5 LIMIT 1000',
      )
      .all(from ?? null)
    return {
      entries: rows.map(({ sender, ...row }) => {
        const one = { ...row, nation: sender } as unknown as Omit<QuarantinedEntry, 'meaning'>
        const meanings: Readonly<Record<string, string>> = bodyCodeMeanings
        return { ...one, meaning: meanings[one.code] ?? 'not known to this version' }
      }),
    }
  },
})
