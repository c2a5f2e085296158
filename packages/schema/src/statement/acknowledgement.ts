import { z } from 'zod'
import { Digest } from '../fragment.ts'
import { Nation } from '../nation.ts'
import { AtMs, said } from './said.ts'

/** Commits to every acknowledgement given and received in a period, so that the log's growth echoes nobody. */
export const AckPeriod = z.strictObject({
  ...said,
  from: AtMs,
  until: AtMs,
  given: z.array(Digest).readonly(),
  received: z.array(Digest).readonly(),
})

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
