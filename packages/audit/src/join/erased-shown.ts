import { fromHex, peekJws } from '@entente/schema'
import { z } from 'zod'
import type { NationAudit } from '../nation-audit.ts'
import { digestJws, entryOf } from '../statements/open-leaf.ts'

/** Statements that a sender has erased, and that a recipient still shows. */
export interface ErasedShown {
  /** The last one of a feed; -1: none. */
  readonly lastOf: (feed: string) => number
  /** By digest of the statement. */
  readonly has: (statement: string) => boolean
}

const InFeed = z.looseObject({ feed: z.string().nullable(), seq: z.int().min(0) })

/** What the recipient shows of leaves that the sender has erased: it is the very statement, by the entry that stays. */
export function erasedShownBy(
  { history, leaves }: NationAudit,
  rows: NationAudit['bundle']['received'],
  hash: Parameters<typeof digestJws>[1],
): ErasedShown {
  const last = new Map<string, number>()
  const digests = new Set<string>()
  for (const { index, jws, salt } of rows) {
    if (!leaves.erased.has(index)) continue
    if (!history.holds(index, entryOf(jws, fromHex(salt), hash))) continue
    // The sender signed it: that is checked where what was received is.
    const said = InFeed.safeParse(peekJws(jws).payload)
    if (!said.success) continue
    const digest = digestJws(jws, hash)
    const feed = said.data.feed ?? digest
    digests.add(digest)
    last.set(feed, Math.max(last.get(feed) ?? -1, said.data.seq))
  }
  return { lastOf: (feed) => last.get(feed) ?? -1, has: (statement) => digests.has(statement) }
}
