import { z } from 'zod'
import { toHex } from '../bytes.ts'
import { canonicalBytes } from '../canonical-json.ts'
import { Digest } from '../fragment.ts'
import { type Hash, sha256 } from '../hash.ts'
import { Label } from '../label.ts'
import { Nation } from '../nation.ts'
import { DatasetName } from '../record.ts'
import { Seal, StatementPlace, said } from './said.ts'

/** What a joint document is: a requirement that several validate, a combined buy, a working group's actions. */
export const jointKinds = ['requirement', 'buy', 'actions'] as const
export const JointKind = z.enum(jointKinds)
export type JointKind = z.infer<typeof JointKind>

const nations = (least: number) =>
  z
    .array(Nation)
    .min(least)
    .max(32)
    .readonly()
    .refine((list) => list.every((x, i) => i === 0 || (list[i - 1] as string) < x), {
      error: 'must be sorted and without repeats',
    })

/**
 * What a joint document is for as long as there is one: nobody can change it. `quorum` of the `validators` must endorse the same heads
 * before it counts as validated. All that is written in it is under `label` at most. `dataset` is the name by which each member's own
 * policy decides what it may write. `nonce` makes two documents of the same terms two.
 */
export const JointTerms = z
  .strictObject({
    kind: JointKind,
    members: nations(2),
    validators: nations(1),
    quorum: z.int().min(1).max(32),
    label: Label,
    dataset: DatasetName,
    nonce: z.string().regex(/^[0-9a-f]{32}$/),
  })
  .refine(({ validators, members }) => validators.every((one) => members.includes(one)), {
    error: 'a validator is no member',
  })
  .refine(({ validators, quorum }) => quorum <= validators.length, {
    error: 'the quorum is larger than the number of validators',
  })
export type JointTerms = z.infer<typeof JointTerms>

/** Automerge's name of one change: SHA-256 of its bytes without magic and checksum, hex. */
export const ChangeHash = z.string().regex(/^[0-9a-f]{64}$/)

/**
 * Where a statement stands in the feed of one writer for one document, which goes to all other members: they are its `recipients`.
 * `document` is null in the statement that creates the document, whose own digest is then the name of document and feed.
 */
const inDocument = {
  ...said,
  feed: Digest.nullable(),
  seq: z.int().min(0),
  prev: Digest.nullable(),
  recipients: nations(1),
  document: Digest.nullable(),
}

/**
 * One sealed change of a joint document, of which it names the bytes by `change`. `terms` stand in the statement that creates the document
 * and nowhere else. `actor`, `actorSeq` and `startOp` are those in the change; `deps` name the changes it builds on, by their statements.
 * `policy`: leaf of the writer's policy by which it was decided that every member may have it; `inputs` commits to what was decided on.
 */
export const Joint = z.strictObject({
  ...inDocument,
  terms: JointTerms.optional(),
  actor: z.string().regex(/^[0-9a-f]{32}$/),
  actorSeq: z.int().min(1),
  change: ChangeHash,
  deps: z.array(StatementPlace).max(64).readonly(),
  startOp: z.int().min(1),
  ops: z.int().min(1),
  policy: z.int().min(0),
  inputs: Digest,
})
export type Joint = z.infer<typeof Joint>

export const choices = ['endorse', 'object', 'withdraw'] as const

/**
 * A nation's word on the heads of a joint document: it counts for just these. `withdraw` takes its last word back. `seal`: the signature of the
 * release officer who decided, a JWS of a `VoteSeal`; a vote without one is the node's alone, and counts for nothing.
 */
export const Vote = z.strictObject({
  ...inDocument,
  document: Digest,
  heads: z.array(ChangeHash).min(1).max(64).readonly(),
  choice: z.enum(choices),
  seal: Seal.optional(),
})
export type Vote = z.infer<typeof Vote>

/**
 * The actor under which a member writes. It follows from the terms, so that nobody can write under another's; `epoch` counts how often the
 * writer has had to begin anew, because what it had built on was struck.
 */
export const jointActor = (
  terms: JointTerms,
  writer: Nation,
  epoch: number,
  hash: Hash = sha256,
): string =>
  toHex(hash(canonicalBytes(['entente-joint-actor', terms, writer, epoch])).subarray(0, 16))

/**
 * What it was decided on that a change may go to every member: opened to auditors, and enough to decide it again. `fields` are those that
 * the change writes.
 */
export const JointInputs = z.strictObject({
  engine: z.string().max(64),
  policy: Digest,
  register: Digest.optional(),
  at: z.int().min(0),
  change: ChangeHash,
  kind: JointKind,
  dataset: DatasetName,
  label: Label,
  recipients: nations(1),
  fields: z
    .array(z.string().regex(/^[a-z][a-z0-9_]{0,63}$/))
    .min(1)
    .max(64)
    .readonly(),
})
export type JointInputs = z.infer<typeof JointInputs>
