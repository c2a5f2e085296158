import { type DataRecord, type Nation, RecordId } from '@entente/schema'
import { NodeError } from '../errors.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { View } from '../view/view.ts'
import { type Binding, bindingOf } from './name-binding.ts'
import { nameOf } from './party-decisions.ts'
import { sourceNames } from './source-names.ts'

export interface DecideContext {
  readonly ledger: Ledger
  readonly view: View
  readonly nation: Nation
  /** Day of the decision. */
  readonly asOf: string
}

/** A name that own records have, with what binds it. */
export interface KnownName {
  readonly name: string
  readonly binding: Binding
  /** The records by which it is known. */
  readonly sources: readonly [DataRecord, ...DataRecord[]]
}

/** Own supplier records of a name. */
export interface Suppliers {
  readonly plain: readonly DataRecord[]
  /** Made for decisions that none of the others could hold. */
  readonly beside: readonly DataRecord[]
}

/**
 * Finds two names in the nation's own records; what partners released counts only once it is copied.
 * @throws {NodeError} `NAME_UNKNOWN`
 */
export function knownNames(
  context: DecideContext,
  name: string,
  other: string,
): readonly [KnownName, KnownName] {
  const { ledger, view, nation } = context
  const found = new Map(sourceNames(view, nation).map((each) => [each.name, each.records]))
  const known = (text: string): KnownName => {
    const naming = (found.get(text) ?? []).flatMap((id) => ledger.get(RecordId.parse(id)) ?? [])
    const { plain, beside } = suppliersNamed(context, text)
    const all = naming.length > 0 ? naming : [...plain, ...beside]
    // A record beside is under what the other name of its decision is under: that says nothing of this one.
    const own = all.filter((record) => !isBeside(record))
    const [first, ...others] = own.length > 0 ? own : all
    if (first === undefined)
      throw new NodeError(
        'NAME_UNKNOWN',
        `no own record names ${text}; names are taken as they are spelt`,
      )
    const sources: KnownName['sources'] = [first, ...others]
    return { name: text, sources, binding: bindingOf(text, sources) }
  }
  return [known(name), known(other)]
}

/** Supplier records of a name, those without a place first: they speak of the party, not of one of its works. */
export function suppliersNamed({ ledger, view, nation }: DecideContext, name: string): Suppliers {
  const records = [...view.each({ kind: 'supplier', originator: nation })]
    .filter((row) => row.provenAtMs === null && nameOf(row) === name)
    .toSorted(
      (a, b) => Number('place' in a.fields) - Number('place' in b.fields) || (a.id < b.id ? -1 : 1),
    )
    .flatMap(({ id }) => ledger.get(RecordId.parse(id)) ?? [])
  return {
    plain: records.filter((record) => !isBeside(record)),
    beside: records.filter(isBeside),
  }
}

/** Source of a supplier record that was made beside others of its name, for a decision on it and another name. */
export const besideSource = (name: string, other: string) => ({
  document: `${decision} ${name} and ${other}`,
})

const decision = 'decision on'
const isBeside = ({ kind, envelope: { source } }: DataRecord): boolean =>
  kind === 'supplier' && source.document.startsWith(`${decision} `)
