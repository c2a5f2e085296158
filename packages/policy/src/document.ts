import {
  type BandType,
  Caveat,
  Classification,
  DatasetName,
  Envelope,
  FieldName,
  GroupCode,
  Jurisdiction,
  Kind,
  Label,
  Nation,
  RoleLimit,
  TermsOf,
} from '@entente/schema'
import { z } from 'zod'
import { AggregateDefinition } from './aggregate/definition.ts'
import { Equivalence } from './labels/equivalence.ts'
import { PolicyDate } from './policy-date.ts'

/** Why a release is asked for; a closed list. */
export const Purpose = z.enum(['use', 'display', 'retransfer'])
export type Purpose = z.infer<typeof Purpose>

const listOf = <T extends z.ZodType>(item: T) => z.array(item).min(1).readonly()

/** Operators on an attribute with one value. */
const oneOf = <T extends z.ZodType>(item: T) =>
  z.strictObject({ in: listOf(item).optional(), notIn: listOf(item).optional() }).optional()

/** Operators on an attribute that is a set. `subsetOf: []` means: the set is empty. */
const setOf = <T extends z.ZodType>(item: T) =>
  z
    .strictObject({
      subsetOf: z.array(item).readonly().optional(),
      intersects: listOf(item).optional(),
    })
    .optional()

const ReleaseName = z.union([Nation, GroupCode])

/** Name of an agreement in registers, rows, answers and logs; chosen by the nation that keeps the register. */
export const AgreementId = z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/, 'not an agreement id')

/**
 * What a row looks at: every attribute and operator there is. All conditions must hold; alternatives are more rows.
 * `recipientGroups` are the recipient's groups on the day; `agreements` those of the register that cover the question then; `at` is the
 * decision time.
 */
export const Match = z.strictObject({
  kind: oneOf(Kind),
  field: oneOf(FieldName),
  dataset: oneOf(DatasetName),
  originator: oneOf(Nation),
  confidence: oneOf(z.string().regex(/^[A-F][1-6]$/)),
  recipient: oneOf(Nation),
  recipientGroups: setOf(GroupCode),
  purpose: oneOf(Purpose),
  classification: z
    .strictObject({ atMost: Classification.optional(), atLeast: Classification.optional() })
    .optional(),
  caveats: setOf(Caveat),
  releasableTo: setOf(ReleaseName),
  regimes: setOf(Jurisdiction.shape.regime),
  /** Other nations whose content the field is, in whole or in part; empty: it is the nation's own. */
  origins: setOf(Nation),
  agreements: setOf(AgreementId),
  at: z.strictObject({ from: PolicyDate.optional(), until: PolicyDate.optional() }).optional(),
})
export type Match = z.infer<typeof Match>
export type Attribute = keyof Match

/**
 * Coarsens a quantity to a level of its band type, generalises a place to its nation, sends a pseudonym in place of a name, or withholds
 * the value; a value that the transform does not fit is withheld.
 */
export const Transform = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('redact') }),
  z.strictObject({ kind: z.literal('band'), level: z.enum(['fine', 'coarse']) }),
  z.strictObject({ kind: z.literal('country') }),
  z.strictObject({ kind: z.literal('pseudonym') }),
])
export type Transform = z.infer<typeof Transform>

const RowId = z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/, 'not a row id')
const Authority = z.string().min(1).max(200).describe('ground that the recipient is shown')
const common = { id: RowId, match: Match, reasonCode: z.string().min(1).max(100) }

/** Only people of these roles at the recipient may read what the row releases; absent: all. */
const roles = RoleLimit.optional()

/** One rule. Rows that release must name a shareable authority. */
export const Row = z.discriminatedUnion('effect', [
  z.strictObject({ ...common, effect: z.literal('permit'), authority: Authority, roles }),
  z.strictObject({
    ...common,
    effect: z.literal('transform'),
    transform: Transform,
    authority: Authority,
    roles,
  }),
  z.strictObject({ ...common, effect: z.literal('approve'), authority: Authority.optional() }),
  z.strictObject({ ...common, effect: z.literal('deny'), authority: Authority.optional() }),
])
export type Row = z.infer<typeof Row>

/** Half-open bands by their lower edges, ascending decimal strings; the last band is open above. */
const BandLevel = z.strictObject({
  name: z.enum(['fine', 'coarse']),
  edges: listOf(z.string().regex(/^(0|[1-9]\d{0,20})(\.\d{1,9})?$/, 'not a decimal string')),
})
/** When bands are made anew, and by how much of an edge, in percent, a value must be past it. @see standing-band.ts */
export const Reband = z.strictObject({
  every: z.enum(['day', 'week', 'month', 'quarter', 'year']),
  margin: z.string().regex(/^(0|[1-9]\d{0,2})(\.\d{1,9})?$/, 'not a percentage as text'),
})
export type Reband = z.infer<typeof Reband>
export const Bands = z.partialRecord(
  z.enum(['rate', 'months', 'percent', 'count', 'money']) satisfies z.ZodType<BandType>,
  z.strictObject({ levels: listOf(BandLevel), reband: Reband.optional() }),
)
export type Bands = z.infer<typeof Bands>

