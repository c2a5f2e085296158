import type { Nation } from '@entente/schema'
import type { Audits } from './audits.ts'

/** One release decided under a policy. */
export interface PolicyRow {
  readonly nation: Nation
  readonly leaf: number
  readonly atMs: number
  readonly recipient: Nation
  readonly dataset: string
  readonly effect: 'widen' | 'narrow'
  /** Entries: records put, or taken back. */
  readonly entries: number
  /** Digest of the plan that an officer ran; null: by rule. */
  readonly plan: string | null
}

/** Every release that was decided under this edition of its nation's policy. */
export function releasedUnder(audits: Audits, edition: number): readonly PolicyRow[] {
  const rows: PolicyRow[] = []
  for (const { nation, leaves, policies, inputs } of audits.values())
    for (const { index, kind, statement } of leaves.byIndex.values()) {
      if (kind !== 'release') continue
      if (policies.get(statement.policy)?.leaf.statement.edition !== edition) continue
      rows.push({
        nation,
        leaf: index,
        atMs: statement.at,
        recipient: statement.recipient,
        dataset: statement.dataset,
        effect: statement.effect,
        entries: statement.entries.length,
        plan: inputs.get(index)?.plan ?? null,
      })
    }
  return rows
}
