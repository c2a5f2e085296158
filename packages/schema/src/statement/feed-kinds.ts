import { z } from 'zod'
import { Digest } from '../fragment.ts'
import { Nation } from '../nation.ts'
import { DatasetName, FieldName, RecordId } from '../record.ts'
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

/** The recipient of a recall says that what it named is deleted: to the recalling nation, in the control feed. */
export const Purge = z.strictObject({ ...inFeed, recall: StatementPlace, purged: z.int().min(0) })
export type Purge = z.infer<typeof Purge>

/** An originator's consent that a recipient hands on fields of a record. */
export const Consent = z.strictObject({
  ...inFeed,
  release: StatementPlace,
  record: RecordId,
  head: Digest,
  fields: z.array(FieldName).min(1).max(256).readonly(),
  transform: z.string().max(64).nullable(),
  recipients: z.array(Nation).min(1).max(64).readonly(),
  until: AtMs,
})
export type Consent = z.infer<typeof Consent>

/** Asks the recipient for something; what, travels beside the statement. */
export const Request = z.strictObject({
  ...inFeed,
  ask: z.enum(['release', 'retransfer', 'change']),
  body: Digest,
})
export type Request = z.infer<typeof Request>

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
 * A statement of a kind that a later version has made, and that says of itself that who does not know it may go on: it is
 * kept, and does nothing. A kind that does not say so is critical.
 */
export const LaterStatement = z.looseObject({ ...inFeed, critical: z.literal(false) })
export type LaterStatement = z.infer<typeof LaterStatement>
