import { z } from 'zod'
import { Digest } from '../fragment.ts'
import { digestOf, type Hash, sha256 } from '../hash.ts'
import { Nation } from '../nation.ts'
import { DatasetName, FieldName, RecordId } from '../record.ts'
import { RoleLimit } from '../role.ts'
import { AtMs, inFeed } from './said.ts'

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

/** What an entry of a release says; hidden in the statement behind a salted digest. */
export const Entry = z.discriminatedUnion('op', [
  z.strictObject({
    op: z.literal('put'),
    record: RecordId,
    digest: Digest,
    fields: z.array(FieldName).min(1).max(256).readonly(),
    /** Shareable ground of each field, in the order of `fields`. */
    authority: z.array(z.string().max(200)).min(1).max(256).readonly(),
    /** Fields that go only for people of these roles at the recipient; a field that is not named has no limit. */
    roles: z.record(FieldName, RoleLimit).optional(),
    /** Consents by which another nation's record is handed on, by digest, sorted; absent: the record is the sender's. */
    consents: z.array(Digest).min(1).max(8).readonly().optional(),
    /** Recalls of the record by its nation's root, by digest, sorted: this gives it again all the same; absent: there are none. */
    recalls: z.array(Digest).min(1).max(8).readonly().optional(),
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
  /** Register of agreements that was read; absent: there was none in force. */
  register: Digest.optional(),
  recipient: Nation,
  purpose: z.enum(['use', 'display', 'retransfer']),
  at: AtMs,
  validUntil: AtMs.nullable(),
  /** Digest of the release plan, as the preview printed it; absent where a rule or an edit narrowed by itself. */
  plan: Digest.optional(),
  /** Record versions decided on (`versionOf`); null: the record no longer exists. */
  records: z.array(z.tuple([RecordId, Digest.nullable()]).readonly()).readonly(),
  /** Approvals that it rests on, by what they are about (`digestApproval`), for each field that needs them; absent: none. */
  approvals: z
    .array(z.tuple([RecordId, FieldName, z.array(Digest).min(1).readonly()]).readonly())
    .min(1)
    .readonly()
    .optional(),
  /**
   * Record versions that bands were made from, for each field whose bands are made on a schedule, and since when each stands; absent, of
   * other fields: the version decided on.
   */
  bands: z
    .array(z.tuple([RecordId, FieldName, Digest, AtMs]).readonly())
    .min(1)
    .readonly()
    .optional(),
  /** Consents of other nations that were read, all that name a record of it, by digest, sorted; absent: none. */
  consents: z.array(Digest).min(1).readonly().optional(),
})
export type Inputs = z.infer<typeof Inputs>
