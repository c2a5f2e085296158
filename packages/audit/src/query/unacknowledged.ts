import type { Nation } from '@entente/schema'
import { type Audits, ackedSeq, compare } from './audits.ts'

/** One statement to a nation that it has not acknowledged. */
export interface UnacknowledgedRow {
  readonly sender: Nation
  readonly recipient: Nation
  readonly leaf: number
  readonly atMs: number
  readonly kind: string
  /** Dataset or document; null: the control feed. */
  readonly subject: string | null
  readonly seq: number
}

/** Statements of every feed behind the furthest acknowledgement that either side shows. */
export function unacknowledged(audits: Audits): readonly UnacknowledgedRow[] {
  const rows: UnacknowledgedRow[] = []
  for (const audit of audits.values())
    for (const feed of audit.feeds.values()) {
      const acked = ackedSeq(audits, audit, feed)
      for (const { index, kind, statement } of feed.statements)
        if (statement.seq > acked)
          rows.push({
            sender: audit.nation,
            recipient: feed.recipient,
            leaf: index,
            atMs: statement.at,
            kind,
            subject: feed.subject.name || null,
            seq: statement.seq,
          })
    }
  return rows.sort((a, b) => compare(a.sender, b.sender) || a.leaf - b.leaf)
}
