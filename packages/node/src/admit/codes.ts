import type { JwsCode } from '@entente/schema'
import type { VerificationCode } from '@entente/tlog'

/** Why something a partner sent was not admitted, by the commit that refused it. */
export type EvidenceCode =
  | VerificationCode
  | 'CHECKPOINT_BASE'
  | 'CHECKPOINT_ROLLBACK'
  | 'CHECKPOINT_FORK'
  | 'ORIGIN_FORKED'
  | 'ORIGIN_UNPROVEN'
export type StatementCode =
  | JwsCode
  | VerificationCode
  | 'STATEMENT_FORM'
  | 'STATEMENT_ORIGIN'
  | 'STATEMENT_RECIPIENT'
  | 'STATEMENT_KIND'
  | 'KEY_REVOKED'
  | 'UPGRADE_NEEDED'
  | 'FEED_UNKNOWN'
  | 'FEED_GAP'
  | 'FEED_CHAIN'
  | 'FEED_DATASET'
  | 'FEED_CLOSED'
  | 'RESET_MISMATCH'
  | 'RECALL_MISMATCH'
  | 'PURGE_UNKNOWN'
  | 'PURGE_PENDING'
  | 'BODY_DIGEST'
  | 'REQUEST_FLOOD'
  | 'ANSWER_UNKNOWN'
  | 'DECISION_TIME'
  | 'PENDING_CONTENT'
  | 'POLICY_MISSING'
  | 'POLICY_LATE'
  | 'POLICY_UNSIGNED'
  | 'POLICY_INTERVAL'
  | 'POLICY_EDITION'
export type BodyCode =
  | 'ENTRY_UNKNOWN'
  | 'ENTRY_EFFECT'
  | 'FRAGMENT_FORM'
  | 'FRAGMENT_DIGEST'
  | 'FRAGMENT_IDENTITY'
  | 'FRAGMENT_FIELDS'
  | 'ORIGINATOR'
  | 'DISCLOSURE_DIGEST'
  | 'DISCLOSURE_MISSING'
  | 'FIELD_REPEATED'
  | 'FIELD_VALUE'
  | 'RECALLED'
export type AdmitCode = EvidenceCode | StatementCode | BodyCode | 'FRAME_FORM'

/** A partner's claim that does not hold. The stage says how far the damage reaches: origin, feed or one entry. */
export class AdmitError extends Error {
  override readonly name = 'AdmitError'
  readonly stage: 'evidence' | 'statement' | 'body'
  readonly code: AdmitCode
  constructor(
    stage: 'evidence' | 'statement' | 'body',
    code: AdmitCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options)
    this.stage = stage
    this.code = code
  }
}
