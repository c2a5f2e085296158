import { z } from 'zod'
import { type Json, MAX_JSON_DEPTH } from './canonical-json.ts'
import { Digest } from './digest.ts'
import { Kind } from './kinds/index.ts'
import { Label } from './label.ts'
import { Nation } from './nation.ts'

/** Random record id: says nothing about the record. */
export const RecordId = z.string().regex(/^urn:entente:[0-9a-f]{32}$/, 'not a record id')
export type RecordId = z.infer<typeof RecordId>

const fits = (value: unknown, depthLeft: number): boolean =>
  value === null ||
  typeof value !== 'object' ||
  (depthLeft > 0 && Object.values(value).every((item) => fits(item, depthLeft - 1)))
/** Any JSON that has a canonical form to be nested in. A deeper one must not take a parser's stack. */
export const JsonValue: z.ZodType<Json> = z
  .unknown()
  .refine((value) => fits(value, MAX_JSON_DEPTH), { error: 'nested too deep', abort: true })
  .pipe(z.json()) as z.ZodType<Json>
export const FieldName = z.string().regex(/^[a-z][a-z0-9_]{0,63}$/, 'not a field name')
export const DatasetName = z.string().regex(/^[a-z][a-z0-9-]{0,63}$/, 'not a dataset name')

/** Calendar date, or instant, ISO 8601. */
export const IsoDate = z.string().regex(/^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2}(\.\d{3})?Z)?$/)

export const Handling = z.strictObject({
  originator_control: z.boolean(),
  onward_release: z.enum(['none', 'ask', 'same-group', 'free']),
})

/** Export-control facts of a record: inputs of the legal gate. */
export const Jurisdiction = z.strictObject({
  regime: z.enum(['ITAR', 'EAR', 'UKML', 'DSGL', 'CGP', 'none']),
  code: z.string().optional(),
  /** Value of one item. */
  value: z
    .strictObject({
      amount: z.string().regex(/^\d{1,21}(\.\d{1,9})?$/, 'not a decimal string'),
      currency: z.string().regex(/^[A-Z]{3}$/, 'not an ISO 4217 code'),
    })
    .optional(),
  reason_codes: z.array(z.string()).optional(),
  us_content_pct: z.string().optional(),
  sme: z.boolean().optional(),
  mde: z.boolean().optional(),
  mtcr: z.boolean().optional(),
})

/** What a record says about itself beside its fields; stays inside the nation but for what a fragment head names. */
export const Envelope = z.strictObject({
  asOf: IsoDate,
  validFrom: IsoDate.optional(),
  validTo: IsoDate.optional(),
  /** Day from which the record counts as stale until somebody has looked at it again. */
  reviewBy: IsoDate.optional(),
  status: z.enum(['draft', 'active', 'superseded', 'withdrawn']),
  source: z.strictObject({ document: z.string(), row: z.string().optional() }),
  confidence: z
    .string()
    .regex(/^[A-F][1-6]$/)
    .optional(),
  jurisdiction: z.array(Jurisdiction).optional(),
  handling: Handling,
  derivedFrom: z.array(z.strictObject({ record: RecordId, originator: Nation })).optional(),
})
export type Envelope = z.infer<typeof Envelope>

/** Whose a value is, and whether its originator lets it be passed on. */
export const TermsOf = z.strictObject({
  originator: Nation,
  onward_release: Handling.shape.onward_release,
})
export type TermsOf = z.infer<typeof TermsOf>

/**
 * Retransfer terms of one field that came from, or was derived from, another nation's. `received`: the originator's record, the
 * digest of the fragment in which the value came, and the digest of the canonical value, so that it is known whether it is still the
 * same; absent where it was combined with something else. `others`: further originators of a combination, sorted. All of it stays
 * inside the nation.
 */
export const Terms = z.strictObject({
  ...TermsOf.shape,
  received: z.strictObject({ record: RecordId, head: Digest, value: Digest }).optional(),
  others: z.array(TermsOf).min(1).readonly().optional(),
})
export type Terms = z.infer<typeof Terms>

/**
 * One field: a value that never parts from its label. `asGiven`: the text of the source, where the value is its normal
 * form; it stays at home. `conflict`: concurrent edits disagree, a person must choose.
 */
export const Field = z.strictObject({
  value: JsonValue,
  label: Label,
  terms: Terms.optional(),
  asGiven: z.string().optional(),
  conflict: z.literal(true).optional(),
})
export type Field = z.infer<typeof Field>

/** One record as decisions, previews and auditors read it: the merged state, without edit stamps. */
export const DataRecord = z.strictObject({
  id: RecordId,
  kind: Kind,
  originator: Nation,
  dataset: DatasetName,
  envelope: Envelope,
  fields: z.record(FieldName, Field),
  /**
   * Another nation's record as it came, to be handed on: the digests that its head commits to, and the salt of each field. Absent: a
   * record of the nation's own ledger.
   */
  received: z
    .strictObject({
      sd: z.array(Digest).min(1).max(256).readonly(),
      salts: z.record(FieldName, z.string().length(22)),
    })
    .optional(),
})
export type DataRecord = z.infer<typeof DataRecord>
