import { type Caveat, type Classification, caveats, classifications } from '@entente/schema'
import { formatIsoInstant, parseIsoDate } from '../dates.ts'
import type { Attribute, Row } from '../document.ts'
import { levelOfTransform } from '../levels.ts'
import type { CodeList } from './vocabulary.ts'

/**
 * How an attribute is spelt in Cedar. `one`: a code that every question has. `set`: a set that every question has.
 * `maybe`: `{known, values}`, as the record may not say; a single code is then a set of one. `time`: a datetime.
 */
interface Spelling {
  readonly form: 'one' | 'set' | 'maybe' | 'time'
  readonly type: CodeList | 'datetime'
  /** Expression by which a policy reads it. */
  readonly path: string
}

export const spellings: Readonly<Record<Attribute, Spelling>> = {
  kind: { form: 'one', type: 'Kind', path: 'context.kind' },
  field: { form: 'one', type: 'Field', path: 'resource' },
  dataset: { form: 'one', type: 'Dataset', path: 'context.dataset' },
  originator: { form: 'one', type: 'Nation', path: 'context.originator' },
  confidence: { form: 'maybe', type: 'Confidence', path: 'context.confidence' },
  recipient: { form: 'one', type: 'Nation', path: 'principal' },
  recipientGroups: { form: 'set', type: 'Group', path: 'context.recipientGroups' },
  purpose: { form: 'one', type: 'Purpose', path: 'context.purpose' },
  classification: { form: 'maybe', type: 'Classification', path: 'context.classification' },
  caveats: { form: 'maybe', type: 'Caveat', path: 'context.caveats' },
  releasableTo: { form: 'maybe', type: 'ReleaseName', path: 'context.releasableTo' },
  agreements: { form: 'set', type: 'Agreement', path: 'context.agreements' },
  regimes: { form: 'set', type: 'Regime', path: 'context.regimes' },
  origins: { form: 'set', type: 'Nation', path: 'context.origins' },
  at: { form: 'time', type: 'datetime', path: 'context.at' },
}

/** What a Cedar policy says of a row: it releases, it holds back, or it limits what other rows release. */
export type Part = 'releases' | 'withholds' | 'coarsens'

/** One Cedar policy. */
export interface RowPolicy {
  /** Row id; of what a row coarsens, with `coarsensMark` behind it. */
  readonly id: string
  readonly row: string
  readonly effect: Row['effect']
  readonly part: Part
  readonly text: string
}

const coarsensMark = '#coarsens'

/**
 * Says a row in Cedar, read from the document and not from the compiled row, so that the two can disagree. Every policy
 * is a `permit`: what counts is which are satisfied, not what Cedar makes of them. A value that is missing makes a
 * condition unknown: rows that release need all to be true, rows that withhold that none is false.
 */
export function policiesOf(row: Row): readonly RowPolicy[] {
  const written = conditionsOf(row.match)
  const say = (part: Part, id: string, condition: string): RowPolicy => ({
    id,
    row: row.id,
    effect: row.effect,
    part,
    text: policyText(row, part, id, condition),
  })
  if (row.effect === 'deny' || row.effect === 'approve')
    return [say('withholds', row.id, all(written.map(possibly), 'true'))]
  // What a row does not mention it does not release; that makes no full selector of an empty one.
  const implied = conditionsOf({
    ...(row.match.purpose === undefined && { purpose: { in: ['use'] as const } }),
    ...(row.match.caveats === undefined && { caveats: { subsetOf: openCaveats } }),
  })
  const releasing = written.length === 0 ? [] : [...written, ...implied].map(certainly)
  const releases = say('releases', row.id, all(releasing, 'false'))
  if (row.effect === 'permit' && row.roles === undefined) return [releases]
  const besideLabel = written.filter(({ attribute }) => !ofLabel.has(attribute)).map(possibly)
  return [releases, say('coarsens', `${row.id}${coarsensMark}`, all(besideLabel, 'true'))]
}

const openCaveats: readonly Caveat[] = caveats.filter((caveat) => caveat !== 'COMMERCIAL')
const ofLabel: ReadonlySet<Attribute> = new Set([
  'agreements',
  'classification',
  'caveats',
  'releasableTo',
])

