import { type DataRecord, fieldsOf, identityOf, type Nation } from '@entente/schema'
import type { Moment } from './asked.ts'
import type { CompiledPolicy } from './compile.ts'
import { valueAt } from './compose.ts'
import { type Form, identifies, isName, isPlace } from './levels.ts'
import {
  type Answered,
  asksOfficers,
  gainOf,
  goingOf,
  movedRoles,
  nothing,
  type Outcome,
  type RolesMove,
  withApproval,
} from './outcome.ts'
import { openOutcomes } from './outcome-memory.ts'

/** Records of which one field comes to be given otherwise to one nation. */
export interface HeldChange {
  readonly nation: Nation
  readonly kind: string
  readonly field: string
  readonly before: Outcome
  readonly after: Outcome
  /** Roles that may read; absent: the same as before, or all of it comes or goes. */
  readonly roles?: RolesMove
  readonly records: number
  /** Ids of some of them. */
  readonly examples: readonly string[]
}

export interface HeldDiff {
  readonly records: number
  /** Questions decided under each policy at most: of alike ones one. */
  readonly questions: number
  /** Fields of records that come to say more, or less, to some nation. */
  readonly gains: number
  readonly losses: number
  readonly changes: readonly HeldChange[]
}

export interface HeldRequest {
  /** Null: nothing was in force. */
  readonly before: CompiledPolicy | null
  readonly after: CompiledPolicy
  readonly nation: Nation
  readonly recipients: readonly Nation[]
  readonly records: Iterable<DataRecord>
  readonly at: Moment
  /** False: the records are fields alone, such as those of a policy's tests; else nothing of a record goes without its identity. */
  readonly identity: boolean
}

const examplesKept = 3

/**
 * Sets what two policies give of records side by side, for use. Of alike questions one is asked of each policy; what records have in
 * common is counted, not asked again. Exact: with identity first and values that no band fits, as fragments are composed.
 */
export function diffHeld(request: HeldRequest): HeldDiff {
  const { before, after, nation, recipients, identity } = request
  const [old, fresh] = [before && openOutcomes(before), openOutcomes(after)]
  const { beforeMs, afterMs } = request.at
  const changes = new Map<string, HeldChange & { records: number; examples: string[] }>()
  let records = 0
  let gains = 0
  let losses = 0

  for (const record of request.records) {
    records++
    const names = Object.keys(record.fields)
    const fits = names.map((field) => fitsOf(record, field, before, after, identity))
    const ids = identityOf(record.kind)
    const identifying = names.flatMap((name, i) => (ids.includes(name) ? [i] : []))
    const [askOld, askFresh] = [old?.openRecord(record), fresh.openRecord(record)]
    for (const recipient of recipients) {
      const asked = { recipient, purpose: 'use', sender: nation } as const
      const answerOld = askOld?.({ ...asked, atMs: beforeMs })
      const answerFresh = askFresh({ ...asked, atMs: afterMs })
      const was = names.map((field, i) =>
        answerOld === undefined ? nothing : fitted(answerOld(field), fits[i]?.before ?? never),
      )
      const now = names.map((field, i) => fitted(answerFresh(field), fits[i]?.after ?? never))
      if (was.every((each, i) => isSame(each, now[i] ?? nothing))) continue
      const goesBefore = identity ? identityOutcome(identifying, was) : 'exact'
      const goesAfter = identity ? identityOutcome(identifying, now) : 'exact'
      for (const [i, name] of names.entries()) {
        const [a, b] = [goesOr(was[i], goesBefore), goesOr(now[i], goesAfter)]
        if (!isSame(a, b)) note(record, name, recipient, a, b)
      }
    }
  }
  return {
    records,
    questions: Math.max(old?.asked() ?? 0, fresh.asked()),
    gains,
    losses,
    changes: [...changes.values()].sort(byWeight),
  }

  function note(record: DataRecord, field: string, to: Nation, was: Answered, now: Answered): void {
    const [old, fresh] = [was.outcome, now.outcome]
    const roles = movedRoles(was, now)
    if (gainOf(old, fresh, roles) > 0) gains++
    else losses++
    const { kind, id } = record
    const key = nameOf({
      nation: to,
      kind,
      field,
      before: old,
      after: fresh,
      ...(roles && { roles }),
    })
    const known = changes.get(key)
    if (known === undefined)
      changes.set(key, {
        nation: to,
        kind,
        field,
        before: old,
        after: fresh,
        ...(roles && { roles }),
        records: 1,
        examples: [id],
      })
    else {
      known.records++
      if (known.examples.length < examplesKept) known.examples.push(id)
    }
  }
}

