export { type Finding, type FindingCode, findingMeanings } from './finding.ts'
export type { BundleFiles } from './manifest.ts'
export type { Step } from './nation-audit.ts'
export { renderReport } from './render-report.ts'
export { renderText } from './render-text.ts'
export type {
  AuditReport,
  NationReport,
  PolicyReport,
  ReleasedReport,
  Signer,
} from './report.ts'
export type { AuditTrust } from './trust.ts'
export { type AuditOptions, verifyBundles } from './verify-bundles.ts'
