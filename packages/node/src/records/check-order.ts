import {
  authoritiesThatSigned,
  type DataRecord,
  digestOf,
  type Label,
  type LabelOrder,
  labelOrderType,
} from '@entente/schema'
import type { Deps } from '../deps.ts'
import { NodeError } from '../errors.ts'

/** Signatures of policy authorities on a wider label, and the version of the record that they saw. */
export interface SignedOrder {
  readonly base: string
  readonly signatures: readonly string[]
}

/**
 * Names of the authorities who answer for the labels of an edit.
 * @throws {NodeError} `LABEL_ORDER_STALE`, `LABEL_ORDER_UNSIGNED`
 */
export function authoritiesOf(
  { nation, roster, verify }: Deps,
  record: DataRecord,
  labels: Readonly<Record<string, Label>>,
  reason: string,
  { base, signatures }: SignedOrder,
): string {
  if (base !== digestOf(record))
    throw new NodeError(
      'LABEL_ORDER_STALE',
      `${record.id} has changed since the order was signed: look at it and sign again`,
    )
  const member = roster.members.get(nation)
  const order: LabelOrder = { nation, record: record.id, base, labels, reason }
  const names = authoritiesThatSigned(
    labelOrderType,
    order,
    signatures,
    member?.authorities ?? [],
    verify,
  )
  const needed = Math.max(1, member?.policyQuorum ?? 1)
  if (names.length < needed)
    throw new NodeError(
      'LABEL_ORDER_UNSIGNED',
      `${names.length} of the ${needed} authorities needed have signed exactly these labels, for exactly this reason`,
    )
  return names.join(', ')
}