/** Whether the record goes: at once, once officers have approved its identity, or not at all. */
function identityOutcome(identifying: readonly number[], answers: readonly Answered[]): Outcome {
  const found = identifying.map((i) => answers[i]?.outcome ?? 'nothing')
  const going = found.filter((outcome) => identifies(goingOf(outcome)))
  return going.find((outcome) => !asksOfficers(outcome)) ?? going[0] ?? 'nothing'
}

/** Without its identity nothing of a record goes; where that waits for officers, all of it waits. */
function goesOr(answer: Answered | undefined, identity: Outcome): Answered {
  if (answer === undefined || identity === 'nothing') return nothing
  if (!asksOfficers(identity)) return answer
  return { outcome: withApproval(answer.outcome), roles: answer.roles }
}

const isSame = (a: Answered, b: Answered): boolean =>
  a === b || (a.outcome === b.outcome && movedRoles(a, b) === undefined)

/** Gains first, then by how many records, then by name. */
const byWeight = (a: HeldChange, b: HeldChange): number =>
  Math.sign(gainOf(b.before, b.after, b.roles)) - Math.sign(gainOf(a.before, a.after, a.roles)) ||
  b.records - a.records ||
  (nameOf(a) < nameOf(b) ? -1 : 1)
const nameOf = ({
  nation,
  kind,
  field,
  before,
  after,
  roles,
}: Omit<HeldChange, 'records' | 'examples'>) =>
  [nation, kind, field, before, after, roles ? JSON.stringify(roles) : ''].join('|')

/** Levels at which the value of a field can go under each policy. */
interface Fits {
  readonly before: Fit
  readonly after: Fit
}
type Fit = Readonly<Record<Form, boolean>>

function fitted(answer: Answered, fit: Fit): Answered {
  const level = goingOf(answer.outcome)
  return level !== 'nothing' && fit[level] ? answer : nothing
}

const never: Fit = { exact: false, fine: false, coarse: false, country: false, pseudonym: false }
const wholeOnly: Fit = { ...never, exact: true }
const always: Fit = { exact: true, fine: true, coarse: true, country: true, pseudonym: true }

function fitsOf(
  record: DataRecord,
  field: string,
  before: CompiledPolicy | null,
  after: CompiledPolicy,
  identity: boolean,
): Fits {
  if (!identity) return { before: always, after: always }
  if ((record.fields[field]?.value ?? null) === null) return { before: never, after: never }
  if (isPlace(record.kind, field) || isName(record.kind, field)) {
    // No policy says which of these fit.
    const goes = (level: Form) => valueAt(record, field, level, after) !== null
    const fit = {
      ...never,
      exact: goes('exact'),
      country: goes('country'),
      pseudonym: goes('pseudonym'),
    }
    return { before: fit, after: fit }
  }
  const definitions = fieldsOf(record.kind)
  const banded = Object.hasOwn(definitions, field) && definitions[field]?.bandType !== undefined
  if (!banded) return { before: wholeOnly, after: wholeOnly }
  const fit = (policy: CompiledPolicy): Fit => ({
    ...wholeOnly,
    fine: valueAt(record, field, 'fine', policy) !== null,
    coarse: valueAt(record, field, 'coarse', policy) !== null,
  })
  const now = fit(after)
  const same = before === null || before.bands === after.bands
  const then = same ? now : fit(before)
  return { before: then, after: now }
}
