import { type DataRecord, identityOf, type Nation, type Role } from '@entente/schema'
import type { CompiledPolicy } from './compile.ts'
import { valueAt } from './compose.ts'
import { formatIsoDate } from './dates.ts'
import { type Decision, decide, type Finding, findingsOf, levelOf } from './decide.ts'
import type { labelGate } from './label-gate.ts'
import { identifies, type Level, levelOfTransform, showsText } from './levels.ts'
import { NO_BAND_FITS, sayUnfit } from './names-and-places.ts'
import { type Miss, type NearMiss, nearestMiss, showMiss } from './near-miss.ts'
import { type Facts, factsOf, type Question, recordFactsOf } from './question.ts'
import { nearestAgreement } from './register/cover.ts'
import { sayRetransfer } from './retransfer/words.ts'
import { sayWhere, spillsOf } from './spill/hold.ts'
import { sayMissing } from './supplier/cover.ts'
import { liftings, sayMiss } from './words.ts'

/** Why a nation gets one field, or does not. */
export interface FieldExplanation {
  readonly field: string
  readonly effect: Decision['effect']
  readonly level: Level
  /** The gate that decided; `silence`: no row speaks. */
  readonly gate: 'label' | 'legal' | 'consent' | 'rules' | 'spill' | 'silence'
  readonly rules: readonly string[]
  readonly because: readonly string[]
  readonly authority: string | null
  /** Only people of these roles there; null: of every role, or it does not go. */
  readonly roles: readonly Role[] | null
  readonly validUntil: number | null
  readonly words: string
  /** For a field that no row releases. */
  readonly nearest: NearMiss | null
  /** What somebody would change for it to go; absent where it goes, or where that is not known. */
  readonly change?: string
}

/** One field that two nations do not get alike, and what makes the difference. */
export interface Difference {
  readonly field: string
  readonly recipient: Level
  readonly compare: Level
  /** Reasons and rows that hold for one nation only. */
  readonly because: { readonly recipient: readonly string[]; readonly compare: readonly string[] }
  readonly rules: { readonly recipient: readonly string[]; readonly compare: readonly string[] }
  readonly words: string
}

/** All reasons, for the originator's own eyes. */
export interface Explanation {
  readonly record: string
  readonly recipient: Nation
  readonly nation: Nation
  readonly edition: number
  /** Whether anything goes: an identity field must go whole, or under a pseudonym. */
  readonly identified: boolean
  readonly fields: readonly FieldExplanation[]
  readonly differences: readonly Difference[]
}

export interface Asked {
  readonly record: DataRecord
  readonly recipient: Nation
  readonly atMs: number
  readonly purpose?: Question['purpose']
  /** A second nation to set beside the first. */
  readonly compare?: Nation
  /** Only this field. */
  readonly field?: string
}

/** Says of each field of a record what a nation gets, by which gate, row, edition and authority. Pure. */
export function explain(asked: Asked, policy: CompiledPolicy): Explanation {
  const { record, recipient, compare } = asked
  const all = explainAll(asked, recipient, policy)
  const wanted = (entry: { readonly field: string }) =>
    asked.field === undefined || entry.field === asked.field
  const others = compare === undefined ? [] : explainAll(asked, compare, policy)
  return {
    record: record.id,
    recipient,
    nation: policy.nation,
    edition: policy.edition,
    identified: isIdentified(record, all),
    fields: all.filter(wanted),
    differences: all.filter(wanted).flatMap((mine): readonly Difference[] => {
      const theirs = others.find(({ field }) => field === mine.field)
      if (theirs === undefined || theirs.level === mine.level) return []
      return [difference(mine, theirs, recipient, compare ?? recipient)]
    }),
  }
}

function explainAll({ record, atMs, purpose = 'use' }: Asked, to: Nation, policy: CompiledPolicy) {
  const fields = Object.keys(record.fields).sort()
  return fields.map((field) =>
    explainField({ record, field, recipient: to, purpose, atMs, sender: policy.nation }, policy),
  )
}

const isIdentified = (record: DataRecord, fields: readonly FieldExplanation[]) =>
  fields.some(({ field, level }) => identifies(level) && identityOf(record.kind).includes(field))

function explainField(question: Question, policy: CompiledPolicy): FieldExplanation {
  const explained = heldForSpill(explainDecision(question, policy), question, policy)
  const { level, words } = explained
  const sent = level === 'redact' || valueAt(question.record, question.field, level, policy)
  if (sent !== null) return explained
  const unfit = `${words}; not sent: ${sayUnfit(question.record, question.field, level)}`
  return { ...explained, level: 'redact', words: unfit }
}

/** Ends the words on a value that would go in bands. */
export const UNFIT = `; not sent: ${NO_BAND_FITS}`

/** The same where the value itself makes it wait. */
function heldForSpill(
  explained: FieldExplanation,
  { record, field }: Question,
  { document }: CompiledPolicy,
): FieldExplanation {
  const spills = showsText(explained.level) ? spillsOf(record, field, document) : []
  if (spills.length === 0) return explained
  const because = [...new Set(spills.map(sayWhere))].sort()
  return {
    ...explained,
    effect: 'approve',
    level: 'redact',
    gate: 'spill',
    because,
    authority: null,
    roles: null,
    words: `needs approval: ${because.join('; ')}; else ${explained.words}`,
  }
}

