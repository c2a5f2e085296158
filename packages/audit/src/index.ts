export type { BundleFiles } from './bundle/manifest.ts'
export { type Finding, type FindingCode, findingMeanings } from './finding.ts'
export type { Step } from './nation-audit.ts'
export type {
  AuditReport,
  NationReport,
  PolicyReport,
  ReleasedReport,
  Signer,
} from './report/audit-report.ts'
export { renderReport } from './report/render-report.ts'
export { renderText } from './report/render-text.ts'
export type { AuditTrust } from './trust.ts'
export { type AuditOptions, verifyBundles } from './verify-bundles.ts'
