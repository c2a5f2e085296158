import {
  DatasetName,
  defaultLabelOf,
  Envelope,
  fieldsOf,
  joinLabels,
  Kind,
  Label,
  Nation,
  parseLabel,
  Sensitivity,
} from '@entente/schema'
import { z } from 'zod'
import { TableOptions } from '../table/table.ts'
import { Check, columnsOfCheck } from './check.ts'
import { chosen, parseWithin } from './chosen.ts'
import { Match } from './match.ts'
import { columnsOf, ValueSpec } from './value-spec.ts'

const Marking = z.string().transform((text, context): Label => {
  const parsed = parseLabel(text)
  if (parsed.ok) return parsed.label
  context.issues.push({ code: 'custom', input: text, message: parsed.reason })
  return z.NEVER
})

const Labels = z.partialRecord(Sensitivity, Marking)

/** Where a field's value comes from, and its sensitivity class or label if not the kind's default. */
export interface FieldSpec {
  readonly value: ValueSpec
  readonly class?: Sensitivity | undefined
  readonly label?: Label | undefined
}

const Told = z.looseObject({ class: Sensitivity.optional(), label: Marking.optional() })

/** A value, with `class` and `label` beside it. */
const FieldSpec: z.ZodType<FieldSpec> = chosen((input): z.ZodType<FieldSpec> => {
  if (typeof input !== 'object' || input === null)
    return ValueSpec.transform((value) => ({ value }))
  return Told.pipe(
    z.transform(({ class: sensitivity, label, ...rest }: z.output<typeof Told>, context) => ({
      value: parseWithin(ValueSpec, rest, context),
      class: sensitivity,
      label,
    })),
  )
})

/** Which of several rows with one natural key stands: the first, or that with the latest date, or the greatest text, in a column (the first of equals). */
const SameKey = chosen(
  (input): z.ZodType<'first' | { readonly latest: string }> =>
    typeof input === 'string' ? z.literal('first') : z.strictObject({ latest: z.string() }),
)

const JurisdictionSpec = z.strictObject({
  regime: ValueSpec,
  code: ValueSpec.optional(),
  us_content_pct: ValueSpec.optional(),
  sme: ValueSpec.optional(),
  mde: ValueSpec.optional(),
  mtcr: ValueSpec.optional(),
})

/**
 * How the rows of one table become records of one kind: data, never code. `key` names the columns by which a row is
 * recognised when the file comes again. What widens a label counts only if a policy authority has signed the edition.
 */
export const Mapping = z.strictObject({
  mapping: z.string().regex(/^[a-z][a-z0-9-]{0,63}$/, 'not a name such as fy2017-makers'),
  edition: z.int().positive(),
  title: z.string().min(1).max(200).optional(),
  kind: Kind,
  dataset: DatasetName,
  originator: chosen(
    (input): z.ZodType<Nation | ValueSpec> =>
      Nation.safeParse(input).success ? Nation : ValueSpec,
  ),
  source: z.strictObject({ document: ValueSpec, row: ValueSpec.optional() }),
  table: TableOptions.default({}),
  /** Rows that are no records, such as totals: they are counted as refused, `NOT_A_RECORD`. */
  skip: z.array(Match).default([]),
  key: z.array(z.string()).min(1),
  sameKey: SameKey.default('first'),
  asOf: ValueSpec,
  /** Months after `asOf` at which somebody must look at the record again. */
  reviewMonths: z.int().min(1).max(600).optional(),
  status: Envelope.shape.status.default('active'),
  confidence: Envelope.shape.confidence,
  handling: Envelope.shape.handling,
  jurisdiction: z.array(JurisdictionSpec).optional(),
  /** Texts that mean "not given" in every column; an empty cell always does. */
  missing: z.array(z.string()).default([]),
  /** How numbers are written, where not as `1234.5`. */
  numbers: z
    .strictObject({
      decimal: z.enum(['.', ',']).default('.'),
      group: z.enum([',', '.', ' ', '’', "'"]).optional(),
    })
    .default({ decimal: '.' }),
  /** How dates are written, where not by ISO 8601. */
  dates: z
    .enum(['ISO', 'M/D/YYYY', 'D/M/YYYY', 'D.M.YYYY', 'YYYY/M/D', 'YYYYMMDD', 'D MMM YYYY'])
    .default('ISO'),
  labels: Labels.default({}),
  /** Labels of one originator, where several nations share a table shape. */
  labelsOf: z.partialRecord(Nation, Labels).default({}),
  checks: z.array(Check).default([]),
  fields: z.record(z.string(), FieldSpec),
})
export type Mapping = z.infer<typeof Mapping> & {
  /** Classes whose label is not the mapping's but comes from its dataset. */
  readonly fromDataset?: readonly Sensitivity[]
}

