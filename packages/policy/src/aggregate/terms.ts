import {
  type DataRecord,
  derivedTerms,
  type Field,
  joinLabels,
  joinTerms,
  type Label,
  type Terms,
} from '@entente/schema'

/** What binds an aggregate: the join of all that it was made of. */
export interface Bound {
  readonly label: Label
  readonly terms: Terms | undefined
  /** Whether any of it came from another nation. */
  readonly foreign: boolean
}

/**
 * Joins what binds these fields of these records: the least label that protects all, the terms of every originator.
 * Null: none of the fields is there.
 */
export function boundOf(records: readonly DataRecord[], fields: readonly string[]): Bound | null {
  const used = records.flatMap((record) =>
    fields.flatMap((name) => (Object.hasOwn(record.fields, name) ? [record.fields[name]] : [])),
  )
  const given = used.filter((each): each is Field => each !== undefined)
  const [first, ...others] = given.map(({ label }) => label)
  if (first === undefined) return null
  const allTerms = given.flatMap((each) => each.terms ?? [])
  return {
    label: others.reduce(joinLabels, first),
    // All originators, and no longer what any of them gave.
    terms: derivedTerms(allTerms.reduce<Terms | undefined>(joinTerms, undefined)),
    foreign:
      allTerms.length > 0 ||
      records.some(({ originator, envelope }) =>
        (envelope.derivedFrom ?? []).some((source) => source.originator !== originator),
      ),
  }
}

/**
 * The label of an aggregate. One that the signed policy gives stands in place of the joined level and release list; caveats and original
 * markings of contributors stay, and where one is ONLY, or another nation's, nothing of the join is given up.
 */
export function labelOf(given: Label | undefined, { label, foreign }: Bound): Label {
  if (given === undefined) return label
  const both = joinLabels(given, label)
  if (foreign || label.caveats.includes('ONLY')) return both
  return { ...both, classification: given.classification, releasableTo: given.releasableTo }
}
