import type { Nation } from '@entente/schema'
import { type Asked, type Moment, questionOf } from './asked.ts'
import type { CompiledPolicy } from './compile.ts'
import { factsOf, recordFactsOf } from './question.ts'
import {
  type Class,
  classesOf,
  type KindField,
  namedIn,
  type QuestionClasses,
  subsetsOf,
} from './question-classes.ts'
import type { CompiledRow } from './rows.ts'

/** A question that stands for all that neither policy can tell from it. */
export interface BoundaryQuestion {
  readonly asked: Asked
  readonly moment: Moment
  readonly kindFields: Class<KindField>
  readonly recipients: Class<Nation>
  readonly datasets: Class<string>
}

export interface Boundary {
  readonly questions: readonly BoundaryQuestion[]
  /** False: there are more than were asked for, so what the questions show is not all. */
  readonly complete: boolean
}

/**
 * One question of each sort that two policies can tell apart and that a row of either may release, at once or once officers have approved: asked of
 * both, they show every difference between them in what the policy's own nation may send, whether or not such a record exists yet.
 * @param policies the earlier one first, if there is one
 * @param limit questions at most
 */
export function boundaryOf(
  policies: readonly CompiledPolicy[],
  nation: Nation,
  moments: readonly Moment[],
  limit: number,
): Boundary {
  const classes = classesOf(policies, nation, moments)
  const lists = releaseLists(policies, classes)
  const questions = new Map<string, BoundaryQuestion>()
  const complete = lists.complete && classes.complete
  for (const [i, policy] of policies.entries())
    for (const compiled of policy.rows) {
      const { effect } = compiled.row
      if (effect !== 'permit' && effect !== 'transform') continue
      if (compiled.conditions.length === 0) continue
      const isLast = i === policies.length - 1
      for (const question of regionOf(compiled, policy, isLast, classes, lists.of, nation)) {
        const { asked, moment } = question
        const key = JSON.stringify([asked, moment.beforeMs, moment.afterMs])
        if (questions.has(key)) continue
        if (questions.size >= limit) return { questions: [...questions.values()], complete: false }
        questions.set(key, question)
      }
    }
  return { questions: [...questions.values()], complete }
}

/** Every class of question that the conditions of one row allow. */
function* regionOf(
  compiled: CompiledRow,
  policy: CompiledPolicy,
  isLast: boolean,
  classes: QuestionClasses,
  listsFor: (recipient: Nation, moment: Moment) => readonly (readonly string[])[],
  nation: Nation,
): Generator<BoundaryQuestion> {
  const { conditions } = compiled
  const mayHold = (asked: Asked, moment: Moment, attributes: readonly string[]): boolean => {
    const question = questionOf(asked, nation, isLast ? moment.afterMs : moment.beforeMs)
    const facts = factsOf(question, recordFactsOf(question.record), policy)
    return conditions.every(
      ({ attribute, holds }) => !attributes.includes(attribute) || holds(facts) === true,
    )
  }
  const [moment] = classes.moments
  const base = plainOf(classes)
  if (moment === undefined || base === null) return
  const keep = <T>(
    list: readonly Class<T>[],
    change: (value: T) => Partial<Asked>,
    attributes: readonly string[],
  ) => list.filter(({ value }) => mayHold({ ...base, ...change(value) }, moment.value, attributes))

  const kindFields = keep(classes.kindFields, (pair) => pair, ['kind', 'field'])
  const datasets = keep(classes.datasets, (dataset) => ({ dataset }), ['dataset'])
  const grades = keep(classes.confidences, (confidence) => ({ confidence }), ['confidence'])
  const purposes = keep(classes.purposes, (purpose) => ({ purpose }), ['purpose'])
  const levels = keep(classes.levels, (level) => ({ level }), ['classification'])
  const caveatSets = keep(classes.caveats, (caveats) => ({ caveats }), ['caveats'])
  const tagSets = keep(classes.tags, (tags) => ({ tags }), ['regimes'])
  const originSets = keep(classes.origins, (origins) => ({ origins }), ['origins'])
  const readsAgreements = conditions.some(({ attribute }) => attribute === 'agreements')
  for (const recipients of classes.recipients)
    for (const { value: at } of classes.moments) {
      const to = { ...base, recipient: recipients.value }
      if (!mayHold(to, at, ['recipient', 'recipientGroups', 'at'])) continue
      for (const releasableTo of listsFor(recipients.value, at)) {
        if (!mayHold({ ...to, releasableTo }, at, ['releasableTo'])) continue
        for (const pair of kindFields)
          for (const set of datasets)
            for (const { value: confidence } of grades)
              for (const { value: purpose } of purposes)
                for (const { value: level } of levels)
                  for (const { value: caveats } of caveatSets)
                    for (const { value: tags } of tagSets)
                      for (const { value: origins } of originSets)
                        for (const { value: asOf } of classes.ages) {
                          const asked = {
                            ...to,
                            ...pair.value,
                            releasableTo,
                            dataset: set.value,
                            confidence,
                            purpose,
                            level,
                            caveats,
                            tags,
                            origins,
                            asOf,
                          }
                          if (readsAgreements && !mayHold(asked, at, ['agreements'])) continue
                          yield { asked, moment: at, kindFields: pair, recipients, datasets: set }
                        }
      }
    }
}

