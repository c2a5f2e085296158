import {
  canonicalJson,
  type DataRecord,
  defaultLabelOf,
  derivedTerms,
  type Envelope,
  joinLabels,
  joinTerms,
  type Label,
  type Nation,
  type Terms,
  termsIn,
} from '@entente/schema'
import type { Edit } from '../ledger/record/amend-record.ts'
import { joinEnvelopes } from '../ledger/record/join-envelopes.ts'
import { fieldsNaming } from './source-names.ts'

/** What binds whoever writes a name down: the label it stands under, its originator's terms, what its records are under. */
export interface Binding {
  readonly label: Label
  readonly terms: Terms | undefined
  readonly envelope: Envelope
}

/**
 * What binds a name, joined over all records that name it. A draft among them, or no active one, makes it a draft's.
 * @param sources own records that name it, without those that decisions on it made, if there are others
 */
export function bindingOf(name: string, sources: readonly [DataRecord, ...DataRecord[]]): Binding {
  const fields = sources.flatMap((record) => fieldsNaming(record, name))
  const labels = fields.map(({ label }) => label)
  const statuses = sources.map(({ envelope }) => envelope.status)
  const isDraft = statuses.includes('draft') || !statuses.includes('active')
  return {
    label: labels.length === 0 ? defaultLabelOf('N') : labels.reduce(joinLabels),
    // A name that is written down elsewhere is no longer the field that was received.
    terms: derivedTerms(fields.map(({ terms }) => terms).reduce(joinTerms, undefined)),
    envelope: {
      ...sources.map(({ envelope }) => envelope).reduce(joinEnvelopes),
      status: isDraft ? 'draft' : 'active',
    },
  }
}

/** What binds whoever writes two names down together. */
export const joinBindings = (a: Binding, b: Binding): Binding => ({
  label: joinLabels(a.label, b.label),
  terms: joinTerms(a.terms, b.terms),
  envelope: joinEnvelopes(a.envelope, b.envelope),
})

/**
 * Whether a name is bound as the other is: no less a draft, for no longer, under the same regimes, derived from the same
 * nations. Labels, terms and handling aside, which a record can be given for one field of it, or without harm to the others.
 */
export const bindsAsMuch = (
  { envelope }: Pick<Binding, 'envelope'>,
  other: Pick<Binding, 'envelope'>,
  nation: Nation,
): boolean => {
  const joined = joinEnvelopes(envelope, other.envelope)
  return (
    joined.status === envelope.status &&
    joined.validFrom === envelope.validFrom &&
    joined.validTo === envelope.validTo &&
    isWithin(regimesOf(joined), regimesOf(envelope)) &&
    isWithin(foreignIn(joined, nation), foreignIn(envelope, nation))
  )
}

/** Whether terms are at least as strict as those that are needed. */
export const hasTerms = (terms: Terms | undefined, needed: Terms | undefined): boolean => {
  const said = (each: Terms | undefined) => canonicalJson(each === undefined ? [] : termsIn(each))
  return said(joinTerms(terms, needed)) === said(terms)
}

/** What else a record has to say of itself that binds as much; nothing where it says it all. */
export function bindMore(
  envelope: Envelope,
  needed: Envelope,
): Pick<Edit, 'envelope' | 'addJurisdiction'> {
  const { handling, derivedFrom } = joinEnvelopes(envelope, needed)
  const more: Partial<Envelope> = {
    ...(!isSameHandling(handling, envelope.handling) && { handling }),
    ...(isLonger(derivedFrom, envelope.derivedFrom) && { derivedFrom }),
  }
  return {
    ...(Object.keys(more).length > 0 && { envelope: more }),
    ...(needed.jurisdiction && { addJurisdiction: needed.jurisdiction }),
  }
}

const regimesOf = ({ jurisdiction = [] }: Envelope): readonly string[] =>
  jurisdiction.map(({ regime }) => regime).filter((regime) => regime !== 'none')

const foreignIn = ({ derivedFrom = [] }: Envelope, nation: Nation): readonly string[] =>
  derivedFrom.map(({ originator }) => originator).filter((each) => each !== nation)

const isWithin = (some: readonly string[], all: readonly string[]): boolean =>
  some.every((each) => all.includes(each))

const isSameHandling = (a: Envelope['handling'], b: Envelope['handling']): boolean =>
  a.originator_control === b.originator_control && a.onward_release === b.onward_release

const isLonger = (a: readonly unknown[] = [], b: readonly unknown[] = []): boolean =>
  a.length > b.length
