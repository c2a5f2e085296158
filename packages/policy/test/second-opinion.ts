import {
  preparsePolicySet,
  preparseSchema,
  type StatefulAuthorizationCall,
  statefulIsAuthorized,
  validate,
} from '@cedar-policy/cedar-wasm/nodejs'
import { expect } from 'vitest'
import {
  type CedarRequest,
  cedarRequestOf,
  type MatchingRows,
  openCedarAnswer,
} from '../src/cedar/ask.ts'
import { type CedarExport, exportCedar } from '../src/cedar/export.ts'
import type { CompiledPolicy } from '../src/compile.ts'
import { decide } from '../src/decide.ts'
import { Match } from '../src/document.ts'
import { factsOf, type Question, recordFactsOf } from '../src/question.ts'

/** What Cedar makes of a policy: ids of the satisfied policies. Null: it gave an error, which means deny. */
export type AskCedar = (request: CedarRequest) => readonly string[] | null

/** Loads policies and schema; those loaded before are gone, as Cedar keeps what it has once parsed. */
export function openCedar({ staticPolicies, schema }: CedarExport): AskCedar {
  const policies = { staticPolicies: { ...staticPolicies } }
  for (const answer of [preparsePolicySet('policy', policies), preparseSchema('schema', schema)])
    if (answer.type === 'failure') throw new Error(JSON.stringify(answer.errors))
  return (request) => {
    const answer = statefulIsAuthorized({
      ...request,
      preparsedPolicySetId: 'policy',
      preparsedSchemaName: 'schema',
      validateRequest: true,
      entities: [],
    } as unknown as StatefulAuthorizationCall)
    if (answer.type === 'failure' || answer.response.diagnostics.errors.length > 0) return null
    return answer.response.diagnostics.reason
  }
}

/** What Cedar's strict validator has against policies and schema. */
export function complaintsAbout({ staticPolicies, schema }: CedarExport): readonly string[] {
  const policies = { staticPolicies: { ...staticPolicies } }
  const found = validate({ schema, policies, validationSettings: { mode: 'strict' } })
  return found.type === 'failure'
    ? found.errors.map(({ message }) => message)
    : found.validationErrors.map(({ policyId, error }) => `${policyId}: ${error.message}`)
}

/** Asks both engines, and says where they differ: the set of matching row ids per effect. */
export function openOpinions(policy: CompiledPolicy, exported = exportCedar(policy.document)) {
  const askCedar = openCedar(exported)
  const effects = new Map(policy.document.rules.map(({ id, effect }) => [id, effect]))
  const first = (question: Question): MatchingRows => {
    const { rules } = decide(question, policy)
    const of = (effect: string) => rules.filter((id) => effects.get(id) === effect)
    return {
      permit: of('permit'),
      deny: of('deny'),
      approve: of('approve'),
      transform: of('transform'),
    }
  }
  const second = (question: Question): MatchingRows | null => {
    const satisfied = askCedar(cedarRequestOf(question, policy, exported))
    return satisfied === null ? null : openCedarAnswer(satisfied, exported)
  }
  return {
    /** Throws where the two differ. */
    compare: (question: Question): MatchingRows => {
      const [ours, theirs] = [first(question), second(question)]
      // Cheaper than the matcher, which then says what differs.
      if (JSON.stringify(theirs) !== JSON.stringify(ours)) expect(theirs).toEqual(ours)
      return ours
    },
    differs: (question: Question): boolean =>
      JSON.stringify(first(question)) !== JSON.stringify(second(question)),
  }
}

/** Every operator on every attribute that the schema of rows has. */
const everyOperator = Object.entries(Match.shape).flatMap(([attribute, operators]) =>
  Object.keys(operators.unwrap().shape).map((operator) => `${attribute}.${operator}`),
)
/** Attributes that a record may be silent on. */
const maybe = ['confidence', 'classification', 'caveats', 'releasableTo']

/** Counts how often each operator on each attribute was true, false and unknown. */
export function createCoverage() {
  const counts = new Map(everyOperator.map((name) => [name, { true: 0, false: 0, null: 0 }]))
  return {
    add: (question: Question, policy: CompiledPolicy): void => {
      const facts = factsOf(question, recordFactsOf(question.record), policy)
      for (const { conditions } of policy.rows)
        for (const { attribute, operator, implied, holds } of conditions) {
          const count = counts.get(`${attribute}.${operator}`)
          if (count !== undefined && !implied) count[`${holds(facts)}`]++
        }
    },
    /** Operators that were never true, never false, or never unknown where they can be. */
    gaps: (): readonly string[] =>
      [...counts].flatMap(([name, count]) => [
        ...(count.true === 0 ? [`${name} never held`] : []),
        ...(count.false === 0 ? [`${name} never failed`] : []),
        ...(count.null === 0 && maybe.includes(name.split('.')[0] ?? '')
          ? [`${name} was never unknown`]
          : []),
      ]),
  }
}
