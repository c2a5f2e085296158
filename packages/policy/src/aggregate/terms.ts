import { type DataRecord, type Field, joinLabels, type Label, type Terms } from '@entente/schema'

/** What binds an aggregate: the join of all that it was made of. */
export interface Bound {
  readonly label: Label
  readonly terms: Terms | undefined
  /** Whether any of it came from another nation. */
  readonly foreign: boolean
}

/**
 * Joins what binds these fields of these records: the least label that protects all, the strictest onward release.
 * Null: none of the fields is there.
 */
export function boundOf(records: readonly DataRecord[], fields: readonly string[]): Bound | null {
  const used = records.flatMap((record) =>
    fields.flatMap((name) => (Object.hasOwn(record.fields, name) ? [record.fields[name]] : [])),
  )
  const given = used.filter((each): each is Field => each !== undefined)
  const [first, ...others] = given.map(({ label }) => label)
  if (first === undefined) return null
  const own = new Set<string>(records.map(({ originator }) => originator))
  const allTerms = given.flatMap((each) => each.terms ?? [])
  return {
    label: others.reduce(joinLabels, first),
    terms: strictest(allTerms, own),
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

/** The strictest of all terms, in the name of an originator that is another nation, if any is. */
function strictest(all: readonly Terms[], own: ReadonlySet<string>): Terms | undefined {
  const others = all.map(({ originator }) => originator).filter((name) => !own.has(name))
  const [originator] = (others.length > 0 ? others : all.map((each) => each.originator)).sort()
  if (originator === undefined) return undefined
  const rank = Math.max(...all.map(({ onward_release }) => onward.indexOf(onward_release)))
  return { originator, onward_release: onward[rank] ?? 'none' }
}

const onward = ['free', 'same-group', 'ask', 'none'] as const
