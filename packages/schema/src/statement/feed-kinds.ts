import { z } from 'zod'
import { Digest } from '../fragment.ts'
import { DatasetName } from '../record.ts'
import { AtMs, inFeed, StatementPlace } from './said.ts'

/** Asks a nation for a dataset, or asks no longer; stands in the control feed to that nation. */
export const Subscribe = z.strictObject({
  ...inFeed,
  dataset: DatasetName,
  action: z.enum(['subscribe', 'unsubscribe']),
})
export type Subscribe = z.infer<typeof Subscribe>

/**
 * Takes back what one release gave: all its puts that are still current, or only the entries named by digest. With
 * `purge` the recipient must delete the bytes and say so.
 */
export const Recall = z.strictObject({
  ...inFeed,
  dataset: DatasetName,
  release: StatementPlace,
  entries: z.array(Digest).max(256).readonly(),
  purge: z.boolean(),
  reason: z.string().max(200),
})
export type Recall = z.infer<typeof Recall>

/**
 * The recipient of a recall says that what it named is deleted: to the recalling nation, in the control feed. `unproven`: nations that it
 * had handed on to, by the recalling nation's consent, and that have not said yet that they purged; then it says so again later. Absent: none.
 */
export const Purge = z.strictObject({
  ...inFeed,
  recall: StatementPlace,
  purged: z.int().min(0),
  unproven: z.int().min(1).max(64).optional(),
})
export type Purge = z.infer<typeof Purge>

/**
 * An originator gives a consent that a recipient hands on fields of a record, or withdraws one: to its holder, and withdrawn also to
 * whom it named. `consent` names the sealed sentence, which travels beside the statement when it is given; `release` is the statement by
 * which the holder got the record, `request` the one that is answered.
 */
export const Consent = z.strictObject({
  ...inFeed,
  action: z.enum(['give', 'withdraw']),
  consent: Digest,
  release: StatementPlace.nullable(),
  request: Digest.nullable(),
})
export type Consent = z.infer<typeof Consent>

/** Asks the recipient for something; what, travels beside the statement (`RequestBody`). */
export const Request = z.strictObject({
  ...inFeed,
  ask: z.enum(['release', 'retransfer', 'change']),
  body: Digest,
})
export type Request = z.infer<typeof Request>

/**
 * Answers a request, named by the digest of its statement. `deny` is the same word whether what was asked for is forbidden, unknown,
 * or not decided yet, and comes at the same time (`answerDueMs` of `arrived`, when the request came in). `approve` may follow later.
 */
export const Answer = z.strictObject({
  ...inFeed,
  about: Digest,
  decision: z.enum(['approve', 'deny']),
  arrived: AtMs,
})
export type Answer = z.infer<typeof Answer>

/**
 * First statement of a feed that begins anew: the feed it replaces ends at the statement named, the last that its recipient
 * acknowledged, and all that it had given is taken back.
 */
export const Reset = z.strictObject({
  ...inFeed,
  dataset: DatasetName,
  replaces: StatementPlace,
  reason: z.string().max(200),
})
export type Reset = z.infer<typeof Reset>

/** One sealed change of a joint document. */
export const Joint = z.strictObject({
  ...inFeed,
  document: Digest,
  actor: z.string().regex(/^[0-9a-f]{32,128}$/),
  change: z.string().regex(/^[0-9a-f]{64}$/),
  deps: z.array(StatementPlace).max(256).readonly(),
  startOp: z.int().min(1),
  ops: z.int().min(0),
})
export type Joint = z.infer<typeof Joint>

/** A nation's word on the heads of a joint document. */
export const Vote = z.strictObject({
  ...inFeed,
  document: Digest,
  heads: z
    .array(z.string().regex(/^[0-9a-f]{64}$/))
    .min(1)
    .max(64)
    .readonly(),
  choice: z.enum(['endorse', 'object', 'withdraw']),
})
export type Vote = z.infer<typeof Vote>

/**
 * A statement of a kind that a later version has made, and that says of itself that who does not know it may go on: it is
 * kept, and does nothing. A kind that does not say so is critical.
 */
export const LaterStatement = z.looseObject({ ...inFeed, critical: z.literal(false) })
export type LaterStatement = z.infer<typeof LaterStatement>
