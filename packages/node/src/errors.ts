export type NodeCode =
  | 'FROZEN'
  | 'ASKING'
  | 'NO_POLICY'
  | 'POLICY_REFUSED'
  | 'POLICY_SUPERSEDED'
  | 'POLICY_BANDS_CHANGED'
  | 'PLAN_CHANGED'
  | 'NOTHING_TO_RELEASE'
  | 'RECORD_UNKNOWN'
  | 'PARTNER_UNKNOWN'
  | 'DATASET_UNKNOWN'
  | 'KIND_UNKNOWN'
  | 'FIELD_INVALID'
  | 'SELECTION_CHANGED'
  | 'NAME_UNKNOWN'
  | 'LINK_CONTRADICTS'
  | 'LINK_UNKNOWN'
  | 'APPROVAL_SIGNER'
  | 'APPROVAL_AUTHOR'
  | 'APPROVAL_STALE'
  | 'APPROVAL_EXPIRED'
  | 'APPROVAL_UNKNOWN'
  | 'LABEL_ORDER_STALE'
  | 'LABEL_ORDER_UNSIGNED'
  | 'CLOCK_BEHIND'
  | 'HEAD_MISMATCH'
  | 'LOG_CONFLICT'
  | 'LOG_UNKNOWN'
  | 'HANDED_OVER'
  | 'LEAF_UNKNOWN'
  | 'RECALL_REFUSED'
  | 'ERASE_REFUSED'
  | 'FEED_UNKNOWN'
  | 'RECOVER_SOURCE'
  | 'RECOVER_INCOMPLETE'
  | 'RECOVER_MISMATCH'
  | 'RECOVER_NOT_NEEDED'
  | 'ADDRESS_UNUSABLE'
  | 'FILE_UNREADABLE'
  | 'FOLDER_NOT_EMPTY'
  | 'NOT_SETTLED'
  | 'NO_ROSTER'
  | 'NOT_IN_ROSTER'

/** The node cannot do what it was asked; the message says why and what to do. */
export class NodeError extends Error {
  override readonly name = 'NodeError'
  readonly code: NodeCode
  constructor(code: NodeCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