interface Condition {
  readonly attribute: Attribute
  readonly spelling: Spelling
  /** Expression over a known value; null: nobody can decide it. */
  readonly test: string | null
}

function conditionsOf(match: Row['match']): readonly Condition[] {
  return (Object.keys(match) as Attribute[]).sort().flatMap((attribute) =>
    Object.entries(match[attribute] ?? {}).map(
      ([operator, wanted]: [string, string | readonly string[]]) => ({
        attribute,
        spelling: spellings[attribute],
        test: testOf(spellings[attribute], operator, wanted),
      }),
    ),
  )
}

/** Holds where the condition is true. */
function certainly({ spelling: { form, path }, test }: Condition): string {
  if (test === null) return 'false'
  return form === 'maybe' ? `(${path}.known && ${test})` : test
}

/** Holds where the condition is not false. */
function possibly({ spelling: { form, path }, test }: Condition): string {
  if (test === null) return 'true'
  return form === 'maybe' ? `(!${path}.known || ${test})` : test
}

function testOf(
  { form, type, path }: Spelling,
  operator: string,
  wanted: string | readonly string[],
): string | null {
  if (typeof wanted === 'string') return boundTest(form, type, path, operator, wanted)
  const list = `[${wanted.map((code) => `${type}::${quote(code)}`).join(', ')}]`
  const value = form === 'maybe' ? `${path}.values` : path
  const isOne = form === 'one'
  switch (operator) {
    case 'in':
      if (wanted.length === 0) return null
      return isOne ? `${list}.contains(${value})` : `${list}.containsAll(${value})`
    case 'notIn':
      if (wanted.length === 0) return null
      return isOne ? `!${list}.contains(${value})` : `!${list}.containsAny(${value})`
    case 'subsetOf':
      return wanted.length === 0 ? `${value}.isEmpty()` : `${list}.containsAll(${value})`
    case 'intersects':
      return wanted.length === 0 ? null : `${list}.containsAny(${value})`
    default:
      return null
  }
}

function boundTest(
  form: Spelling['form'],
  type: Spelling['type'],
  path: string,
  operator: string,
  bound: string,
): string | null {
  if (form === 'time') {
    const atMs = parseIsoDate(bound)
    const sign = operator === 'from' ? '>=' : operator === 'until' ? '<' : null
    if (atMs === null || sign === null) return null
    return `${path} ${sign} datetime(${quote(formatIsoInstant(atMs))})`
  }
  const rank = classifications.indexOf(bound as Classification)
  if (rank < 0) return null
  const levels =
    operator === 'atMost'
      ? classifications.slice(0, rank + 1)
      : operator === 'atLeast'
        ? classifications.slice(rank)
        : null
  if (levels === null) return null
  return `[${levels.map((level) => `${type}::${quote(level)}`).join(', ')}].containsAll(${path}.values)`
}

const all = (conditions: readonly string[], empty: 'true' | 'false') =>
  conditions.length === 0 ? empty : conditions.join(' &&\n  ')

function policyText(row: Row, part: Part, id: string, condition: string): string {
  const notes = {
    id,
    effect: row.effect,
    part,
    ...(row.effect === 'transform' && {
      level: levelOfTransform(row.transform),
    }),
    reason: row.reasonCode,
    ...(row.authority !== undefined && { authority: row.authority }),
    ...('roles' in row && row.roles !== undefined && { roles: row.roles.join(' ') }),
  }
  const annotations = Object.entries(notes).map(([name, text]) => `@${name}(${quote(text)})`)
  return `${annotations.join('\n')}
permit (principal, action == Action::"receive", resource)
when {
  ${condition}
};`
}

/** A Cedar string literal; escapes are Rust's. */
export function quote(text: string): string {
  const escaped = [...text].map((character) => {
    const code = character.codePointAt(0) ?? 0
    if (character === '"' || character === '\\') return `\\${character}`
    return code < 32 || code === 127 ? `\\u{${code.toString(16)}}` : character
  })
  return `"${escaped.join('')}"`
}
