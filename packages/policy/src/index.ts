export { bandValue } from './bands.ts'
export { type CompiledPolicy, compilePolicy, intervalOf } from './compile.ts'
export { type Composing, type Composition, composeFragment, type Secrets } from './compose.ts'
export { formatIsoDate, parseIsoDate } from './dates.ts'
export { type Decision, decide, levelOf } from './decide.ts'
export { createDecider, type Decider } from './decider.ts'
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
export { labelGate } from './label-gate.ts'
export { legalGate } from './legal-gate.ts'
export type { Effect, Level, Question } from './question.ts'
