import { fieldsOf, type Role, widensLimit } from '@entente/schema'
import type { CompiledPolicy } from './compile.ts'
import { combine, type Decision, findingsOf, levelOf } from './decide.ts'
import { type Form, isCoarser, isName, isPlace, type Level } from './levels.ts'
import { factsOf, type Question, recordFactsOf } from './question.ts'

/** What comes of a field for a nation: how much of it goes, at once or once officers have approved it. */
export const outcomes = [
  'nothing',
  'approve pseudonym',
  'approve country',
  'approve coarse',
  'approve fine',
  'approve exact',
  'pseudonym',
  'country',
  'coarse',
  'fine',
  'exact',
] as const
export type Outcome = (typeof outcomes)[number]

/** What comes of a field, and who there may read it; null: every role, or nothing goes. */
export interface Answered {
  readonly outcome: Outcome
  readonly roles: Readers
}
type Readers = readonly Role[] | null

/** Who may read what goes before and after. */
export interface RolesMove {
  readonly before: Readers
  readonly after: Readers
}

type Going = 'nothing' | Form

/** Undefined: the same people may read, or nothing went or goes. */
export function movedRoles(was: Answered, now: Answered): RolesMove | undefined {
  const both = was.outcome !== 'nothing' && now.outcome !== 'nothing'
  const moved = widensLimit(was.roles, now.roles) || widensLimit(now.roles, was.roles)
  return both && moved ? { before: was.roles, after: now.roles } : undefined
}

/** The level of an outcome, without the question who must approve. */
export const goingOf = (outcome: Outcome): Going => outcome.replace('approve ', '') as Going
export const asksOfficers = (outcome: Outcome): boolean => outcome.startsWith('approve')

/** A level that goes only once officers have approved it. */
export const withApproval = (outcome: Outcome): Outcome =>
  outcome === 'nothing' || asksOfficers(outcome) ? outcome : (`approve ${outcome as Form}` as const)

/** Steps of a level above nothing. */
const heights: Readonly<Record<Going, number>> = {
  nothing: 0,
  pseudonym: 1,
  country: 1,
  coarse: 1,
  fine: 2,
  exact: 3,
}

/** Above zero: `now` says something that `was` does not, also where it is of another sort; below zero: only less. */
function finerBy(was: Going, now: Going): number {
  if (was === now) return 0
  if (was === 'nothing' || now === 'nothing') return heights[now] - heights[was]
  const steps = heights[now] - heights[was]
  return isCoarser(now, was) ? steps : Math.max(1, steps)
}

/**
 * How much more one outcome says than another. Above zero: a finer level, or one of another sort, or no officer asked any more, or some role
 * that may read and might not, even where something else became stricter; below zero: it says less and nothing more.
 * @param roles where other people may read
 */
export function gainOf(before: Outcome, after: Outcome, roles?: RolesMove): number {
  const finer = finerBy(goingOf(before), goingOf(after))
  const freed = asksOfficers(before) && !asksOfficers(after) && after !== 'nothing'
  const bound = asksOfficers(after) && !asksOfficers(before) && before !== 'nothing'
  const both = roles !== undefined && before !== 'nothing' && after !== 'nothing'
  const opened = both && widensLimit(roles.before, roles.after)
  const closed = both && widensLimit(roles.after, roles.before)
  if (finer > 0 || freed || opened) return Math.max(finer, 0) + (freed ? 1 : 0) + (opened ? 1 : 0)
  return finer - (bound ? 1 : 0) - (closed ? 1 : 0)
}

/** What comes of a question, without the search for when that ends. */
function ask(question: Question, policy: CompiledPolicy): Answered {
  const findings = findingsOf(factsOf(question, recordFactsOf(question.record), policy), policy)
  const approved = findings.filter(({ effect }) => effect !== 'approve')
  return answeredOf(combine(findings), combine(approved))
}

type Answer = Pick<Decision, 'effect' | 'transform' | 'authority' | 'roles'>

/** What comes of a decision. @param approved what is decided once officers have approved */
export function answeredOf(decision: Answer, approved: Answer): Answered {
  const { effect } = decision
  const outcome =
    effect === 'approve' ? withApproval(sent(levelOf(approved))) : sent(levelOf(decision))
  return outcome === 'nothing' ? nothing : { outcome, roles: approved.roles }
}
export const nothing: Answered = { outcome: 'nothing', roles: null }

/** Redacted, denied and not spoken of look the same. */
const sent = (level: Level): Going => (level === 'redact' ? 'nothing' : level)

/** The same for a field of a kind, whatever its value: a transform goes only where it fits the field. */
export function answerFor(question: Question, policy: CompiledPolicy): Answered {
  const answer = ask(question, policy)
  const level = goingOf(answer.outcome)
  const { kind } = question.record
  switch (level) {
    case 'nothing':
    case 'exact':
      return answer
    case 'country':
      return isPlace(kind, question.field) ? answer : nothing
    case 'pseudonym':
      return isName(kind, question.field) ? answer : nothing
    default: {
      const definitions = fieldsOf(kind)
      const { field } = question
      const type = Object.hasOwn(definitions, field) ? definitions[field]?.bandType : undefined
      return type !== undefined && policy.bands.get(type)?.has(level) ? answer : nothing
    }
  }
}
