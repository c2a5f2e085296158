import type { Nation } from '@entente/schema'
import { type Audits, ackedSeq, compare, feedsTo } from './audits.ts'
import { createNameAt } from './names.ts'
import { always, isWithin, type Period } from './period.ts'

/** One record put to, or taken back from, one nation. */
export interface ReceivedRow {
  readonly sender: Nation
  /** Leaf of the sender's log. */
  readonly leaf: number
  readonly atMs: number
  readonly dataset: string
  readonly record: string
  readonly name: string | null
  readonly op: 'put' | 'drop'
  /** Fields put or taken back; null: the whole fragment was taken back. */
  readonly fields: readonly string[] | null
  /** Shareable ground of each field of a put. */
  readonly authority: readonly string[]
  /** Edition of the policy it was decided under; null: unknown. */
  readonly edition: number | null
  readonly acknowledged: boolean
}

export interface ReceivedFilter {
  readonly record?: string | undefined
  readonly dataset?: string | undefined
  readonly period?: Period | undefined
}

/** What a nation was released, by the logs of those who released it, in the order of their leaves. */
export function receivedBy(
  audits: Audits,
  nation: Nation,
  { record, dataset, period = always }: ReceivedFilter = {},
): readonly ReceivedRow[] {
  const rows: ReceivedRow[] = []
  for (const audit of audits.values()) {
    const nameAt = createNameAt(audit)
    for (const feed of feedsTo(audit, nation, dataset)) {
      const acked = ackedSeq(audits, audit, feed)
      for (const { index, kind, statement } of feed.statements) {
        if (kind !== 'release' || !isWithin(statement.at, period)) continue
        for (const { entry } of audit.entries.byLeaf.get(index) ?? [])
          if (record === undefined || entry.record === record)
            rows.push({
              sender: audit.nation,
              leaf: index,
              atMs: statement.at,
              dataset: statement.dataset,
              record: entry.record,
              name: nameAt(index, entry.record),
              op: entry.op,
              fields: entry.fields ?? null,
              authority: entry.op === 'put' ? entry.authority : [],
              edition: audit.policies.get(statement.policy)?.leaf.statement.edition ?? null,
              acknowledged: statement.seq <= acked,
            })
      }
    }
  }
  return rows.sort((a, b) => compare(a.sender, b.sender) || a.leaf - b.leaf)
}