/** Label of a field: its own, else that of its class for the originator, else that of its class, else for nobody. */
export function labelOf(mapping: Mapping, name: string, originator: Nation): Label {
  const spec = mapping.fields[name]
  if (spec?.label !== undefined) return spec.label
  const sensitivity = spec?.class ?? fieldsOf(mapping.kind)[name]?.sensitivity ?? 'N'
  return (
    mapping.labelsOf[originator]?.[sensitivity] ??
    mapping.labels[sensitivity] ??
    defaultLabelOf(sensitivity)
  )
}

/** Whether the mapping itself names the label of a field: what it leaves to defaults, whoever signed it has not signed for. */
export function namesLabel(mapping: Mapping, name: string, originator: Nation): boolean {
  const spec = mapping.fields[name]
  if (spec?.label !== undefined) return true
  const sensitivity = spec?.class ?? fieldsOf(mapping.kind)[name]?.sensitivity ?? 'N'
  if (mapping.labelsOf[originator]?.[sensitivity] !== undefined) return true
  return mapping.labels[sensitivity] !== undefined && !mapping.fromDataset?.includes(sensitivity)
}

/** The least of every label of a dataset, as a policy names it: it says nothing of who may have anything. */
export const LeastLabel = Label.pick({ classification: true, caveats: true })
export type LeastLabel = z.infer<typeof LeastLabel>

/**
 * The mapping where its dataset has a default label: what it names no label for is marked by its class and no less than that. It releases to
 * nobody, and where another label stood before, nothing gets wider by it, signed or not (`namesLabel`).
 * @param least label of the dataset in the policy in force; null: none
 */
export function underDataset(mapping: Mapping, least: LeastLabel | null): Mapping {
  if (least === null) return mapping
  const labels = Sensitivity.options.map((sensitivity) => [
    sensitivity,
    mapping.labels[sensitivity] ??
      joinLabels(defaultLabelOf(sensitivity), { ...least, releasableTo: [] }),
  ])
  return {
    ...mapping,
    labels: Object.fromEntries(labels) as Mapping['labels'],
    fromDataset: Sensitivity.options.filter((each) => mapping.labels[each] === undefined),
  }
}

/** Every column that the mapping reads. */
export function columnsRead(mapping: Mapping): readonly string[] {
  const specs = [
    ...(typeof mapping.originator === 'string' ? [] : [mapping.originator]),
    mapping.source.document,
    ...(mapping.source.row ? [mapping.source.row] : []),
    mapping.asOf,
    ...(mapping.jurisdiction ?? []).flatMap((entry) => Object.values(entry)),
    ...Object.values(mapping.fields).map(({ value }) => value),
  ].filter((spec) => spec !== undefined)
  const latest = typeof mapping.sameKey === 'object' ? [mapping.sameKey.latest] : []
  return [
    ...new Set([
      ...mapping.key,
      ...latest,
      ...specs.flatMap(columnsOf),
      ...mapping.skip.flatMap(Object.keys),
      ...mapping.checks.flatMap(columnsOfCheck),
    ]),
  ]
}
