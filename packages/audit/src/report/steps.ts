import type { FindingCode } from '../finding.ts'

/** What a step of an audit came to: nothing found, how many findings, or why it was not taken. */
export interface StepReport {
  readonly step: number
  readonly title: string
  /** What was done, for somebody who has not read the code. */
  readonly what: string
  readonly findings: number
  /** Null: it was taken. */
  readonly notTaken: string | null
}

interface AuditStep {
  readonly step: number
  readonly title: string
  readonly what: string
  /** Findings of this step, by the beginning of their codes. */
  readonly codes: RegExp
  /** Needs record content in the bundle. */
  readonly needsContent?: true
}

/** The steps that a report tells of, in order. A code that none of them claims belongs to the statements, step 6. */
export const auditSteps: readonly AuditStep[] = [
  {
    step: 1,
    title: 'Files',
    what: 'The bundle has exactly the files that its list names, unchanged, and is of a nation whose keys the auditor holds.',
    codes: /^(MANIFEST|BUNDLE)_/,
  },
  {
    step: 2,
    title: 'Checkpoint',
    what: 'The nation signed the state of its log, and enough witnesses of other nations have seen and signed it too.',
    codes: /^(CHECKPOINT_(FORM|SIGNATURE)|COSIGNATURE_|QUORUM_)/,
  },
  {
    step: 3,
    title: 'Log',
    what: 'The log was built again from its entries and gives the very state that was signed.',
    codes: /^(ENTRY_BUNDLE|ROOT_MISMATCH|TILE_)/,
  },
  {
    step: 4,
    title: 'One history',
    what: 'Earlier audits and partners have seen the same log, only shorter.',
    codes: /^(CHECKPOINT_FORK|LOG_BEHIND)/,
  },
  {
    step: 5,
    title: 'Every entry opened',
    what: 'No entry of the log was kept from the auditor, and each opening fits its entry.',
    codes: /^LEAF_/,
  },
  {
    step: 6,
    title: 'Statements',
    what: 'Every statement is signed by its nation, in unbroken order, and dated when it was made.',
    codes: /^(STATEMENT_|GENESIS|FEED_|TIME_|JOINT_MEMBERS)/,
  },
  {
    step: 7,
    title: 'Policies and people',
    what: 'Every policy was signed by the people with authority, before it was used, and the right one was used.',
    codes:
      /^(POLICY_|SEAL_|APPROVAL_OPENING|CONSENT_SEAL|ROOT_(RECALL_|SUCCESSION|TWICE)|NODE_RECALL_|VOTE_)/,
  },
  {
    step: 8,
    title: 'Decisions',
    what: 'Every decision to release was made again from what it was made on, with the same outcome.',
    codes:
      /^(INPUTS_|ENGINE_|SOURCE_|DECISION_|APPROVAL_MISSING|CONSENT_MISSING|SUPPLIER_|JOINT_(INPUTS|RELEASE))/,
    needsContent: true,
  },
  {
    step: 9,
    title: 'Content',
    what: 'What was released is, byte for byte, what the decision allows, and nothing more.',
    codes: /^(ENTRY_(UNOPENED|DIGEST|EFFECT)|RECORD_KEY_|OVER_|JOINT_(BYTES|FIELDS))/,
    needsContent: true,
  },
  {
    step: 10,
    title: 'Both sides',
    what: 'What one nation released is what the other holds and has acknowledged, and nothing else.',
    codes: /^(RECEIVED_|JOIN_|ACK_|REQUEST_)/,
  },
]

const otherwise = 6

/** The step that a finding belongs to. */
export const stepOf = (code: FindingCode | string): number =>
  auditSteps.find(({ codes }) => codes.test(code))?.step ?? otherwise

/** What the steps came to for one nation. @param joined other nations whose bundles were there */
export function reportSteps(
  findings: readonly { readonly code: FindingCode }[],
  stoppedAt: 'bundle' | 'log' | null,
  checkedContent: boolean,
  joined: number,
): readonly StepReport[] {
  const last = stoppedAt === 'bundle' ? 1 : stoppedAt === 'log' ? 4 : Infinity
  return auditSteps.map(({ step, title, what, needsContent }) => ({
    step,
    title,
    what,
    findings: findings.filter(({ code }) => stepOf(code) === step).length,
    notTaken:
      step > last
        ? 'an earlier step failed'
        : needsContent && !checkedContent
          ? 'the bundle has no content'
          : step === 10 && joined === 0
            ? 'no bundle of another nation'
            : null,
  }))
}
