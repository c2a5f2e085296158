import {
  authoritiesThatSigned,
  digestOf,
  type LabelOrder,
  labelOrderType,
  labelsOrdered,
  valuesOrdered,
} from '@entente/schema'
import type { Deps } from '../deps.ts'
import { NodeError } from '../errors.ts'
import type { Edit } from '../ledger/record/amend-record.ts'
import type { Answer } from '../ledger/writing/hand-edits.ts'

/** Signatures of policy authorities on wider labels, and the state of the record that they saw. */
export interface SignedOrder {
  readonly base: string
  readonly signatures: readonly string[]
}

/**
 * Answers for the wider labels of an edit by an order that enough authorities have signed for exactly this: record, state,
 * labels, values and reason.
 * @throws {NodeError} `LABEL_ORDER_STALE`, `LABEL_ORDER_UNSIGNED`
 */
export const answerBy =
  (
    { nation, roster, verify }: Deps,
    edit: Edit,
    reason: string,
    { base, signatures }: SignedOrder,
  ): Answer =>
  (record, state) => {
    if (base !== state)
      throw new NodeError(
        'LABEL_ORDER_STALE',
        `${record.id} has changed since the order was signed: look at it and sign again`,
      )
    const labels = labelsOrdered(edit.set ?? {})
    const values = digestOf(valuesOrdered(record.fields, edit.set ?? {}))
    const order: LabelOrder = { nation, record: record.id, base, labels, values, reason }
    const member = roster.members.get(nation)
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
        `${names.length} of the ${needed} authorities needed have signed exactly these labels and values, for exactly this reason`,
      )
    return { by: names.join(', '), labels, order: { base, labels, values, signatures } }
  }

/**
 * Names the authorities that answer for an order which another node of the nation took; null where too few have signed it.
 * @see answerBy
 */
export const answersFor =
  ({ nation, roster, verify }: Pick<Deps, 'nation' | 'roster' | 'verify'>) =>
  (order: Omit<LabelOrder, 'nation'>, signatures: readonly string[]): boolean => {
    const member = roster.members.get(nation)
    const { authorities = [], policyQuorum = 1 } = member ?? {}
    const signed = { nation, ...order }
    const names = authoritiesThatSigned(labelOrderType, signed, signatures, authorities, verify)
    return names.length >= Math.max(1, policyQuorum)
  }
