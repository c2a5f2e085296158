import type { DataRecord, Label, Nation } from '@entente/schema'
import { widerAggregates } from './aggregate/wider.ts'
import { type Asked, type Moment, questionOf } from './asked.ts'
import { boundaryOf } from './boundary.ts'
import type { CompiledPolicy } from './compile.ts'
import { formatIsoDate } from './dates.ts'
import { diffHeld, type HeldDiff } from './diff-held.ts'
import type { Purpose } from './document.ts'
import {
  type Answered,
  answerFor,
  gainOf,
  movedRoles,
  nothing,
  type Outcome,
  type RolesMove,
} from './outcome.ts'
import { loosenedTypes } from './reband.ts'
import { widenings, withEveryConsent } from './supplier/diff.ts'

/** A sort of question that two policies answer otherwise. */
export interface BoundaryChange {
  readonly nations: readonly Nation[]
  readonly kind: string
  readonly field: string
  /** Fields that neither policy can tell from this one, this one included, as `kind.field`. */
  readonly fields: readonly string[]
  readonly datasets: readonly string[]
  readonly label: Label
  readonly purpose: Purpose
  readonly confidence: string | null
  /** Export regimes, with the item's code. */
  readonly regimes: readonly string[]
  /** Other nations that it came from; absent: none. */
  readonly origins?: readonly Nation[]
  /** Date of the record; null: it is of that day. */
  readonly asOf: string | null
  /** Day of the later policy's answer. */
  readonly on: string
  readonly before: Outcome
  readonly after: Outcome
  /** Roles that may read; absent: the same as before, or all of it comes or goes. */
  readonly roles?: RolesMove
}

export interface BoundaryDiff {
  /** Sorts of questions that the two can tell apart and that were asked. */
  readonly questions: number
  /** False: there are more; what was found is not all. */
  readonly complete: boolean
  readonly gains: number
  readonly losses: number
  readonly changes: readonly BoundaryChange[]
}

/** Who gains and who loses what, from one policy to another. */
export interface PolicyDiff {
  /** When held records were decided; null: they were not. */
  readonly at: Moment | null
  readonly held: HeldDiff
  readonly boundary: BoundaryDiff
  /** Why the later policy lets go what the earlier one does not; empty: it only narrows. */
  readonly widens: readonly string[]
}

export interface DiffRequest {
  /** Null: nothing was in force. */
  readonly before: CompiledPolicy | null
  readonly after: CompiledPolicy
  /** Whose policies they are: the nation that would send. */
  readonly nation: Nation
  readonly records: Iterable<DataRecord>
  /** Time at which held records are decided; null: the later policy is not in force any more. */
  readonly at: Moment | null
  /** Times at which sorts of questions are decided. @see momentsOf */
  readonly moments: readonly Moment[]
  /** False where the records are fields alone. @see HeldRequest */
  readonly identity?: boolean
  /** Sorts of questions asked at most. */
  readonly limit?: number
}

/** More sorts than any table that people fill has. */
const defaultLimit = 200_000

/**
 * Decides every different held field and one question of every sort under both policies, and lists what flips. Each policy comes with the
 * register of agreements that it is to be read beside (`withRegister`): with one policy and two registers this shows what an agreement moves.
 */
export function diffPolicies(request: DiffRequest): PolicyDiff {
  const { before, after, nation, records, at, moments, identity = true } = request
  const policies = [...(before === null ? [] : [before]), after]
  const recipients = [...new Set(policies.flatMap(({ ceilings }) => [...ceilings.keys()]))]
    .filter((recipient) => recipient !== nation)
    .sort()
  const held =
    at === null
      ? nothingHeld
      : diffHeld({ before, after, nation, recipients, records, at, identity })
  const boundary = diffBoundary(request, policies, moments)
  const live = newlyLive(before, after)
  return {
    at,
    held,
    boundary,
    widens: [
      ...(held.gains > 0 ? [`${held.gains} fields of records held would say more`] : []),
      ...(boundary.gains > 0
        ? [`${boundary.gains} sorts of questions would be answered with more`]
        : []),
      ...(boundary.complete ? [] : ['there are more sorts of questions than could be asked']),
      ...unasked(before, after).map((name) => `${name} differs, about which nothing was asked`),
      ...widerAggregates(before?.document ?? null, after.document),
      ...loosenedTypes(before?.document.bands ?? {}, after.document.bands).map(
        (type) => `bands of ${type} would follow their values closer`,
      ),
      ...widenings(before, after),
      ...live.map((dataset) => `dataset ${dataset} would release without a person looking`),
    ],
  }
}

const nothingHeld: HeldDiff = { records: 0, questions: 0, gains: 0, losses: 0, changes: [] }

