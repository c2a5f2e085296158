export type { BundleFiles } from './bundle/manifest.ts'
export { type Finding, type FindingCode, findingMeanings } from './finding.ts'
export type { NationAudit, Step } from './nation-audit.ts'
export type { Audits } from './query/audits.ts'
export { type PolicyRow, releasedUnder } from './query/by-policy.ts'
export { type OverrideRow, overrides, type RefusalRow, refusals } from './query/decisions.ts'
export { type ErasureRow, erasures } from './query/erasures.ts'
export { type HeldRow, heldBy } from './query/held-by.ts'
export type { Period } from './query/period.ts'
export { type ReceivedFilter, type ReceivedRow, receivedBy } from './query/received-by.ts'
export { type AskedRow, catalogues, type OfferedRow, subscriptions } from './query/sharing.ts'
export { type UnacknowledgedRow, unacknowledged } from './query/unacknowledged.ts'
export type {
  AuditReport,
  NationReport,
  PolicyReport,
  ReleasedReport,
  Signer,
  TrustReport,
} from './report/audit-report.ts'
export { renderReport } from './report/render-report.ts'
export { renderText } from './report/render-text.ts'
export { openReportNote, type ReportNote, reportJson, signReport } from './report/report-note.ts'
export type { AuditTrust } from './trust.ts'
export {
  type Audited,
  type AuditOptions,
  auditBundles,
  auditBundlesWith,
  verifyBundles,
} from './verify-bundles.ts'
export { type Answer, createPerformer, type Task } from './work/task.ts'
export type { Work, Workforce } from './work/work.ts'
