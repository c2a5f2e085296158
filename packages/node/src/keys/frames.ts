import { utf8 } from '@entente/schema'
import { z } from 'zod'
import { parseFrameJson } from '../frame-json.ts'

/** One word each way, on a stream of its own: the first thing that two nodes say to each other. */
export const keysProtocol = '/entente/keys/1'

/** More than all keys of a coalition. */
const MOST = 4_096
/** So that the newest of both fit in one frame. */
const MOST_RECALLS = 1_024
export const MOST_KEYS_BYTES = 4 * 1024 * 1024
/** One for each seal and recall, and some. */
const MOST_MARKS = 16_384

/** Every revocation and root's recall that the speaker knows, of any nation, as its root signed it. */
export const KeysFrame = z.strictObject({
  t: z.literal('revocations'),
  seals: z.array(z.string().max(4_096)).max(MOST),
  recalls: z.array(z.string().max(4_096)).max(MOST).optional(),
})

/** The newest of both, revocations first, as many as one frame holds: one that is too large would be read by nobody. */
export function keysFrame(
  seals: readonly string[],
  recalls: readonly string[] = [],
): z.infer<typeof KeysFrame> {
  let left =
    MOST_KEYS_BYTES - utf8(JSON.stringify({ t: 'revocations', seals: [], recalls: [] })).length
  const fitting = (newest: readonly string[]): string[] => {
    const first = newest.findLastIndex((seal) => {
      const size = utf8(JSON.stringify(seal)).length + 1
      if (size > left) return true
      left -= size
      return false
    })
    return newest.slice(first + 1)
  }
  const told = fitting(seals.slice(-MOST))
  const recalled = fitting(recalls.slice(-MOST_RECALLS))
  return {
    t: 'revocations',
    seals: told,
    ...(recalled.length > 0 && { recalls: recalled }),
  }
}

export const encodeKeys = (seals: readonly string[], recalls: readonly string[] = []): Uint8Array =>
  utf8(JSON.stringify(keysFrame(seals, recalls)))

/** @throws {RangeError} {z.ZodError} or {SyntaxError} when the bytes are not such a frame */
export function decodeKeys(bytes: Uint8Array): Omit<z.infer<typeof KeysFrame>, 't'> {
  if (bytes.length > MOST_KEYS_BYTES)
    throw new RangeError(
      `${bytes.length} bytes of revocations, at most ${MOST_KEYS_BYTES} are read`,
    )
  return KeysFrame.parse(parseFrameJson(bytes, MOST_MARKS))
}
