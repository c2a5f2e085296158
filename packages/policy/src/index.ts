export { type AggregateCode, changedAggregates } from './aggregate/check.ts'
export { fieldsUsed } from './aggregate/contributors.ts'
export { AggregateDefinition } from './aggregate/definition.ts'
export type { Mark, Published } from './aggregate/novelty.ts'
export { type CellPlan, type Publication, planAggregate } from './aggregate/plan.ts'
export { boundOf, labelOf } from './aggregate/terms.ts'
export {
  type Awaited,
  approvalsNeeded,
  approvalsOf,
  isApproved,
  isRefused,
  isSamePerson,
  type OfficerWord,
  subjectOf,
} from './approvals.ts'
export type { Moment } from './asked.ts'
export { bandValue, compileBands } from './bands.ts'
export {
  type CedarRequest,
  cedarRequestOf,
  type MatchingRows,
  openCedarAnswer,
} from './cedar/ask.ts'
export { type CedarExport, exportCedar } from './cedar/export.ts'
export {
  checkPolicy,
  type Issue,
  type IssueCode,
  type LocatedIssue,
  locateIssues,
} from './check.ts'
export { type CompiledPolicy, compilePolicy, intervalOf, withRegister } from './compile.ts'
export {
  type Composition,
  composeFragment,
  openComposer,
  type Pending,
  type Said,
  type Secrets,
} from './compose.ts'
export { formatIsoDate, parseIsoDate } from './dates.ts'
export { type Decision, decide, decideApproved, levelOf } from './decide.ts'
export { createDecider, type Decider, type RecordQuestion } from './decider.ts'
export { compareDecimals, parseDecimal } from './decimal.ts'
export {
  type BoundaryChange,
  type BoundaryDiff,
  type DiffRequest,
  diffPolicies,
  momentsOf,
  type PolicyDiff,
} from './diff.ts'
export type { HeldChange, HeldDiff } from './diff-held.ts'
export {
  AgreementId,
  type Attribute,
  type Bands,
  Match,
  PolicyDocument,
  PolicyTest,
  Purpose,
  Row,
  Transform,
} from './document.ts'
export { ENGINE } from './engine.ts'
export {
  type Asked,
  type Difference,
  type Explanation,
  explain,
  type FieldExplanation,
} from './explain.ts'
export { explainStanding } from './explain-standing.ts'
export { type JointQuestion, type JointRefusal, refusedInJoint } from './joint.ts'
export { labelGate } from './label-gate.ts'
export { formatBanner, formatPortion } from './labels/capco-format.ts'
export { usMarkingOf } from './labels/capco-label.ts'
export { parseUsMarking, type UsMarking } from './labels/capco-marking.ts'
export { resolvePortion, rollUp } from './labels/capco-roll-up.ts'
export { Equivalence, equivalentOf, markingsFor } from './labels/equivalence.ts'
export { Clearance, checkSpif, Spif, SpifLabel } from './labels/spif.ts'
export { decideAccess, problemsOf, translateLabel } from './labels/spif-gate.ts'
export { legalGate } from './legal-gate.ts'
export { type Form, type Level, mustDrop, mustDropAll } from './levels.ts'
export { mayRead, type Reader, type ReadField, readable } from './may-read.ts'
export type { NearMiss } from './near-miss.ts'
export { topicsFor } from './offered-topics.ts'
export { gainOf, type Outcome, outcomes } from './outcome.ts'
export {
  type FailingTest,
  failingTests,
  runTests,
  type TestResult,
  testRecords,
} from './policy-tests.ts'
export type { Effect, Question } from './question.ts'
export { type CompiledReband, compileReband, nextMoment } from './reband.ts'
export { checkRegister, locateRegisterIssues } from './register/check.ts'
export { type CompiledRegister, compileRegister } from './register/compile.ts'
export { agreementsFor, nearestAgreement } from './register/cover.ts'
export { Agreement, RegisterDocument } from './register/document.ts'
export { openRegister, registerSealOf, SignedRegister } from './register/seal.ts'
export { consentGround, consentsOn, withConsents } from './retransfer/consents.ts'
export {
  type HandedOn,
  handOn,
  letsHandOn,
  MOST_CONSENTS,
  receivedHead,
} from './retransfer/hand-on.ts'
export { heldBackFor } from './retransfer/held-back.ts'
export { foreignOrigins, isGoingHome } from './retransfer/origins.ts'
export {
  openPolicy,
  type PolicyCode,
  PolicyError,
  SignedPolicy,
  sealOf,
  sealOfCompiled,
} from './seal.ts'
export {
  addLike,
  addMember,
  endAgreement,
  removeNation,
  SimulationError,
} from './simulate.ts'
export {
  dueOf,
  fitsBand,
  hasLeft,
  isOpenFor,
  lookAgain,
  rebandTypeOf,
  type StandingBand,
  type StandingBands,
  unitsOf,
  type Watch,
} from './standing-band.ts'
export {
  Consent,
  ConsentSentence,
  consentSealType,
  consentSentenceOf,
  hasSealed,
  Supplier,
  WithdrawalSentence,
  withdrawalSealType,
} from './supplier/document.ts'
export { consentGate, isConsentMissing } from './supplier/gate.ts'
export { namingOf, supplyOf } from './supplier/supply.ts'