function diffBoundary(
  request: DiffRequest,
  given: readonly CompiledPolicy[],
  moments: readonly Moment[],
): BoundaryDiff {
  const { nation, limit = defaultLimit } = request
  const policies = given.map(withEveryConsent)
  const after = policies.at(-1) ?? withEveryConsent(request.after)
  const before = request.before === null ? null : (policies[0] ?? null)
  const { questions, complete } = boundaryOf(policies, nation, moments, limit)
  const changes: BoundaryChange[] = []
  // A record of the day comes first: one of another age is named only where it is answered otherwise.
  const ofTheDay = new Set<string>()
  for (const { asked, moment, kindFields, recipients, datasets } of questions) {
    const was = before === null ? nothing : answerOf(before, asked, nation, moment.beforeMs)
    const now = answerOf(after, asked, nation, moment.afterMs)
    const roles = movedRoles(was, now)
    if (was.outcome === now.outcome && roles === undefined) continue
    const sort = JSON.stringify([{ ...asked, asOf: null }, moment, was, now])
    if (asked.asOf === null) ofTheDay.add(sort)
    else if (ofTheDay.has(sort)) continue
    const { kind, field, level, releasableTo, caveats, purpose } = asked
    changes.push({
      nations: recipients.alike,
      kind,
      field,
      fields: kindFields.alike.map((pair) => `${pair.kind}.${pair.field}`),
      datasets: datasets.alike,
      label: { classification: level, releasableTo, caveats },
      purpose,
      confidence: asked.confidence ?? null,
      regimes: asked.tags.map(({ regime, code }) =>
        code === undefined ? regime : `${regime} ${code}`,
      ),
      ...(asked.origins.length > 0 && { origins: asked.origins }),
      asOf: asked.asOf,
      on: formatIsoDate(moment.afterMs),
      before: was.outcome,
      after: now.outcome,
      ...(roles && { roles }),
    })
  }
  const gains = changes.filter((change) => gain(change) > 0)
  const losses = changes.filter((change) => gain(change) < 0)
  return {
    questions: questions.length,
    complete,
    gains: gains.length,
    losses: losses.length,
    changes: [...gains.sort(byReach), ...losses.sort(byReach)],
  }
}

/** What goes furthest from what was comes first. */
const byReach = (a: BoundaryChange, b: BoundaryChange): number =>
  Math.abs(gain(b)) - Math.abs(gain(a))

const gain = ({ before, after, roles }: BoundaryChange): number => gainOf(before, after, roles)

const answerOf = (policy: CompiledPolicy, asked: Asked, nation: Nation, atMs: number): Answered =>
  answerFor(questionOf(asked, nation, atMs), policy)

/** Members of a policy that the comparison asks about, or that let nothing go. */
const compared: ReadonlySet<string> = new Set([
  'exercise',
  'nation',
  'edition',
  'supersedes',
  'from',
  'until',
  'datasets',
  'groups',
  'ceilings',
  'bands',
  'rules',
  'tests',
  'aggregates',
])

/** Members that differ and about which nothing was asked: what they let go is not known. */
function unasked(before: CompiledPolicy | null, after: CompiledPolicy): readonly string[] {
  const old = new Map(Object.entries(before?.document ?? {}))
  return Object.entries(after.document)
    .filter(([name]) => !compared.has(name))
    .concat([...old].filter(([name]) => !compared.has(name) && !(name in after.document)))
    .filter(
      ([name]) =>
        JSON.stringify(old.get(name)) !== JSON.stringify(Reflect.get(after.document, name)),
    )
    .map(([name]) => name)
}

/** Datasets whose permitted changes would go at once, and did not. */
function newlyLive(before: CompiledPolicy | null, after: CompiledPolicy): readonly string[] {
  const isLive = (policy: CompiledPolicy | null, dataset: string) =>
    policy !== null &&
    Object.hasOwn(policy.document.datasets, dataset) &&
    policy.document.datasets[dataset]?.mode === 'live'
  return [...after.datasets].filter((dataset) => isLive(after, dataset) && !isLive(before, dataset))
}

/**
 * Every time from a given one on at which the later policy, in force, or the earlier one begins to answer otherwise. An edition changes nothing
 * outside of its own interval.
 */
export function momentsOf(
  before: CompiledPolicy | null,
  after: CompiledPolicy,
  fromMs: number,
): readonly Moment[] {
  const first = Math.max(fromMs, after.fromMs)
  const cuts = [first, ...(before?.cuts ?? []), ...after.cuts]
  return [...new Set(cuts)]
    .filter((cut) => first <= cut && cut < after.untilMs)
    .sort((a, b) => a - b)
    .map((cut) => ({ beforeMs: cut, afterMs: cut }))
}
