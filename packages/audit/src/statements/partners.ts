import type { Nation } from '@entente/schema'
import type { AddFinding } from '../finding.ts'
import type { Leaves } from './leaves.ts'

/** A nation that the log says is cut off is given nothing more until the log says that it is paired anew; what narrows may still go. */
export function checkRevokedPartners(
  { byIndex }: Pick<Leaves, 'byIndex'>,
  found: AddFinding,
): void {
  const revoked = new Map<Nation, number>()
  for (const leaf of byIndex.values()) {
    if (leaf.kind === 'partner') {
      const { action, partner } = leaf.statement
      if (action === 'revoke') revoked.set(partner, leaf.index)
      else revoked.delete(partner)
    } else if (leaf.kind === 'release' && leaf.statement.effect === 'widen') {
      const { recipient } = leaf.statement
      const since = revoked.get(recipient)
      if (since !== undefined)
        found(
          'PARTNER_REVOKED',
          `release ${leaf.index} gives to ${recipient}, which leaf ${since} has cut off`,
          leaf.index,
        )
    }
  }
}
