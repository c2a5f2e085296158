import {
  type AggregateDefinition,
  boundOf,
  fieldsUsed,
  labelOf,
  type Publication,
} from '@entente/policy'
import { canonicalJson, type DataRecord, joinLabels, type Nation } from '@entente/schema'
import type { Draft, Edit } from '../ledger/record/amend-record.ts'
import { joinEnvelopes } from '../ledger/record/join-envelopes.ts'
import { bindMore } from '../parties/name-binding.ts'

/**
 * The record that a publication makes: under all that its contributors are under, of which nothing but the join can be seen. Their dates
 * and confidence are not in it, and whom it was derived from stays in the envelope, at home.
 */
export function derivedDraft(
  { id, from, into }: AggregateDefinition,
  { title, value, label, terms, asOf, from: records }: Publication,
  {
    nation,
    edition,
    cell,
  }: { readonly nation: Nation; readonly edition: number; readonly cell: string },
): Draft {
  const {
    jurisdiction,
    handling,
    derivedFrom = [],
  } = records.map(({ envelope }) => envelope).reduce(joinEnvelopes)
  const sources = records.map(({ id: record, originator }) => ({ record, originator }))
  const bound = { label, ...(terms && { terms }) }
  return {
    kind: from.kind,
    dataset: into.dataset,
    originator: nation,
    envelope: {
      asOf,
      status: 'active',
      source: { document: `aggregate ${id} edition ${edition}`, row: cell },
      handling,
      ...(jurisdiction && { jurisdiction }),
      derivedFrom: unique([...derivedFrom, ...sources]),
    },
    fields: { title: { value: title, ...bound }, aggregate: { value, ...bound } },
  }
}

/**
 * What brings a derived record under what records that it was made of are under now; null: it is already. Nothing of it gets wider, so
 * those that have not changed need not be among them, but where the definition gives a label: what it stands in place of depends on all.
 */
export function narrowingOf(
  definition: AggregateDefinition,
  { envelope, fields }: DataRecord,
  sources: readonly DataRecord[],
): Edit | null {
  const bound = boundOf(sources, fieldsUsed(definition))
  const [first, ...others] = sources.map((source) => source.envelope)
  if (first === undefined) return null
  const label = bound === null ? null : labelOf(definition.label, bound)
  const set = Object.entries(fields).flatMap(([name, field]) => {
    const joined = label === null ? field.label : joinLabels(field.label, label)
    return isSame(joined, field.label) ? [] : [[name, { label: joined }] as const]
  })
  const { envelope: more, addJurisdiction = [] } = bindMore(
    envelope,
    others.reduce(joinEnvelopes, first),
  )
  const known = (envelope.jurisdiction ?? []).map((each) => canonicalJson(each))
  const tags = addJurisdiction.filter((each) => !known.includes(canonicalJson(each)))
  if (set.length === 0 && more === undefined && tags.length === 0) return null
  return {
    set: Object.fromEntries(set),
    narrow: true,
    ...(more && { envelope: more }),
    ...(tags.length > 0 && { addJurisdiction: tags }),
  }
}

/** What takes back what somebody wrote into a derived record by hand; null: nothing. Its label stays as it is. */
export function rightingOf(
  said: Readonly<Record<string, unknown>>,
  { fields }: DataRecord,
): Edit | null {
  const [label] = Object.values(fields).map((field) => field.label)
  const set = Object.entries(said).flatMap(([name, value]) => {
    const now = fields[name]
    if (now !== undefined && isSame(now.value, value) && !now.conflict) return []
    return [[name, { value, ...(now === undefined && label !== undefined && { label }) }] as const]
  })
  const unset = Object.keys(fields).filter((name) => !Object.hasOwn(said, name))
  if (set.length === 0 && unset.length === 0) return null
  return { set: Object.fromEntries(set) as NonNullable<Edit['set']>, unset, narrow: true }
}

const isSame = (a: unknown, b: unknown): boolean => canonicalJson(a) === canonicalJson(b)

const unique = <T>(items: readonly T[]): T[] => [
  ...new Map(items.map((item) => [canonicalJson(item), item])).values(),
]
