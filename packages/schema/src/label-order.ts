import type { Label } from './label.ts'
import type { Nation } from './nation.ts'

/**
 * What a policy authority signs to widen labels of one record by hand. `base` is the digest of the record as the
 * authority saw it: after any other change the order is stale, so an old one can never be used again.
 */
export interface LabelOrder {
  readonly nation: Nation
  readonly record: string
  readonly base: string
  readonly labels: Readonly<Record<string, Label>>
  readonly reason: string
}
export const labelOrderType = 'entente-label-order'
