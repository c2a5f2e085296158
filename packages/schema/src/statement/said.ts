import { z } from 'zod'
import { Digest } from '../fragment.ts'
import { Nation } from '../nation.ts'

/** Instant, milliseconds since 1970-01-01 UTC. */
export const AtMs = z.int().min(0)
export const Origin = z.string().regex(/^[a-z0-9.-]+(\/[a-z0-9._-]+)+$/, 'not a log origin')

/** What every statement says: whose log, and when. */
export const said = { origin: Origin, at: AtMs }

/** A compact JWS inside a statement, signed by another key than the node's. */
export const Seal = z.string().min(1).max(16_384)

/** Names one statement of a feed. */
export const StatementPlace = z.strictObject({
  feed: Digest,
  seq: z.int().min(0),
  statement: Digest,
})
export type StatementPlace = z.infer<typeof StatementPlace>

/** Where a statement stands in its feed. Statement 0 has neither `feed` nor `prev`: its SHA-256 is the feed's id. */
export const inFeed = {
  ...said,
  feed: Digest.nullable(),
  seq: z.int().min(0),
  prev: Digest.nullable(),
  recipient: Nation,
}