/** Why a field may go or not, whatever its value is. */
export function explainDecision(question: Question, policy: CompiledPolicy): FieldExplanation {
  const decision = decide(question, policy)
  const facts = factsOf(question, recordFactsOf(question.record), policy)
  const findings = findingsOf(facts, policy)
  const decisive = findings.filter(({ effect }) => effect === decision.effect)
  const gate = decisive[0]?.gate ?? 'silence'
  const miss = gate === 'silence' ? nearestMiss(facts, policy) : null
  const { effect, rules, because, authority, roles, validUntil } = decision
  const change = effect === 'deny' ? changeFor(decisive, miss, facts, policy) : null
  return {
    field: question.field,
    effect,
    level: levelOf(decision),
    gate,
    rules,
    because,
    authority,
    roles,
    validUntil,
    words: [
      tell(decision, decisive, miss, facts, policy),
      tellLaw(gate, facts, policy),
      tellOrigin(because, facts, policy),
      tellConsent(decisive, facts, policy),
    ].join(''),
    nearest: miss === null ? null : showMiss(miss, facts),
    ...(change !== null && { change }),
  }
}

/** For a tagged record that no agreement covers: which comes nearest, and what is wrong with it. */
function tellLaw(
  gate: FieldExplanation['gate'],
  facts: Facts,
  { register }: CompiledPolicy,
): string {
  if (gate !== 'legal') return ''
  const nearest = nearestAgreement(facts, register)
  if (nearest === null) return '; there is no register of agreements'
  return `; nearest is the agreement ${nearest.id}: ${nearest.failed.join('; ')}`
}

/** Of what came from other nations: which of them stands in the way, and how. */
function tellOrigin(because: readonly string[], facts: Facts, { nation }: CompiledPolicy): string {
  if (!because.includes('retransfer needs consent' satisfies keyof typeof labelGate)) return ''
  return `; ${sayRetransfer(facts, nation).is}`
}

/** For a COMMERCIAL field that its supplier keeps back: what is missing. */
const tellConsent = (decisive: readonly Finding[], facts: Facts, { register }: CompiledPolicy) =>
  decisive.some(({ gate }) => gate === 'consent')
    ? `; ${sayMissing(facts, facts.supply, register)}`
    : ''

/** Every finding that denies must go: each says what would lift it. */
function changeFor(
  decisive: readonly Finding[],
  miss: Miss | null,
  facts: Facts,
  { groups }: CompiledPolicy,
): string | null {
  if (miss !== null) return sayMiss(miss, facts, groups).change
  if (decisive.length === 0) return 'add a row that releases it'
  const steps = decisive.flatMap(({ name, row }) =>
    row !== undefined
      ? `narrow row ${row.id}: a denial beats every permit`
      : (liftings[name]?.(facts) ?? []),
  )
  return steps.length === 0 ? null : [...new Set(steps)].join(', and ')
}

function tell(
  decision: Decision,
  decisive: readonly Finding[],
  miss: Miss | null,
  facts: Facts,
  { nation, edition, groups }: CompiledPolicy,
): string {
  const rows = decisive.flatMap(({ row }) => row?.id ?? [])
  const source = rows.length > 0 ? `${rowsNamed(rows)} of ${nation} edition ${edition}` : ''
  const only = decision.roles === null ? '' : `, only for ${decision.roles.join(', ')}`
  const until = `${only}${decision.validUntil === null ? '' : `, until ${formatIsoDate(decision.validUntil)}`}`
  switch (decision.effect) {
    case 'permit':
      return `exact by ${source}, under ${decision.authority}${until}`
    case 'transform': {
      const level = levelOf(decision)
      return `${sayForm(level, decisive)} by ${source}, under ${decision.authority}${until}`
    }
    case 'approve':
      return `needs approval: ${decision.because.join('; ')}${source && ` (${source})`}`
    case 'deny': {
      if (miss === null) return `denied: ${decision.because.join('; ')}${source && ` (${source})`}`
      return `denied: no row of ${nation} edition ${edition} permits it; nearest is row ${miss.row}: ${sayMiss(miss, facts, groups).is}`
    }
  }
}

/** How a value goes at a level that is not the whole of it. */
function sayForm(level: Level, decisive: readonly Finding[]): string {
  switch (level) {
    case 'country':
      return 'as its country only'
    case 'pseudonym':
      return 'under a pseudonym, without the name,'
    case 'redact': {
      const asked = decisive.flatMap(({ row }) =>
        row?.effect === 'transform' ? [levelOfTransform(row.transform)] : [],
      )
      return asked.includes('redact')
        ? 'not sent'
        : `not sent (nothing is ${[...new Set(asked)].join(' and ')} at once)`
    }
    default:
      return `in ${level} bands`
  }
}

const rowsNamed = (ids: readonly string[]) => `${ids.length > 1 ? 'rows' : 'row'} ${ids.join(', ')}`

function difference(
  mine: FieldExplanation,
  theirs: FieldExplanation,
  recipient: Nation,
  compare: Nation,
): Difference {
  const only = (a: readonly string[], b: readonly string[]) => a.filter((x) => !b.includes(x))
  return {
    field: mine.field,
    recipient: mine.level,
    compare: theirs.level,
    because: {
      recipient: only(mine.because, theirs.because),
      compare: only(theirs.because, mine.because),
    },
    rules: { recipient: only(mine.rules, theirs.rules), compare: only(theirs.rules, mine.rules) },
    words: `${recipient}: ${mine.words}. ${compare}: ${theirs.words}.`,
  }
}
