import type { Nation } from '@entente/schema'
import type { NationAudit } from '../nation-audit.ts'
import { historyOf, standingAt } from '../replay/released.ts'
import type { Feed } from '../statements/feeds.ts'
import { takingBack } from '../statements/nation-recalls.ts'
import { type Audits, compare, endedMs, feedsTo, logsOf } from './audits.ts'
import { createNameAt } from './names.ts'

/** One record that a nation could hold at an instant. */
export interface HeldRow {
  readonly sender: Nation
  readonly dataset: string
  readonly record: string
  readonly name: string | null
  readonly fields: readonly string[]
  /** When the put that stood then was decided, and its leaf. */
  readonly sinceMs: number
  readonly leaf: number
  readonly edition: number | null
}

/**
 * What a nation could hold at an instant: what had been put to it by then and neither taken back, recalled nor run out. Derived from
 * the history of puts, drops and recalls alone, by decision times; what a partner's own files show of today is another question.
 */
export function heldBy(audits: Audits, nation: Nation, atMs: number): readonly HeldRow[] {
  const rows: HeldRow[] = []
  for (const audit of audits.values()) {
    if (endedMs(audits, audit) <= atMs) continue
    const nameAt = createNameAt(audit)
    for (const feed of feedsTo(audit, nation)) {
      const last = feed.statements.findLast(({ statement }) => statement.at <= atMs)
      if (last === undefined || isReplaced(logsOf(audits, audit.nation), feed, atMs)) continue
      for (const [record, history] of historyOf(feed, audit.entries)) {
        const standing = standingAt(history, last.statement.seq)
        if (standing === null) continue
        const { index, seq, digest } = standing.put
        const recalled = audit.recalls.of(feed.id, seq, digest)
        if (recalled.some(({ statement }) => statement.at <= atMs)) continue
        const words = takingBack(audit.nationRecalls, audit, standing.put.entry)
        if (words.some(({ recall, isRevoked }) => !isRevoked && recall.at <= atMs)) continue
        if ((audit.inputs.get(index)?.validUntil ?? Infinity) <= atMs) continue
        const leaf = audit.leaves.byIndex.get(index)
        if (leaf?.kind !== 'release') continue
        rows.push({
          sender: audit.nation,
          dataset: leaf.statement.dataset,
          record,
          name: nameAt(index, record),
          fields: standing.fields,
          sinceMs: leaf.statement.at,
          leaf: index,
          edition: audit.policies.get(leaf.statement.policy)?.leaf.statement.edition ?? null,
        })
      }
    }
  }
  return rows.sort((a, b) => compare(a.sender, b.sender) || compare(a.record, b.record))
}

/** A reset has ended the feed by then: all that it had given counts as taken back. */
function isReplaced(logs: readonly NationAudit[], { id }: Feed, atMs: number): boolean {
  for (const { feeds } of logs)
    for (const { bySeq } of feeds.values()) {
      const first = bySeq.get(0)
      if (first?.kind === 'reset' && first.statement.replaces.feed === id)
        return first.statement.at <= atMs
    }
  return false
}
