export { bandValue } from './bands.ts'
export { checkPolicy, type Issue, type IssueCode } from './check.ts'
export { type CompiledPolicy, compilePolicy, intervalOf } from './compile.ts'
export { type Composition, composeFragment, type Secrets } from './compose.ts'
export { formatIsoDate, parseIsoDate } from './dates.ts'
export { type Decision, decide, levelOf } from './decide.ts'
export { createDecider, type Decider, type RecordQuestion } from './decider.ts'
export { compareDecimals, parseDecimal } from './decimal.ts'
export {
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
  type NearMiss,
} from './explain.ts'
export { labelGate } from './label-gate.ts'
export { legalGate } from './legal-gate.ts'
export { type FailingTest, failingTests } from './policy-tests.ts'
export type { Effect, Level, Question } from './question.ts'
export { openPolicy, type PolicyCode, PolicyError, SignedPolicy, sealOf } from './seal.ts'
