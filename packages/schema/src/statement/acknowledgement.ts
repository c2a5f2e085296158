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
  /**
   * What became of all entries of the feed up to here; absent in a control feed, and from a node of before. The five add up:
   * `entries` = `accepted` + `refused` + `unchanged` + `unopened`, and the sender counts `entries` itself.
   */
  tally: z
    .strictObject({
      entries: z.int().min(0),
      accepted: z.int().min(0),
      refused: z.int().min(0),
      unchanged: z.int().min(0),
      unopened: z.int().min(0),
    })
    .optional(),
})
export type Tally = NonNullable<z.infer<typeof Acknowledgement>['tally']>
export type Acknowledgement = z.infer<typeof Acknowledgement>
export const acknowledgementType = 'entente-acknowledgement'
