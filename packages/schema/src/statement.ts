import { z } from 'zod'
import { Digest } from './fragment.ts'
import { digestOf, type Hash, sha256 } from './hash.ts'
import { Nation } from './nation.ts'
import { DatasetName, FieldName, RecordId } from './record.ts'

/** Every kind of statement; a leaf of a release log holds exactly one. */
export const statementKinds = [
  'genesis',
  'policy',
  'key',
  'releaser',
  'release',
  'approve',
  'deny',
  'ack',
  'recall',
  'purge',
  'consent',
  'request',
  'joint',
  'vote',
  'subscribe',
  'register',
  'witness-policy',
  'reset',
  'erase',
  'pad',
  'handover',
] as const
export type StatementKind = (typeof statementKinds)[number]

const uncritical: readonly string[] = ['ack', 'pad', 'request', 'vote'] satisfies StatementKind[]

/** A receiver that does not know a critical kind stops the feed; others it keeps and reports. */
export const isCritical = (kind: string): boolean => !uncritical.includes(kind)

/** JWS `typ` of a statement kind. */
export const statementType = (kind: string): string => `entente-${kind}`

export const AtMs = z.int().min(0)
const Origin = z.string().regex(/^[a-z0-9.-]+(\/[a-z0-9._-]+)+$/, 'not a log origin')
const said = { origin: Origin, at: AtMs }

/** Where a statement stands in its feed. Statement 0 has neither `feed` nor `prev`: its SHA-256 is the feed's id. */
const inFeed = {
  ...said,
  feed: Digest.nullable(),
  seq: z.int().min(0),
  prev: Digest.nullable(),
  recipient: Nation,
}

/** One batch of at most 256 puts and drops to one nation. Puts and drops never mix. */
export const Release = z.strictObject({
  ...inFeed,
  dataset: DatasetName,
  effect: z.enum(['widen', 'narrow']),
  entries: z.array(Digest).max(256).readonly(),
  policy: z.int().min(0),
  inputs: Digest,
})
export type Release = z.infer<typeof Release>

/** Puts a policy in force; the authorities' signatures are over edition, digest and interval. */
export const PolicyInForce = z.strictObject({
  ...said,
  edition: z.int().min(1),
  digest: Digest,
  from: AtMs,
  until: AtMs,
  signatures: z.array(z.string()).min(1),
})
export type PolicyInForce = z.infer<typeof PolicyInForce>

/** First leaf of a log. */
export const Genesis = z.strictObject({ ...said, nation: Nation })

/** Asks a nation for a dataset, or asks no longer; stands in the control feed to that nation. */
export const Subscribe = z.strictObject({
  ...inFeed,
  dataset: DatasetName,
  action: z.enum(['subscribe', 'unsubscribe']),
})
export type Subscribe = z.infer<typeof Subscribe>

/** Commits to every acknowledgement given and received in a period, so that the log's growth echoes nobody. */
export const AckPeriod = z.strictObject({
  ...said,
  from: AtMs,
  until: AtMs,
  given: z.array(Digest).readonly(),
  received: z.array(Digest).readonly(),
})

export const Pad = z.strictObject(said)

/** Payload schema of each statement kind that this version produces or admits. */
export const statements = {
  genesis: Genesis,
  policy: PolicyInForce,
  release: Release,
  subscribe: Subscribe,
  ack: AckPeriod,
  pad: Pad,
} as const
export type KnownKind = keyof typeof statements
export type Statement<K extends KnownKind = KnownKind> = z.infer<(typeof statements)[K]>

/** What an entry of a release says; hidden in the statement behind a salted digest. */
export const Entry = z.discriminatedUnion('op', [
  z.strictObject({
    op: z.literal('put'),
    record: RecordId,
    digest: Digest,
    fields: z.array(FieldName).min(1).max(256).readonly(),
    /** Shareable ground of each field, in the order of `fields`. */
    authority: z.array(z.string().max(200)).min(1).max(256).readonly(),
  }),
  z.strictObject({
    op: z.literal('drop'),
    record: RecordId,
    /** Without fields the whole fragment goes. */
    fields: z.array(FieldName).min(1).max(256).readonly().optional(),
  }),
])
export type Entry = z.infer<typeof Entry>

/** `[salt, entry]`; its SHA-256 over canonical JSON stands in the statement. */
export const Opening = z.tuple([z.string().length(22), Entry]).readonly()
export type Opening = z.infer<typeof Opening>
export const digestOpening = (opening: Opening, hash: Hash = sha256): string =>
  digestOf(opening, hash)

/** What a release was decided on; the statement holds an HMAC of it, auditors get it opened. */
export const Inputs = z.strictObject({
  engine: z.string(),
  policy: Digest,
  recipient: Nation,
  purpose: z.enum(['use', 'display', 'retransfer']),
  at: AtMs,
  validUntil: AtMs.nullable(),
  /** Digest of the release plan, as the preview printed it; absent where a rule or an edit narrowed by itself. */
  plan: Digest.optional(),
  /** Record versions decided on (`versionOf`); null: the record no longer exists. */
  records: z.array(z.tuple([RecordId, Digest.nullable()]).readonly()).readonly(),
})
export type Inputs = z.infer<typeof Inputs>

/** The recipient's signed, cumulative word on a feed. Not a leaf itself: `AckPeriod` commits to it. */
export const Acknowledgement = z.strictObject({
  feed: Digest,
  seq: z.int().min(0),
  statement: Digest,
  by: Nation,
  to: Nation,
  at: AtMs,
  refused: z.array(
    z.strictObject({ seq: z.int().min(0), entry: Digest.nullable(), code: z.string().max(64) }),
  ),
  unopened: z.int().min(0),
})
export type Acknowledgement = z.infer<typeof Acknowledgement>
export const acknowledgementType = 'entente-acknowledgement'
