import { fromUtf8, utf8 } from '@entente/schema'
import { z } from 'zod'

/** One word each way, on a stream of its own: the first thing that two nodes say to each other. */
export const keysProtocol = '/entente/keys/1'

/** More than all keys of a coalition. */
const MOST = 4_096
const MAX_BYTES = 4 * 1024 * 1024

/** Every revocation that the speaker knows, of any nation, as its root signed it. */
export const KeysFrame = z.strictObject({
  t: z.literal('revocations'),
  seals: z.array(z.string().max(4_096)).max(MOST),
})

/** The newest of them, as many as one frame holds: one that is too large would be read by nobody. */
export function keysFrame(seals: readonly string[]): z.infer<typeof KeysFrame> {
  let left = MAX_BYTES - utf8(JSON.stringify({ t: 'revocations', seals: [] })).length
  const newest = seals.slice(-MOST)
  const first = newest.findLastIndex((seal) => {
    left -= utf8(JSON.stringify(seal)).length + 1
    return left < 0
  })
  return { t: 'revocations', seals: newest.slice(first + 1) }
}

export const encodeKeys = (seals: readonly string[]): Uint8Array =>
  utf8(JSON.stringify(keysFrame(seals)))

/** @throws {RangeError} {z.ZodError} or {SyntaxError} when the bytes are not such a frame */
export function decodeKeys(bytes: Uint8Array): readonly string[] {
  if (bytes.length > MAX_BYTES)
    throw new RangeError(`${bytes.length} bytes of revocations, at most ${MAX_BYTES} are read`)
  return KeysFrame.parse(JSON.parse(fromUtf8(bytes))).seals
}
