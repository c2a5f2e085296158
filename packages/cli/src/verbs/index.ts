import type { Verb } from '../verb.ts'
import { aggregatePreviewVerb } from './aggregate/preview.ts'
import { aggregateRunVerb } from './aggregate/run.ts'
import { aggregateShowVerb } from './aggregate/show.ts'
import { aliasLinkVerb, aliasRefuseVerb, aliasUnlinkVerb } from './alias/link.ts'
import { aliasListVerb } from './alias/list.ts'
import { aliasSuggestVerb } from './alias/suggest.ts'
import { askMakersAbroadVerb } from './ask/makers-abroad.ts'
import { askOneMakerVerb } from './ask/one-maker.ts'
import { askSecondSourcesVerb } from './ask/second-sources.ts'
import { askSourcesVerb } from './ask/sources.ts'
import { auditCollectVerb } from './audit/collect.ts'
import { auditExportVerb } from './audit/export.ts'
import { auditKeyVerb } from './audit/key.ts'
import { auditQueryCataloguesVerb } from './audit/query/catalogues.ts'
import { auditQueryErasuresVerb } from './audit/query/erasures.ts'
import { auditQueryHeldVerb } from './audit/query/held.ts'
import { auditQueryOverridesVerb } from './audit/query/overrides.ts'
import { auditQueryPolicyVerb } from './audit/query/policy.ts'
import { auditQueryReceivedVerb } from './audit/query/received.ts'
import { auditQueryRefusalsVerb } from './audit/query/refusals.ts'
import { auditQuerySubscriptionsVerb } from './audit/query/subscriptions.ts'
import { auditQueryUnacknowledgedVerb } from './audit/query/unacknowledged.ts'
import { auditReportCheckVerb } from './audit/report-check.ts'
import { auditVerifyVerb } from './audit/verify.ts'
import { backupKeyVerb } from './backup/key.ts'
import { bundleExportVerb } from './bundle/export.ts'
import { bundleImportVerb } from './bundle/import.ts'
import { catalogueVerb } from './catalogue.ts'
import { consentCheckVerb, consentInstallVerb } from './consent/check.ts'
import { consentListVerb } from './consent/list.ts'
import { consentSendVerb, consentWithdrawVerb } from './consent/send.ts'
import { consentSignVerb } from './consent/sign.ts'
import { datasetAddVerb, datasetEditVerb } from './dataset/add.ts'
import { datasetListVerb, datasetShowVerb } from './dataset/list.ts'
import { demoVerb } from './demo.ts'
import { exportVerb } from './export.ts'
import { feedQuarantineVerb } from './feed/quarantine.ts'
import { feedResetVerb } from './feed/reset.ts'
import { importApplyVerb } from './import/apply.ts'
import { importDiffVerb } from './import/diff.ts'
import { importDiscardVerb } from './import/discard.ts'
import { importListVerb } from './import/list.ts'
import { importMapCheckVerb } from './import/map/check.ts'
import { importMapListVerb } from './import/map/list.ts'
import { importMapSaveVerb } from './import/map/save.ts'
import { importMapShowVerb } from './import/map/show.ts'
import { importMapSignVerb } from './import/map/sign.ts'
import { importMapSuggestVerb } from './import/map/suggest.ts'
import { importShowVerb } from './import/show.ts'
import { importVerb } from './import/stage.ts'
import { importSummaryVerb } from './import/summary.ts'
import { importUndoVerb } from './import/undo.ts'
import { initVerb } from './init.ts'
import { jointCreateVerb } from './joint/create.ts'
import { jointEditVerb } from './joint/edit.ts'
import { jointListVerb, jointShowVerb } from './joint/show.ts'
import { jointVoteVerb } from './joint/vote.ts'
import { keyAuthorityVerb } from './key/authority.ts'
import { keyCertifyNodeVerb } from './key/certify-node.ts'
import { keyEncryptVerb } from './key/encrypt.ts'
import { keyIdentityVerb } from './key/identity.ts'
import { keyOfficerVerb } from './key/officer.ts'
import { keyPassphraseVerb } from './key/passphrase.ts'
import { keyRevocationVerb } from './key/revocation.ts'
import { keyRevokeVerb } from './key/revoke.ts'
import { keyRotateVerb } from './key/rotate.ts'
import { ledgerCheckVerb } from './ledger/check.ts'
import { ledgerCompactVerb } from './ledger/compact.ts'
import { ledgerRebuildVerb } from './ledger/rebuild.ts'
import { ledgerRenameVerb } from './ledger/rename.ts'
import { logEraseVerb } from './log/erase.ts'
import { logEvidenceVerb } from './log/evidence.ts'
import { logExportVerb } from './log/export.ts'
import { logFsckVerb } from './log/fsck.ts'
import { logHandoverVerb } from './log/handover.ts'
import { logPolicyVerb } from './log/policy.ts'
import { logProveVerb } from './log/prove.ts'
import { logRecoverVerb } from './log/recover.ts'
import { logRetireVerb } from './log/retire.ts'
import { logServeVerb } from './log/serve.ts'
import { logShowVerb } from './log/show.ts'
import { partnerAcceptVerb } from './partner/accept.ts'
import { partnerConfirmVerb } from './partner/confirm.ts'
import { partnerInviteVerb } from './partner/invite.ts'
import { partnerListVerb, partnerShowVerb } from './partner/list.ts'
import { partnerPauseVerb, partnerResumeVerb } from './partner/pause.ts'
import { partnerRevokeVerb } from './partner/revoke.ts'
import { partnerSignVerb } from './partner/sign.ts'
import { policyCheckVerb } from './policy/check.ts'
import { policyDiffVerb } from './policy/diff.ts'
import { policyExportVerb } from './policy/export.ts'
import { policyInstallVerb } from './policy/install.ts'
import { policyNewVerb } from './policy/new.ts'
import { policyShowVerb } from './policy/show.ts'
import { policySignVerb } from './policy/sign.ts'
import { policySimulateVerb } from './policy/simulate.ts'
import { policyTestVerb } from './policy/test.ts'
import { recordAddVerb } from './record/add.ts'
import { recordBulkEditVerb } from './record/bulk-edit.ts'
import { recordConflictsVerb } from './record/conflicts.ts'
import { recordCopyVerb } from './record/copy.ts'
import { recordEditVerb } from './record/edit.ts'
import { recordHistoryVerb } from './record/history.ts'
import { recordListVerb } from './record/list.ts'
import { recordResolveVerb } from './record/resolve.ts'
import { recordRestoreVerb } from './record/restore.ts'
import { recordShowVerb } from './record/show.ts'
import { recordWithdrawVerb } from './record/withdraw.ts'
import { registerAddVerb } from './register/add.ts'
import { registerCheckVerb } from './register/check.ts'
import { registerConsentVerb } from './register/consent.ts'
import { registerInstallVerb } from './register/install.ts'
import { registerShowVerb } from './register/show.ts'
import { registerSignVerb } from './register/sign.ts'
import { registerWithdrawVerb } from './register/withdraw.ts'
import { releaseApproveVerb, releaseRefuseVerb } from './release/approve.ts'
import { releaseHoldVerb } from './release/hold.ts'
import { releasePreviewVerb } from './release/preview.ts'
import { releaseQueueVerb } from './release/queue.ts'
import { releaseAllowVerb, releaseRecallVerb } from './release/recall.ts'
import { releaseRunVerb } from './release/run.ts'
import { releaserHandOverVerb } from './releaser/hand-over.ts'
import { requestAnswerVerb } from './request/answer.ts'
import { requestChangeVerb } from './request/change.ts'
import { requestListVerb } from './request/list.ts'
import { requestReleaseVerb } from './request/release.ts'
import { requestRetransferVerb } from './request/retransfer.ts'
import { requestShowVerb } from './request/show.ts'
import { retransferAddVerb, retransferListVerb, retransferRemoveVerb } from './retransfer/add.ts'
import { rootInitVerb } from './root/init.ts'
import { rootInstallVerb } from './root/install.ts'
import { rootRecallVerb } from './root/recall.ts'
import { rootSignVerb } from './root/sign.ts'
import { rootSucceedVerb } from './root/succeed.ts'
import { rosterBuildVerb } from './roster/build.ts'
import { rosterInstallVerb } from './roster/install.ts'
import { rosterShowVerb } from './roster/show.ts'
import { rosterSignVerb } from './roster/sign.ts'
import { schemaVerb } from './schema.ts'
import { searchVerb } from './search.ts'
import { serveVerb } from './serve.ts'
import { statusVerb } from './status.ts'
import { subscribeVerb, unsubscribeVerb } from './subscribe.ts'
import { whyVerb } from './why.ts'
import { witnessInitVerb } from './witness/init.ts'
import { witnessRotateVerb } from './witness/rotate.ts'
import { witnessServeVerb } from './witness/serve.ts'

