import type { HeldRow } from '../bundle/read-bundle.ts'
import type { AddFinding } from '../finding.ts'
import type { NationAudit } from '../nation-audit.ts'
import { historyOf, type RecordHistory, standingAt } from '../replay/released.ts'
import type { SignedAck } from '../statements/acknowledgements.ts'
import type { Feed } from '../statements/feeds.ts'

/** What the recipient holds in one feed, beside what the sender put there. */
export interface HeldInFeed {
  readonly feed: Feed
  readonly sender: NationAudit
  /** By record. */
  readonly held: ReadonlyMap<string, HeldRow>
  readonly acks: readonly SignedAck[]
  /** Last statement of the feed that the recipient has. */
  readonly reached: number
  /** Last statement of the feed that the recipient has acknowledged. */
  readonly acked: number
  readonly atMs: number
}

/** Every fragment held is the latest put not taken back, and every acknowledged put is held, refused or expired. */
export function joinHeld(join: HeldInFeed, found: AddFinding): void {
  const histories = historyOf(join.feed, join.sender.entries)
  for (const row of join.held.values()) checkRow(row, histories.get(row.record), join, found)
  const refused = refusedIn(join.acks)
  for (const [record, history] of histories) {
    const standing = standingAt(history, Infinity)
    if (standing === null || standing.put.seq > join.acked || join.held.has(record)) continue
    const { seq, digest, index } = standing.put
    if (refused.has(`${seq}`) || refused.has(`${seq} ${digest}`)) continue
    if ((join.sender.inputs.get(index)?.validUntil ?? Infinity) <= join.atMs) continue
    found(
      'JOIN_NOT_HELD',
      `${record} of leaf ${index} of ${join.sender.nation} is acknowledged, not held`,
    )
  }
}

function checkRow(
  { record, digest, fields }: HeldRow,
  history: RecordHistory | undefined,
  { sender, reached }: HeldInFeed,
  found: AddFinding,
): void {
  const what = `${record}, held from ${sender.nation},`
  if (history === undefined || history.puts.length === 0) {
    found('JOIN_WITHOUT_LEAF', `${what} was never released`)
    return
  }
  const standing = standingAt(history, reached)
  if (standing === null) {
    found('JOIN_KEPT', `${what} has been taken back`)
    return
  }
  const { entry, index } = standing.put
  const extra = fields.filter((field) => !standing.fields.includes(field))
  if (entry.digest !== digest) found('JOIN_DIGEST', `${what} is not the fragment of leaf ${index}`)
  else if (extra.some((field) => !entry.fields.includes(field)))
    found(
      'JOIN_DIGEST',
      `${what} has fields that leaf ${index} did not release: ${extra.join(', ')}`,
    )
  else if (extra.length > 0) found('JOIN_KEPT', `${what} still has ${extra.join(', ')}`)
}

/** Entries that the recipient has said it refused: `seq`, or `seq digest`. */
function refusedIn(acks: readonly SignedAck[]): ReadonlySet<string> {
  return new Set(
    acks.flatMap(({ ack }) =>
      ack.refused.map(({ seq, entry }) => (entry === null ? `${seq}` : `${seq} ${entry}`)),
    ),
  )
}
