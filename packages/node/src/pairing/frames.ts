import { fromUtf8, RosterFile, utf8 } from '@entente/schema'
import { z } from 'zod'

/**
 * Opened to tell how the roster goes on: one `hello` each way, then the roster in force from whichever side has the newer. The one
 * stream that a node may open which is only invited or accepted.
 */
export const pairingProtocol = '/entente/pairing/1'

/** As many editions as a node keeps waiting. */
export const MOST_PROPOSALS = 8

/** Twice as many nations as a coalition has: each costs a signature to check. */
const MOST_NATIONS = 64
const Edition = RosterFile.refine(({ nations }) => nations.length <= MOST_NATIONS, {
  error: `more than ${MOST_NATIONS} nations`,
})

export const HelloFrame = z.strictObject({
  t: z.literal('hello'),
  /** Of the roster in force at the speaker; 0: it is alone. */
  number: z.int().min(0),
  proposals: z.array(Edition).max(MOST_PROPOSALS),
  /** The roster in force, from the side that answers, when the other's is older. */
  roster: Edition.nullable(),
})
export type HelloFrame = z.infer<typeof HelloFrame>

export const RosterFrame = z.strictObject({ t: z.literal('roster'), roster: Edition })

export const encodePairing = (frame: HelloFrame | z.infer<typeof RosterFrame>): Uint8Array =>
  utf8(JSON.stringify(frame))

/** @throws {z.ZodError} or {SyntaxError} when the bytes are not such a frame */
export const decodePairing = <T>(bytes: Uint8Array, schema: z.ZodType<T>): T =>
  schema.parse(JSON.parse(fromUtf8(bytes)))
