import { z } from 'zod'
import { PublicKey } from '../certificate.ts'
import { Digest } from '../fragment.ts'
import { Kind, MAX_TOPIC } from '../kinds/index.ts'
import { DatasetName } from '../record.ts'
import { Selector } from '../selector.ts'
import { AtMs, inFeed, StatementPlace } from './said.ts'

/**
 * Asks a nation for a dataset, or what of it is of a kind or on a topic; or asks no longer. `only`: for this instead of all that was
 * asked of the dataset before, so that a change of mind costs what differs. Stands in the control feed to that nation.
 */
export const Subscribe = z.strictObject({
  ...inFeed,
  dataset: DatasetName,
  action: z.enum(['subscribe', 'unsubscribe']),
  ...Selector.shape,
  only: z.literal(true).optional(),
})
export type Subscribe = z.infer<typeof Subscribe>

/** Asks a nation to say what it offers us, now and whenever that changes; or asks no longer. */
export const CatalogueRequest = z.strictObject({
  ...inFeed,
  action: z.enum(['subscribe', 'unsubscribe']),
})
export type CatalogueRequest = z.infer<typeof CatalogueRequest>

/** One dataset, as it is offered to one nation: what of it may go, and nothing of what may not. */
export const OfferedDataset = z.strictObject({
  dataset: DatasetName,
  title: z.string().min(1).max(200),
  description: z.string().min(1).max(1_000).optional(),
  steward: z.string().min(1).max(200).optional(),
  kinds: z.array(Kind).min(1).max(16).readonly(),
  topics: z.array(z.string().min(1).max(MAX_TOPIC)).max(256).readonly(),
})
export type OfferedDataset = z.infer<typeof OfferedDataset>

/**
 * What the policy in force offers the recipient, all of it: it takes the place of the catalogue before. `inputs` commits to the records
 * that show it (`Inputs`), opened to auditors only. Without a policy in force both are null, and nothing is offered.
 */
export const Catalogue = z.strictObject({
  ...inFeed,
  policy: z.int().min(0).nullable(),
  datasets: z.array(OfferedDataset).max(256).readonly(),
  inputs: Digest.nullable(),
})
export type Catalogue = z.infer<typeof Catalogue>

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
 * `word`: the recall by the word of a node whose key was revoked since, as it was signed: who never heard it learns so what is held no longer.
 */
export const Purge = z.strictObject({
  ...inFeed,
  recall: StatementPlace,
  purged: z.int().min(0),
  unproven: z.int().min(1).max(64).optional(),
  word: z.string().max(4_096).optional(),
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

/**
 * Hands a dataset over to another node of the nation, by statement key: to this recipient nobody else releases it from here on.
 * `head`: the last statement of the feed that ends with it; null where nothing had gone to this recipient.
 */
export const Releaser = z.strictObject({
  ...inFeed,
  dataset: DatasetName,
  from: PublicKey,
  to: PublicKey,
  head: StatementPlace.nullable(),
})
export type Releaser = z.infer<typeof Releaser>

/**
 * A statement of a kind that a later version has made, and that says of itself that who does not know it may go on: it is
 * kept, and does nothing. A kind that does not say so is critical.
 */
export const LaterStatement = z.looseObject({ ...inFeed, critical: z.literal(false) })
export type LaterStatement = z.infer<typeof LaterStatement>
