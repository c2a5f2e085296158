import { utf8 } from '@entente/schema'
import { z } from 'zod'
import { RecipientFrame, SenderFrame } from '../feed/frames.ts'
import { parseFrameJson } from '../frame-json.ts'
import { ProveFrame, SeenFrame } from '../gossip/frames.ts'
import { KeysFrame } from '../keys/frames.ts'

const Size = z.int().min(0)
const Which = z.enum(['control', 'feed'])

/**
 * What lies in a courier bundle, one after the other. Frames are those of the streams; whose streams they would be on follows from
 * who speaks: `recipient` is the sender of the bundle as the reader of the other's feeds.
 */
export const CourierItem = z.discriminatedUnion('t', [
  /** Before all else: revocations, as the roots signed them. */
  KeysFrame,
  /** The largest checkpoint of the other's log that is known here, and how much of it the witness here has cosigned. */
  z.strictObject({
    t: z.literal('known'),
    note: z.string().max(65_536).nullable(),
    witnessed: Size,
  }),
  /** What the witness here has answered to the last request of the other. */
  z.strictObject({ t: z.literal('cosigned'), size: Size, answer: z.string().max(65_536) }),
  z.strictObject({ t: z.literal('recipient'), which: Which, frame: RecipientFrame }),
  z.strictObject({ t: z.literal('seen'), frame: SeenFrame }),
  /** Asks the other to prove that two trees of its log are one history, and answers the last such question of the other. */
  ProveFrame,
  z.strictObject({
    t: z.literal('proof'),
    of: ProveFrame,
    hashes: z.array(z.string().length(44)).max(63),
  }),
  /** Asks to cosign. */
  z.strictObject({ t: z.literal('cosign'), size: Size, request: z.string().max(131_072) }),
  /** Consistency proofs of the log of the bundle's sender, up to the checkpoint of the frames that follow. */
  z.strictObject({
    t: z.literal('bases'),
    bases: z
      .array(z.strictObject({ size: Size, hashes: z.array(z.string().length(44)).max(63) }))
      .max(1_024),
  }),
  /** @param until when each body ends, ms, where that is before the bundle does; null: it does not */
  z.strictObject({
    t: z.literal('sender'),
    which: Which,
    frame: SenderFrame,
    until: z.array(Size.nullable()).max(256).optional(),
  }),
])
export type CourierItem = z.infer<typeof CourierItem>

export const encodeItem = (item: CourierItem): Uint8Array => utf8(JSON.stringify(item))

/** @throws {z.ZodError}, {SyntaxError} or {TypeError} when the bytes are no item */
export const decodeItem = (bytes: Uint8Array): CourierItem =>
  CourierItem.parse(parseFrameJson(bytes))
