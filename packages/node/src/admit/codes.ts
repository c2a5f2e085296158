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
  | 'NOT_RELEASER'
  | 'RECALL_MISMATCH'
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
/** Why one entry is kept out, in words for whoever looks into the quarantine. */
export const bodyCodeMeanings = {
  ENTRY_UNKNOWN: 'the statement does not name it',
  ENTRY_EFFECT: 'a put where the statement takes away, or a drop where it gives',
  FRAGMENT_FORM: 'its body is missing or malformed',
  FRAGMENT_DIGEST: 'its body is not the one that the statement names',
  FRAGMENT_IDENTITY: 'its body is of another record, or the record is another nation’s',
  FRAGMENT_FIELDS: 'it has other fields than the statement names',
  ORIGINATOR: 'it is passed on without the consent of its originator',
  DISCLOSURE_DIGEST: 'a value is not the one signed for',
  DISCLOSURE_MISSING: 'a value that was signed for is missing',
  FIELD_REPEATED: 'a field comes twice',
  RECALLED: 'it has been recalled',
} as const
export type BodyCode = keyof typeof bodyCodeMeanings
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
