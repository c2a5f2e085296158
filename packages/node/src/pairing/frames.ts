import { type Nation, RosterFile, utf8 } from '@entente/schema'
import { z } from 'zod'
import { parseFrameJson } from '../frame-json.ts'

/**
 * Opened to tell how the roster goes on: one `hello` each way, then the roster in force from whichever side has the newer. The one
 * stream that a node may open which is only invited or accepted.
 */
export const pairingProtocol = '/entente/pairing/1'

/** As many editions as a node keeps waiting. */
export const MOST_PROPOSALS = 8

/** Of them, as many as one partner may bring: the others find room whatever it sends. */
export const MOST_BROUGHT = 2
/** Bytes of one edition as JSON; a coalition of 32 nations takes 200 kB. */
export const MOST_EDITION_BYTES = 512_000
/** Who opens the stream says all waiting editions in one frame, and the roster in force in another. */
export const MOST_PAIRING_BYTES = MOST_PROPOSALS * MOST_EDITION_BYTES + 64 * 1024
/** Of an edition, one for each 60 of its bytes; what it says is signed, and takes some hundred. */
const MOST_MARKS = 65_536
/** How far beyond the number in force an edition may be numbered: at the last number there is, none could follow. */
export const MOST_NUMBERS_AHEAD = 1_000

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

export const editionBytes = (roster: RosterFile): number => utf8(JSON.stringify(roster)).length

/**
 * What of the waiting editions goes into one `hello`, which the other side reads whole or not at all: no more than it takes, and room left
 * for the roster in force. Those that our root has signed go first.
 */
export function helloProposals(nation: Nation, waiting: readonly RosterFile[]): RosterFile[] {
  const isOurs = ({ signatures }: RosterFile) => signatures[nation] !== undefined
  const inTurn = [...waiting.filter(isOurs), ...waiting.filter((each) => !isOurs(each))]
  const said = inTurn
    .filter((each) => editionBytes(each) <= MOST_EDITION_BYTES)
    .slice(0, MOST_PROPOSALS)
  return waiting.filter((each) => said.includes(each))
}

export const encodePairing = (frame: HelloFrame | z.infer<typeof RosterFrame>): Uint8Array =>
  utf8(JSON.stringify(frame))

/** @throws {z.ZodError} or {SyntaxError} when the bytes are not such a frame */
export const decodePairing = <T>(bytes: Uint8Array, schema: z.ZodType<T>): T =>
  schema.parse(parseFrameJson(bytes, MOST_MARKS))
