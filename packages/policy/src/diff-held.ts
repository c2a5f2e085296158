import { type DataRecord, fieldsOf, identityOf, type Nation } from '@entente/schema'
import type { Moment } from './asked.ts'
import type { CompiledPolicy } from './compile.ts'
import { valueAt } from './compose.ts'
import { askOutcome, gainOf, goingOf, type Outcome, outcomes, withApproval } from './outcome.ts'
import { type RecordFacts, recordFactsOf } from './question.ts'
import { fieldSigns } from './question-classes.ts'

/** Records of which one field comes to be given otherwise to one nation. */
export interface HeldChange {
  readonly nation: Nation
  readonly kind: string
  readonly field: string
  readonly before: Outcome
  readonly after: Outcome
  readonly records: number
  /** Ids of some of them. */
  readonly examples: readonly string[]
}

export interface HeldDiff {
  readonly records: number
  /** Different things that were asked of each policy. */
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
 * Sets what two policies give of records side by side, for use. Each different question is asked once of each; what records have in
 * common is counted, not asked again. Exact: with identity first and values that no band fits, as fragments are composed.
 */
export function diffHeld(request: HeldRequest): HeldDiff {
  const { before, after, nation, recipients, identity } = request
  const width = recipients.length
  const tuples = new Map<string, number>()
  const shares = new Map<string, number>()
  const was: number[] = []
  const now: number[] = []
  const changes = new Map<string, HeldChange & { records: number; examples: string[] }>()
  let records = 0
  let gains = 0
  let losses = 0

  const signOf = fieldSigns(before === null ? [after] : [before, after], nation)

  const ask = (record: DataRecord, field: string, fits: Fits, facts: RecordFacts): void => {
    for (const recipient of recipients) {
      const question = { record, field, recipient, purpose: 'use', sender: nation } as const
      const old =
        before === null
          ? 'nothing'
          : askOutcome({ ...question, atMs: request.at.beforeMs }, before, facts)
      const fresh = askOutcome({ ...question, atMs: request.at.afterMs }, after, facts)
      was.push(rank(old, fits.before))
      now.push(rank(fresh, fits.after))
    }
  }

  for (const record of request.records) {
    records++
    const names = Object.keys(record.fields)
    const facts = recordFactsOf(record)
    const shared = numberOf(JSON.stringify(facts), shares)
    const starts = names.map((field) => {
      const fits = fitsOf(record, field, before, after, identity)
      const key = `${signOf(record.kind, field)}|${fieldKeyOf(record, field)}|${fits.key}|${shared}`
      const known = tuples.get(key)
      if (known !== undefined) return known
      const start = was.length
      tuples.set(key, start)
      ask(record, field, fits, facts)
      return start
    })
    const ids = identityOf(record.kind)
    const identifying = starts.filter((_, i) => ids.includes(names[i] ?? ''))
    for (let n = 0; n < width; n++) {
      if (starts.every((start) => was[start + n] === now[start + n])) continue
      const goesBefore = identity ? identityOutcome(identifying, was, n) : 'exact'
      const goesAfter = identity ? identityOutcome(identifying, now, n) : 'exact'
      for (const [i, start] of starts.entries()) {
        const a = goesOr(was[start + n], goesBefore)
        const b = goesOr(now[start + n], goesAfter)
        if (a !== b) note(record, names[i] ?? '', recipients[n] ?? '', a, b)
      }
    }
  }
  return {
    records,
    questions: tuples.size * width,
    gains,
    losses,
    changes: [...changes.values()].sort(byWeight),
  }

  function note(record: DataRecord, field: string, to: Nation, a: number, b: number): void {
    const [old, fresh] = [outcomes[a] ?? 'nothing', outcomes[b] ?? 'nothing']
    if (gainOf(old, fresh) > 0) gains++
    else losses++
    const { kind, id } = record
    const key = `${to}|${kind}|${field}|${a}|${b}`
    const known = changes.get(key)
    if (known === undefined)
      changes.set(key, {
        nation: to,
        kind,
        field,
        before: old,
        after: fresh,
        records: 1,
        examples: [id],
      })
    else {
      known.records++
      if (known.examples.length < examplesKept) known.examples.push(id)
    }
  }
}

/** Short names for long keys: what all fields of a record share is read once. */
function numberOf(key: string, known: Map<string, number>): number {
  const found = known.get(key)
  if (found !== undefined) return found
  known.set(key, known.size)
  return known.size - 1
}

/** Whether the record goes: at once, once officers have approved its identity, or not at all. */
function identityOutcome(
  identifying: readonly number[],
  ranks: readonly number[],
  n: number,
): Outcome {
  const found = identifying.map((start) => outcomes[ranks[start + n] ?? 0])
  return (['exact', 'approve exact'] as const).find((each) => found.includes(each)) ?? 'nothing'
}

/** Without its identity nothing of a record goes; where that waits for officers, all of it waits. */
function goesOr(rank: number | undefined, identity: Outcome): number {
  if (identity === 'nothing') return 0
  const outcome = outcomes[rank ?? 0] ?? 'nothing'
  return outcomes.indexOf(identity === 'exact' ? outcome : withApproval(outcome))
}

/** Gains first, then by how many records, then by name. */
const byWeight = (a: HeldChange, b: HeldChange): number =>
  Math.sign(gainOf(b.before, b.after)) - Math.sign(gainOf(a.before, a.after)) ||
  b.records - a.records ||
  (nameOf(a) < nameOf(b) ? -1 : 1)
const nameOf = ({ nation, kind, field, before, after }: HeldChange) =>
  [nation, kind, field, before, after].join('|')

/** Levels at which the value of a field can go under each policy. */
interface Fits {
  readonly before: Fit
  readonly after: Fit
  readonly key: string
}
interface Fit {
  readonly exact: boolean
  readonly fine: boolean
  readonly coarse: boolean
}

function rank(outcome: Outcome, fit: Fit): number {
  const level = goingOf(outcome)
  return level !== 'nothing' && fit[level] ? outcomes.indexOf(outcome) : 0
}

const always: Fit = { exact: true, fine: true, coarse: true }
const never: Fit = { exact: false, fine: false, coarse: false }
const wholeOnly: Fit = { exact: true, fine: false, coarse: false }

function fitsOf(
  record: DataRecord,
  field: string,
  before: CompiledPolicy | null,
  after: CompiledPolicy,
  identity: boolean,
): Fits {
  if (!identity) return { before: always, after: always, key: '' }
  if ((record.fields[field]?.value ?? null) === null)
    return { before: never, after: never, key: '0' }
  const definitions = fieldsOf(record.kind)
  const banded = Object.hasOwn(definitions, field) && definitions[field]?.bandType !== undefined
  if (!banded) return { before: wholeOnly, after: wholeOnly, key: '1' }
  const fit = (policy: CompiledPolicy): Fit => ({
    exact: true,
    fine: valueAt(record, field, 'fine', policy) !== null,
    coarse: valueAt(record, field, 'coarse', policy) !== null,
  })
  const now = fit(after)
  const same = before === null || before.bands === after.bands
  const then = same ? now : fit(before)
  return { before: then, after: now, key: [then.fine, then.coarse, now.fine, now.coarse].join() }
}

/** All of a field that decisions may come to read: not its value, nor the text that it was made of. */
function fieldKeyOf({ fields }: DataRecord, name: string): string {
  const field = fields[name]
  if (field === undefined) return ''
  const { value: _, asGiven: __, label, ...rest } = field
  const { classification, releasableTo, caveats, ...more } = label
  return `${classification}(${releasableTo.join()})${caveats.join()}|${restOf(more)}|${restOf(rest)}`
}

function restOf(members: object): string {
  for (const _ in members) return JSON.stringify(members)
  return ''
}
