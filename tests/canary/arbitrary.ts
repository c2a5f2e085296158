import { caveats, classifications, type Label } from '@entente/schema'
import fc from 'fast-check'
import { type FieldName, fieldNames, isBanded, type Treatment } from './model.ts'

/** Whom a label names: partners by place, or the group of the first. */
export interface LabelPlan {
  readonly classification: Label['classification']
  readonly to: readonly ('first' | 'second' | 'group')[]
  readonly caveats: Label['caveats']
}

export interface RecordPlan {
  readonly dataset: 'production' | 'needs' | 'internal' | 'unlisted'
  readonly labels: Readonly<Partial<Record<FieldName, LabelPlan>>>
}

/** Rules of one edition for both partners. */
export type PolicyPlan = readonly [TreatmentPlan, TreatmentPlan]
export type TreatmentPlan = Readonly<Record<FieldName, Treatment>>

export interface NationPlan {
  readonly records: readonly RecordPlan[]
  readonly policies: readonly [PolicyPlan, PolicyPlan]
  /** Fields edited, each by record and field; taken modulo what there is. */
  readonly edits: readonly { readonly record: number; readonly field: FieldName }[]
  readonly raise: { readonly record: number; readonly field: FieldName }
}

// Weighted towards release, so that most records cross and the rest has something to hide in.
const label: fc.Arbitrary<LabelPlan> = fc.record({
  classification: fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...classifications.slice(0, 2)) },
    { weight: 1, arbitrary: fc.constantFrom(...classifications.slice(2)) },
  ),
  to: fc.oneof(
    { weight: 4, arbitrary: fc.constant(['first', 'second'] as const) },
    { weight: 2, arbitrary: fc.subarray(['first', 'second', 'group'] as const) },
  ),
  caveats: fc.oneof(
    { weight: 6, arbitrary: fc.constant([]) },
    { weight: 1, arbitrary: fc.subarray([...caveats]) },
  ),
})
const openLabel: LabelPlan = {
  classification: 'UNCLASSIFIED',
  to: ['first', 'second'],
  caveats: [],
}

const recordPlan: fc.Arbitrary<RecordPlan> = fc.record({
  dataset: fc.oneof(
    { weight: 3, arbitrary: fc.constant('production' as const) },
    { weight: 2, arbitrary: fc.constant('needs' as const) },
    { weight: 1, arbitrary: fc.constantFrom('internal' as const, 'unlisted' as const) },
  ),
  labels: fc
    .record(
      Object.fromEntries(fieldNames.map((name) => [name, label])) as Record<
        FieldName,
        fc.Arbitrary<LabelPlan>
      >,
      { requiredKeys: ['title'] },
    )
    .chain((labels) =>
      // Without a title nothing goes: mostly let it.
      fc.oneof(
        { weight: 3, arbitrary: fc.constant({ ...labels, title: openLabel }) },
        { weight: 1, arbitrary: fc.constant(labels) },
      ),
    ),
})

const treatmentOf = (field: FieldName): fc.Arbitrary<Treatment> =>
  field === 'title'
    ? fc.oneof(
        { weight: 6, arbitrary: fc.constant('permit' as const) },
        { weight: 2, arbitrary: fc.constant('pseudonym' as const) },
        { weight: 1, arbitrary: fc.constantFrom('deny' as const, 'silent' as const) },
      )
    : fc.constantFrom<Treatment>(
        'permit',
        'permit',
        'redact',
        'deny',
        'approve',
        'silent',
        ...(isBanded(field) ? (['fine', 'coarse', 'coarse'] as const) : []),
        ...(field === 'place' ? (['country', 'country', 'country'] as const) : []),
      )
const treatments: fc.Arbitrary<TreatmentPlan> = fc.record(
  Object.fromEntries(fieldNames.map((name) => [name, treatmentOf(name)])) as Record<
    FieldName,
    fc.Arbitrary<Treatment>
  >,
)
const policy: fc.Arbitrary<PolicyPlan> = fc.tuple(treatments, treatments)
const place = fc.record({ record: fc.nat(9), field: fc.constantFrom(...fieldNames) })

export const nationPlan: fc.Arbitrary<NationPlan> = fc.record({
  records: fc.array(recordPlan, { minLength: 2, maxLength: 4 }),
  policies: fc.tuple(policy, policy),
  edits: fc.array(place, { minLength: 2, maxLength: 4 }),
  raise: place,
})

const sampleTreatments: TreatmentPlan = {
  title: 'permit',
  supplier: 'permit',
  description: 'redact',
  owner_contact: 'deny',
  materials: 'approve',
  rate_max: 'fine',
  rate_msr: 'silent',
  lead_time: 'coarse',
  place: 'country',
}
/** The same for who is not told the names. */
const nameless: TreatmentPlan = { ...sampleTreatments, title: 'pseudonym' }
const sampleRecord: RecordPlan = {
  dataset: 'needs',
  labels: Object.fromEntries(fieldNames.map((name) => [name, openLabel])),
}
/**
 * A plan in which something crosses exactly, in a band, as its country, under a pseudonym and not at all, whatever else chance draws; each
 * partner has names first and pseudonyms then, or the other way round.
 */
export const samplePlan: NationPlan = {
  records: [sampleRecord, { ...sampleRecord, dataset: 'production' }, sampleRecord],
  policies: [
    [sampleTreatments, nameless],
    [nameless, sampleTreatments],
  ],
  edits: [
    { record: 0, field: 'lead_time' },
    { record: 2, field: 'supplier' },
  ],
  raise: { record: 2, field: 'rate_max' },
}
