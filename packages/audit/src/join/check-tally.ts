import type { Tally } from '@entente/schema'
import type { AddFinding } from '../finding.ts'
import { latestOf, type SignedAck } from '../statements/acknowledgements.ts'
import type { Feed } from '../statements/feeds.ts'

/**
 * Step 10, tallies: what a recipient says, signed, became of the entries of a feed adds up to the entries that the sender's statements
 * name. A feed of which a statement is missing or erased cannot be counted.
 */
export function checkTally(feed: Feed, acks: readonly SignedAck[], found: AddFinding): void {
  const latest = latestOf(acks)?.ack
  if (latest?.tally === undefined || !feed.sound || feed.erasedTo >= 0) return
  let entries = 0
  for (const { kind, statement } of feed.statements)
    if (kind === 'release' && statement.seq <= latest.seq) entries += statement.entries.length
  if (latest.tally.entries === entries && sumOf(latest.tally) === entries) return
  found(
    'TALLY_DIFFERS',
    `feed ${feed.id} to ${latest.seq}: ${latest.by} counts ${latest.tally.entries} entries, ${sumOf(latest.tally)} by what became of them; ${latest.to} sealed ${entries}`,
  )
}

const sumOf = ({ accepted, refused, unchanged, unopened }: Tally): number =>
  accepted + refused + unchanged + unopened
