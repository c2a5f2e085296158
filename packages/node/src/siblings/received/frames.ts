import { Digest, utf8 } from '@entente/schema'
import { z } from 'zod'
import {
  BodyFrame,
  HeadFrame,
  NoticeFrame,
  PolicyFrame,
  StatementFrame,
} from '../../feed/frames.ts'
import { parseFrameJson } from '../../frame-json.ts'
import { KeysFrame } from '../../keys/frames.ts'

/** Between nodes of one nation: what its receiver admitted of partners, for the others. */
export const receivedProtocol = '/entente/received/1'

/** By the word of a nation, as many as one frame of revocations tells. */
export const MOST_RECALLS = 1_024

const Origin = z.string().min(1).max(255)
const Place = z.int().min(0)
const Name = z.string().regex(/^[0-9a-f]{32}$/)
/** How far a node has come with what was passed on of each log. */
const Reached = z.array(z.strictObject({ origin: Origin, n: Place })).max(1_000)
export type Reached = z.infer<typeof Reached>

/** The largest tree of a log that the node holds. */
const HeldTree = z.strictObject({ origin: Origin, size: Place, root: z.string().length(44) })
export type HeldTree = z.infer<typeof HeldTree>

/** What the node says that wants it: first from where, then after each `all` how far it has come. */
export const WantedFrame = z.discriminatedUnion('t', [
  z.strictObject({
    t: z.literal('from'),
    name: Name.nullable(),
    reached: Reached,
    trees: z.array(HeldTree).max(1_000),
  }),
  z.strictObject({
    t: z.literal('done'),
    reached: Reached,
    /** Recalls by the word of a nation that it has carried out to the last byte. */
    recalls: z.array(Digest).max(MOST_RECALLS),
  }),
])
export type WantedFrame = z.infer<typeof WantedFrame>

/** As a partner's streams carry it; `policy`: what had come with a statement that is not passed on any more. */
const Item = z.discriminatedUnion('t', [
  StatementFrame,
  NoticeFrame,
  HeadFrame,
  BodyFrame,
  PolicyFrame,
])

/**
 * What the receiver says. `journal`: the list whose numbers these are; `keys`: revocations, and recalls by the word of a nation; `item`: one thing that it
 * admitted of a partner's log, as a stream of that partner would send it; `all`: that was everything up to here, but for logs
 * of which nothing can be passed on now.
 */
export const PassedFrame = z.discriminatedUnion('t', [
  z.strictObject({ t: z.literal('journal'), name: Name }),
  z.strictObject({ t: z.literal('keys'), keys: KeysFrame }),
  z.strictObject({ t: z.literal('item'), n: Place, origin: Origin, frame: Item }),
  z.strictObject({ t: z.literal('all'), n: Place, without: z.array(Origin).max(1_000) }),
])
export type PassedFrame = z.infer<typeof PassedFrame>
export type PassedItem = Extract<PassedFrame, { readonly t: 'item' }>

export const encodePassed = (frame: WantedFrame | PassedFrame): Uint8Array =>
  utf8(JSON.stringify(frame))

/** @throws {z.ZodError} or {SyntaxError} when the bytes are no such frame */
export function decodePassed<T>(bytes: Uint8Array, schema: z.ZodType<T>): T {
  return schema.parse(parseFrameJson(bytes))
}
