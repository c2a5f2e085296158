import { z } from 'zod'
import { Nation } from '../nation.ts'
import { AtMs, Origin, Seal, said } from './said.ts'

/** First leaf of a log. `seal`: the root's word on this log, which logs begun before there were seals lack. */
export const Genesis = z.strictObject({ ...said, nation: Nation, seal: Seal.optional() })
export type Genesis = z.infer<typeof Genesis>

/** First and last index of leaves that nobody can show any more. */
export const LeafRange = z.tuple([z.int().min(0), z.int().min(0)]).readonly()
export type LeafRange = z.infer<typeof LeafRange>

/**
 * What the nation's root says of a new log: under which key it is signed, and which log it follows. `previous` names the
 * largest cosigned checkpoint of that log, and the leaves below it that are lost, in rising order.
 */
export const GenesisSeal = z.strictObject({
  nation: Nation,
  origin: Origin,
  logKey: z.string().min(1).max(500),
  previous: z
    .strictObject({
      origin: Origin,
      size: z.int().min(0),
      /** 32 bytes, padded base64. */
      root: z.string().length(44),
      lost: z.array(LeafRange).max(1000).readonly(),
    })
    .nullable(),
})
export type GenesisSeal = z.infer<typeof GenesisSeal>
export const genesisSealType = 'entente-genesis-seal'

/** The root's word, in the last leaf of a log, on the log that follows as planned. */
export const HandoverSeal = z.strictObject({
  nation: Nation,
  origin: Origin,
  next: Origin,
  nextKey: z.string().min(1).max(500),
  at: AtMs,
})
export type HandoverSeal = z.infer<typeof HandoverSeal>
export const handoverSealType = 'entente-handover-seal'

/** Says nothing; hides how many leaves do. */
export const Pad = z.strictObject(said)
export type Pad = z.infer<typeof Pad>

/**
 * Names leaves whose openings and inputs may be deleted. `ground`: the law or the purge that asks for it; `authority`: who
 * ordered it. A leaf is named by index, in rising order.
 */
export const Erase = z.strictObject({
  ...said,
  leaves: z.array(z.int().min(0)).min(1).max(10_000).readonly(),
  ground: z.string().min(1).max(200),
  authority: z.string().min(1).max(200),
})
export type Erase = z.infer<typeof Erase>