function plainOf(classes: QuestionClasses): Asked | null {
  const [pair] = classes.kindFields
  const [dataset] = classes.datasets
  const [recipient] = classes.recipients
  if (pair === undefined || dataset === undefined || recipient === undefined) return null
  return {
    ...pair.value,
    dataset: dataset.value,
    purpose: 'use',
    level: 'UNCLASSIFIED',
    caveats: [],
    releasableTo: [],
    tags: [],
    origins: [],
    asOf: null,
    recipient: recipient.value,
  }
}

/** Names on release lists that are combined with each other in every way. */
const mostCombined = 6

/**
 * Release lists that matter: one that names the recipient, one for each group that the two do not fill alike, and
 * where rows read release lists, every combination of the names they read.
 */
function releaseLists(policies: readonly CompiledPolicy[], { recipients }: QuestionClasses) {
  const named = namedIn(policies, 'releasableTo')
  const groups = [...new Set(policies.flatMap(({ document }) => Object.keys(document.groups)))]
  // Who a group means by a label of an earlier day hangs on all of its table.
  const changed = groups.filter(
    (group) =>
      new Set(policies.map(({ document }) => JSON.stringify(document.groups[group]))).size > 1,
  )
  const combined = subsetsOf(named.slice(0, mostCombined))
  const known = new Map<string, readonly (readonly string[])[]>()
  const of = (recipient: Nation, moment: Moment): readonly (readonly string[])[] => {
    const key = `${recipient} ${moment.beforeMs} ${moment.afterMs}`
    const found = known.get(key)
    if (found !== undefined) return found
    const isIn = (group: string) =>
      policies.map((policy, i) =>
        policy.groups.has(
          group,
          recipient,
          i === policies.length - 1 ? moment.afterMs : moment.beforeMs,
        ),
      )
    const torn = groups.filter((group) => new Set(isIn(group)).size > 1 || changed.includes(group))
    const lists = [[recipient], ...torn.map((group) => [group])].flatMap((list) =>
      combined.map((more) => [...new Set([...list, ...more])].sort()),
    )
    const unique = [...new Map(lists.map((list) => [list.join(), list])).values()]
    // A list of names that the rows read, without the recipient's own.
    const all = named.length === 0 ? unique : [...unique, ...combined.filter((l) => l.length > 0)]
    known.set(key, all)
    return all
  }
  return { of, complete: recipients.length === 0 || named.length <= mostCombined }
}
