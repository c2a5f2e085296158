import { Digest, Nation } from '@entente/schema'
import { z } from 'zod'
import { parseFrameJson } from '../frame-json.ts'

/** Stream on which members of joint documents give each other statements, their own and those of others. */
export const jointProtocol = '/entente/joint/1'

/** Who opens it says only what it has: of 1,024 documents, 3 KiB of each to which 32 nations have written. */
export const MOST_HAVE_BYTES = 4 * 1024 * 1024
/** Of each such document 170: three for each writer, and one more if it is stopped, or was found to write twice. */
const MOST_HAVE_MARKS = 196_608

/** A statement of a joint document with all that is needed to admit it, whoever hands it on. */
export const JointFrame = z.strictObject({
  t: z.literal('joint'),
  writer: Nation,
  jws: z.string().max(131_072),
  salt: z.string().regex(/^[0-9a-f]{64}$/),
  /** A tlog-proof: inclusion in the writer's log, and the checkpoint with its cosignatures. */
  proof: z.string().max(131_072),
  /** The change, base64; null: a vote has none. */
  body: z.base64().max(90_000).nullable(),
})
export type JointFrame = z.infer<typeof JointFrame>

/** Two statements that a writer has signed for one place: they speak for themselves. */
export const TwiceFrame = z.strictObject({
  t: z.literal('twice'),
  first: JointFrame,
  second: JointFrame,
})
export type TwiceFrame = z.infer<typeof TwiceFrame>

/**
 * How far somebody has come in one document: the last statement of each writer; writers whose feed stands still there, since the next change
 * was refused; and writers of whom two statements for one place are known, with that place.
 */
export const HeldDocument = z.strictObject({
  document: Digest,
  writers: z.record(Nation, z.strictObject({ seq: z.int().min(0), hash: Digest })),
  stopped: z.array(Nation).max(32).readonly(),
  twice: z.record(Nation, z.int().min(0)),
})
export type HeldDocument = z.infer<typeof HeldDocument>

/** What the member that opened the stream says: all that it has of the documents that both are members of. */
export const HaveFrame = z.strictObject({
  t: z.literal('have'),
  documents: z.array(HeldDocument).max(1_024).readonly(),
})
export type HaveFrame = z.infer<typeof HaveFrame>

/** @throws {z.ZodError} or {SyntaxError} when the bytes are not such a frame */
export const decodeHave = (bytes: Uint8Array): HaveFrame =>
  HaveFrame.parse(parseFrameJson(bytes, MOST_HAVE_MARKS))

/** What the other answers: some of what was missing, then `done`; `news` when it is worth asking again. */
export const GivenFrame = z.discriminatedUnion('t', [
  JointFrame,
  TwiceFrame,
  z.strictObject({ t: z.literal('done') }),
  z.strictObject({ t: z.literal('news') }),
])
export type GivenFrame = z.infer<typeof GivenFrame>
