import type { CompiledPolicy } from '../compile.ts'
import { formatIsoInstant, parseIsoDate } from '../dates.ts'
import type { Attribute, Row } from '../document.ts'
import { factsOf, type Question, recordFactsOf } from '../question.ts'
import type { CedarExport } from './export.ts'
import { spellings } from './row-policies.ts'
import { type CodeList, other } from './vocabulary.ts'

interface EntityUid {
  readonly type: string
  readonly id: string
}
type Entity = { readonly __entity: EntityUid }
type ContextValue =
  | Entity
  | readonly Entity[]
  | { readonly known: boolean; readonly values: readonly Entity[] }
  | { readonly __extn: { readonly fn: 'datetime'; readonly arg: string } }

/** A question in the JSON form of Cedar's authorization calls. */
export interface CedarRequest {
  readonly principal: EntityUid
  readonly action: EntityUid
  readonly resource: EntityUid
  readonly context: Readonly<Record<string, ContextValue>>
}

/** Ids of matching rows, sorted, by effect. */
export type MatchingRows = Readonly<Record<Row['effect'], readonly string[]>>

/**
 * Says a question in Cedar, read from the record and the policy's own tables, not from what the engine makes of them; but
 * for the agreements that cover it: no Cedar policy can say that there is one in a set.
 */
export function cedarRequestOf(
  question: Question,
  policy: CompiledPolicy,
  { vocabulary }: CedarExport,
): CedarRequest {
  const { record, field: name, recipient, purpose, atMs } = question
  const field = Object.hasOwn(record.fields, name) ? record.fields[name] : undefined
  const { confidence } = record.envelope
  const groups = Object.entries(policy.document.groups).filter(([, stays]) =>
    stays.some(
      ({ nation, from, until }) =>
        nation === recipient &&
        (parseIsoDate(from) ?? Infinity) <= atMs &&
        (until === undefined || atMs < (parseIsoDate(until) ?? -Infinity)),
    ),
  )
  const values: Readonly<Record<Exclude<Attribute, 'at'>, readonly string[] | undefined>> = {
    kind: [record.kind],
    field: [name],
    dataset: [record.dataset],
    originator: [record.originator],
    confidence: confidence === undefined ? undefined : [confidence],
    recipient: [recipient],
    recipientGroups: groups.map(([code]) => code),
    purpose: [purpose],
    classification: field && [field.label.classification],
    caveats: field?.label.caveats,
    releasableTo: field?.label.releasableTo,
    agreements: factsOf(question, recordFactsOf(record), policy).agreements,
    regimes: (record.envelope.jurisdiction ?? []).map(({ regime }) => regime),
    origins: [
      record.originator,
      ...(record.envelope.derivedFrom ?? []).map(({ originator }) => originator),
      ...(field?.terms === undefined ? [] : [field.terms, ...(field.terms.others ?? [])]).map(
        ({ originator }) => originator,
      ),
    ].filter((nation, i, all) => nation !== question.sender && all.indexOf(nation) === i),
  }
  const uid = (type: CodeList, code: string): EntityUid => {
    const known = vocabulary[type]
    return { type, id: known.has(code) || !known.has(other) ? code : other }
  }
  const context: Record<string, ContextValue> = {
    at: { __extn: { fn: 'datetime', arg: formatIsoInstant(atMs) } },
  }
  for (const [attribute, codes] of Object.entries(values)) {
    const { form, type, path } = spellings[attribute as Attribute]
    if (type === 'datetime' || !path.startsWith('context.')) continue
    const entities = (codes ?? []).map((code): Entity => ({ __entity: uid(type, code) }))
    const [only] = entities
    if (form === 'maybe') context[attribute] = { known: codes !== undefined, values: entities }
    else if (form === 'set') context[attribute] = entities
    else if (only !== undefined) context[attribute] = only
  }
  return {
    principal: uid('Nation', recipient),
    action: { type: 'Action', id: 'receive' },
    resource: uid('Field', name),
    context,
  }
}

/**
 * The rows that match, from the ids of the satisfied policies. Cedar gives these in an order of its own. A transform row, and a
 * permit row for some roles, counts only where some row releases: it limits what others give.
 */
export function openCedarAnswer(
  satisfied: readonly string[],
  { policies }: CedarExport,
): MatchingRows {
  const ids = new Set(satisfied)
  const found = policies.filter(({ id }) => ids.has(id))
  const isReleased = found.some(({ part }) => part === 'releases')
  const rowsOf = (effect: Row['effect'], part: string) =>
    found.filter((policy) => policy.effect === effect && policy.part === part).map(({ row }) => row)
  return {
    permit: [
      ...new Set([
        ...rowsOf('permit', 'releases'),
        ...(isReleased ? rowsOf('permit', 'coarsens') : []),
      ]),
    ].sort(),
    deny: rowsOf('deny', 'withholds'),
    approve: rowsOf('approve', 'withholds'),
    transform: isReleased ? rowsOf('transform', 'coarsens') : [],
  }
}
