import { utf8 } from '@entente/schema'
import { z } from 'zod'
import { parseFrameJson } from '../frame-json.ts'

/** One request, one answer, over a stream of its own. */
export const gossipProtocol = '/entente/gossip/1'

/** Two for each of more nations than any coalition has. */
export const MOST_TOLD = 512
/**
 * Checkpoints of all logs come in one frame, with the cosignatures of all nations. A partner that asks in a longer one is not heard, so neither
 * do we ask in one.
 */
export const MOST_GOSSIP_BYTES = 2 * 1024 * 1024
/** A mark for each checkpoint, three for each fork, and some. */
const MOST_MARKS = 4_096
const Note = z.string().max(65_536)
const Tree = z.strictObject({ size: z.int().min(0), root: z.string().length(44) })

/** The largest checkpoints held, and those challenged, of logs that are neither the speaker's nor the listener's, and all evidence of forks. */
export const SeenFrame = z.strictObject({
  t: z.literal('seen'),
  /** Number of the witness policy that the speaker goes by. */
  policy: z.int().min(1),
  /** The speaker's clock, ms. */
  at: z.int().min(0),
  checkpoints: z.array(Note).max(MOST_TOLD),
  forks: z.array(z.strictObject({ first: Note, second: Note })).max(MOST_TOLD),
})
export type SeenFrame = z.infer<typeof SeenFrame>

/** Asks a log to prove that the newer of two trees extends the older. */
export const ProveFrame = z.strictObject({ t: z.literal('prove'), older: Tree, newer: Tree })

export type ProveFrame = z.infer<typeof ProveFrame>

export const GossipRequest = z.discriminatedUnion('t', [SeenFrame, ProveFrame])
export type GossipRequest = z.infer<typeof GossipRequest>

export const GossipAnswer = z.discriminatedUnion('t', [
  SeenFrame,
  z.strictObject({ t: z.literal('proof'), hashes: z.array(z.string().length(44)).max(63) }),
  z.strictObject({ t: z.literal('none'), words: z.string().max(500) }),
])
export type GossipAnswer = z.infer<typeof GossipAnswer>

export const encodeGossip = (frame: GossipRequest | GossipAnswer): Uint8Array =>
  utf8(JSON.stringify(frame))

/** @throws {z.ZodError} or {SyntaxError} when the bytes are not such a frame */
export const decodeGossip = <T>(bytes: Uint8Array, schema: z.ZodType<T>): T =>
  schema.parse(parseFrameJson(bytes, MOST_MARKS))