/** A question with the answer that its author expects; `policy sign` refuses while one fails. */
export const PolicyTest = z.strictObject({
  record: z.strictObject({
    kind: Kind,
    dataset: DatasetName,
    label: Label,
    originator: Nation.optional(),
    status: Envelope.shape.status.optional(),
    confidence: Envelope.shape.confidence,
    /** Date of the record; absent: the day of the question, so that nothing is of the past. */
    asOf: PolicyDate.optional(),
    regimes: listOf(Jurisdiction.shape.regime).optional(),
    /** Nations that the field came from; the terms under which it came, `ask` unless said; and whether it is as it came. */
    origins: listOf(Nation).optional(),
    onward: TermsOf.shape.onward_release.optional(),
    unchanged: z.literal(true).optional(),
    conflict: z.literal(true).optional(),
  }),
  /** Agreements that cover the question, whatever any register says; absent: none does. */
  agreements: listOf(AgreementId).optional(),
  /** The supplier's consent covers the question, whatever any register says; absent: no supplier has consented. */
  consented: z.literal(true).optional(),
  field: FieldName,
  recipient: Nation,
  purpose: Purpose.optional(),
  at: PolicyDate.optional(),
  expect: z.enum(['permit', 'deny', 'transform', 'approve']),
  level: z.enum(['fine', 'coarse', 'country', 'pseudonym', 'redact']).optional(),
})
export type PolicyTest = z.infer<typeof PolicyTest>

/**
 * What officers are asked for: how many must approve a field of each classification (1 unless said, and never fewer than of a
 * lower one), and after how many hours what waits is overdue.
 */
const Approvals = z.strictObject({
  needed: z.partialRecord(Classification, z.int().min(1).max(9)).optional(),
  overdueAfterHours: z.int().min(1).max(8_760).optional(),
})

/**
 * False alarms of the spill check: exactly this text may stand in a field, or in any, whatever the scan takes it for.
 * @see scanSpill
 */
const SpillCheck = z.strictObject({
  allow: listOf(
    z.strictObject({
      kind: z.enum(['marking', 'personal', 'prose']),
      text: z.string().min(1).max(2_000),
      field: FieldName.optional(),
      reason: z.string().min(1).max(200),
    }),
  ),
})

/** A nation's release policy, as written, signed and hashed: dates stay text, and parsing adds nothing. */
export const PolicyDocument = z.strictObject({
  exercise: z.string().optional(),
  nation: Nation,
  edition: z.int().min(1),
  /** Digest of the edition that this one replaces; where it stands, no other edition may be in force before. */
  supersedes: z
    .string()
    .regex(/^[\w-]{43}$/, 'not a digest; entente policy show names it')
    .optional(),
  from: PolicyDate,
  until: PolicyDate,
  datasets: z.record(
    DatasetName,
    z.strictObject({
      mode: z.enum(['live', 'manual']),
      title: z.string().min(1).max(200),
      /** What it holds, in a sentence or two: partners to whom something of it is offered read it. */
      description: z.string().min(1).max(1_000).optional(),
      /** Office that answers for it; read by the same. */
      steward: z.string().min(1).max(200).optional(),
      /**
       * Default label: the least that a field of a new record of it is marked which nobody has marked. It only adds to what the field's
       * class says, and releases to nobody: that, people or a signed mapping say.
       */
      label: z
        .strictObject({ classification: Classification, caveats: z.array(Caveat).readonly() })
        .optional(),
    }),
  ),
  groups: z.record(
    GroupCode,
    z
      .array(
        z.strictObject({
          nation: Nation,
          from: PolicyDate,
          until: PolicyDate.optional(),
          /** Approves, with the policy, that this member has what is older than its membership. */
          inherits: z.literal(true).optional(),
        }),
      )
      .readonly(),
  ),
  ceilings: z.record(Nation, Classification),
  equivalences: listOf(Equivalence).optional(),
  bands: Bands,
  rules: z.array(Row).readonly(),
  approvals: Approvals.optional(),
  spill: SpillCheck.optional(),
  aggregates: listOf(AggregateDefinition).optional(),
  tests: z.array(PolicyTest).readonly(),
})
export type PolicyDocument = z.infer<typeof PolicyDocument>
