import {
  ApprovalOpening,
  Digest,
  Inputs,
  JsonValue,
  Nation,
  Opening,
  RecordId,
} from '@entente/schema'
import { z } from 'zod'

const Index = z.int().min(0)
const Hex = z.string().regex(/^([0-9a-f]{2})+$/)

/** What of a put decides whether it may be put or dropped later, as the sender holds it. */
const HeldPut = z.strictObject({
  record: RecordId,
  digest: Digest,
  /** Level of each field. */
  fields: z.record(z.string(), z.string()),
  withheld: Index,
  policy: Digest,
  validUntil: z.int().nullable(),
})

/**
 * One leaf with all that this node keeps of it. Of a statement that has been erased only the entry is left. A release has its
 * inputs, openings and what was held by it; a policy or register its signed file; an `ack` the acknowledgements it commits to.
 */
export const BackedLeaf = z.strictObject({
  index: Index,
  kind: z.string(),
  atMs: Index,
  feed: Digest.nullable(),
  seq: Index.nullable(),
  hash: Digest,
  entry: Hex,
  statement: z.strictObject({ jws: z.string(), salt: Hex }).nullable(),
  inputs: Inputs.optional(),
  openings: z.array(Opening).optional(),
  held: z.array(HeldPut).optional(),
  /** Record versions decided on, as canonical JSON. */
  sources: z.array(z.string()).optional(),
  policy: z.unknown().optional(),
  register: z.unknown().optional(),
  /** What an officer's word is about, and the value that it names. */
  word: z.strictObject({ opening: ApprovalOpening, value: JsonValue }).optional(),
  acks: z
    .strictObject({ until: Index, given: z.array(z.string()), received: z.array(z.string()) })
    .optional(),
})
export type BackedLeaf = z.infer<typeof BackedLeaf>

/** What one file of the backup holds, under its encryption: the leaves from `from` on, and notes of the log's checkpoints. */
export const BackupFile = z.strictObject({
  format: z.literal('entente-openings/1'),
  nation: Nation,
  origin: z.string(),
  from: Index,
  leaves: z.array(BackedLeaf),
  /** The signed head, and checkpoints that have been published since the file before, cosigned. */
  notes: z.array(z.string()),
})
export type BackupFile = z.infer<typeof BackupFile>
