import { fromUtf8, utf8 } from '@entente/schema'
import { z } from 'zod'
import { SenderFrame } from '../../feed/frames.ts'
import { KeysFrame } from '../../keys/frames.ts'

/** Between nodes of one nation: what its receiver admitted of partners, for the others. */
export const receivedProtocol = '/entente/received/1'

const Origin = z.string().min(1).max(255)
const Place = z.int().min(0)
const Name = z.string().regex(/^[0-9a-f]{32}$/)
/** How far a node has come with what was passed on of each log. */
const Reached = z.array(z.strictObject({ origin: Origin, n: Place })).max(1_000)
export type Reached = z.infer<typeof Reached>

/** What the node says that wants it: first from where, then after each `all` how far it has come. */
export const WantedFrame = z.discriminatedUnion('t', [
  z.strictObject({ t: z.literal('from'), name: Name.nullable(), reached: Reached }),
  z.strictObject({ t: z.literal('done'), reached: Reached }),
])
export type WantedFrame = z.infer<typeof WantedFrame>

/**
 * What the receiver says. `journal`: the list whose numbers these are; `keys`: revocations and roots' recalls; `item`: one thing that it
 * admitted of a partner's log, as a stream of that partner would send it; `all`: that was everything up to here.
 */
export const PassedFrame = z.discriminatedUnion('t', [
  z.strictObject({ t: z.literal('journal'), name: Name }),
  z.strictObject({ t: z.literal('keys'), keys: KeysFrame }),
  z.strictObject({ t: z.literal('item'), n: Place, origin: Origin, frame: SenderFrame }),
  z.strictObject({ t: z.literal('all'), n: Place }),
])
export type PassedFrame = z.infer<typeof PassedFrame>
export type PassedItem = Extract<PassedFrame, { readonly t: 'item' }>

export const encodePassed = (frame: WantedFrame | PassedFrame): Uint8Array =>
  utf8(JSON.stringify(frame))

/** @throws {z.ZodError} or {SyntaxError} when the bytes are no such frame */
export function decodePassed<T>(bytes: Uint8Array, schema: z.ZodType<T>): T {
  return schema.parse(JSON.parse(fromUtf8(bytes)))
}