/** Every verb, in the order of help: the way from the first run to the audit. */
export const verbs: readonly Verb[] = [
  demoVerb,
  initVerb,
  backupKeyVerb,
  releaserHandOverVerb,
  rootInitVerb,
  rootSignVerb,
  rootInstallVerb,
  rootSucceedVerb,
  rootRecallVerb,
  rosterBuildVerb,
  rosterSignVerb,
  rosterInstallVerb,
  rosterShowVerb,
  keyAuthorityVerb,
  keyCertifyNodeVerb,
  keyOfficerVerb,
  keyRotateVerb,
  keyIdentityVerb,
  keyRevocationVerb,
  keyEncryptVerb,
  keyPassphraseVerb,
  keyRevokeVerb,
  serveVerb,
  statusVerb,
  importVerb,
  importDiffVerb,
  importApplyVerb,
  importUndoVerb,
  importListVerb,
  importShowVerb,
  importSummaryVerb,
  importDiscardVerb,
  importMapSuggestVerb,
  importMapCheckVerb,
  importMapSignVerb,
  importMapSaveVerb,
  importMapListVerb,
  importMapShowVerb,
  recordAddVerb,
  recordEditVerb,
  recordBulkEditVerb,
  recordShowVerb,
  recordListVerb,
  recordHistoryVerb,
  recordWithdrawVerb,
  recordRestoreVerb,
  recordCopyVerb,
  recordConflictsVerb,
  recordResolveVerb,
  aliasSuggestVerb,
  aliasLinkVerb,
  aliasRefuseVerb,
  aliasUnlinkVerb,
  aliasListVerb,
  exportVerb,
  datasetListVerb,
  datasetShowVerb,
  datasetAddVerb,
  datasetEditVerb,
  policyNewVerb,
  policyCheckVerb,
  policyTestVerb,
  policyDiffVerb,
  policySimulateVerb,
  policySignVerb,
  policyInstallVerb,
  policyShowVerb,
  policyExportVerb,
  registerAddVerb,
  registerCheckVerb,
  registerConsentVerb,
  registerSignVerb,
  registerWithdrawVerb,
  registerInstallVerb,
  registerShowVerb,
  aggregatePreviewVerb,
  aggregateRunVerb,
  aggregateShowVerb,
  consentSignVerb,
  consentCheckVerb,
  consentInstallVerb,
  consentListVerb,
  consentSendVerb,
  consentWithdrawVerb,
  requestReleaseVerb,
  requestRetransferVerb,
  requestChangeVerb,
  requestListVerb,
  requestShowVerb,
  requestAnswerVerb,
  retransferAddVerb,
  retransferRemoveVerb,
  retransferListVerb,
  releaseQueueVerb,
  releaseApproveVerb,
  releaseRefuseVerb,
  releaseHoldVerb,
  releasePreviewVerb,
  releaseRunVerb,
  releaseRecallVerb,
  releaseAllowVerb,
  whyVerb,
  catalogueVerb,
  subscribeVerb,
  unsubscribeVerb,
  feedQuarantineVerb,
  jointCreateVerb,
  jointEditVerb,
  jointShowVerb,
  jointVoteVerb,
  jointListVerb,
  feedResetVerb,
  partnerInviteVerb,
  partnerAcceptVerb,
  partnerConfirmVerb,
  partnerSignVerb,
  partnerListVerb,
  partnerShowVerb,
  partnerRevokeVerb,
  partnerPauseVerb,
  partnerResumeVerb,
  bundleExportVerb,
  bundleImportVerb,
  searchVerb,
  askSourcesVerb,
  askSecondSourcesVerb,
  askOneMakerVerb,
  askMakersAbroadVerb,
  ledgerCheckVerb,
  ledgerRebuildVerb,
  ledgerRenameVerb,
  ledgerCompactVerb,
  logShowVerb,
  logProveVerb,
  logPolicyVerb,
  logFsckVerb,
  logEvidenceVerb,
  logExportVerb,
  logServeVerb,
  logEraseVerb,
  logRecoverVerb,
  logHandoverVerb,
  logRetireVerb,
  witnessInitVerb,
  witnessServeVerb,
  witnessRotateVerb,
  auditCollectVerb,
  auditExportVerb,
  auditKeyVerb,
  auditVerifyVerb,
  auditReportCheckVerb,
  auditQueryReceivedVerb,
  auditQueryHeldVerb,
  auditQueryRefusalsVerb,
  auditQueryOverridesVerb,
  auditQueryUnacknowledgedVerb,
  auditQueryPolicyVerb,
  auditQueryErasuresVerb,
  auditQuerySubscriptionsVerb,
  auditQueryCataloguesVerb,
  schemaVerb,
]
