import { Digest, Opening, utf8 } from '@entente/schema'
import { z } from 'zod'
import { parseFrameJson } from '../frame-json.ts'

export const feedProtocol = '/entente/feed/1'
export const controlProtocol = '/entente/control/1'

/** Feeds that one resume names: one for each dataset that a partner offers. */
export const MOST_FEEDS = 1_024

const Hex32 = z.string().regex(/^[0-9a-f]{64}$/)
const Base64Hash = z.string().length(44)
const Size = z.int().min(0)
/** Consistency from the checkpoint that the recipient holds. */
const Base = z.strictObject({ size: Size, hashes: z.array(Base64Hash).max(63) })
const Jws = z.string().max(131_072)
const TlogProofText = z.string().max(131_072)

/** What a recipient says on a stream that it opened. */
export const RecipientFrame = z.discriminatedUnion('t', [
  z.strictObject({
    t: z.literal('resume'),
    checkpoint: z.strictObject({ size: Size, root: Base64Hash }).nullable(),
    feeds: z.array(z.strictObject({ feed: Digest, seq: Size, hash: Digest })).max(MOST_FEEDS),
  }),
  z.strictObject({ t: z.literal('ack'), jws: Jws }),
  z.strictObject({ t: z.literal('again'), feed: Digest, seq: Size, entry: Digest }),
])
export type RecipientFrame = z.infer<typeof RecipientFrame>

const Policy = z.strictObject({
  jws: Jws,
  salt: Hex32,
  index: Size,
  hashes: z.array(Base64Hash).max(63),
})

/** A statement with everything needed to admit it. */
export const StatementFrame = z.strictObject({
  t: z.literal('statement'),
  jws: Jws,
  salt: Hex32,
  proof: TlogProofText,
  base: Base,
  policy: Policy.optional(),
  openings: z.array(Opening).max(256),
  bodies: z.array(z.unknown()).max(256),
  /** Opens what was sent ahead of the quorum; openings and bodies are in there. */
  key: z.string().length(43).optional(),
})
export type StatementFrame = z.infer<typeof StatementFrame>

export const NoticeFrame = z.strictObject({
  t: z.literal('notice'),
  jws: Jws,
  salt: Hex32,
  proof: TlogProofText,
  openings: z.array(Opening).max(256),
})
export type NoticeFrame = z.infer<typeof NoticeFrame>

/** Openings and bodies of a statement that has no quorum yet, closed: nobody can read them without the key. */
const PendingFrame = z.strictObject({
  t: z.literal('pending'),
  statement: Digest,
  closed: z.string(),
})

export const HeadFrame = z.strictObject({
  t: z.literal('head'),
  checkpoint: z.string().max(65_536),
  base: Base,
})
export type HeadFrame = z.infer<typeof HeadFrame>

export const BodyFrame = z.strictObject({
  t: z.literal('body'),
  feed: Digest,
  seq: Size,
  opening: Opening,
  body: z.unknown(),
})
export type BodyFrame = z.infer<typeof BodyFrame>

/** A policy that had come with a statement of a feed which has been replaced: between nodes of one nation, which get no such statement. */
export const PolicyFrame = z.strictObject({
  t: z.literal('policy'),
  /** Under which its inclusion is proven. */
  checkpoint: z.string().max(65_536),
  policy: Policy,
})
export type PolicyFrame = z.infer<typeof PolicyFrame>

/** What a sender says. `resumed` answers each `resume`: what came before it was for an older one. */
export const SenderFrame = z.discriminatedUnion('t', [
  z.strictObject({ t: z.literal('resumed') }),
  StatementFrame,
  NoticeFrame,
  PendingFrame,
  HeadFrame,
  BodyFrame,
])
export type SenderFrame = z.infer<typeof SenderFrame>

export const encodeFrame = (frame: RecipientFrame | SenderFrame): Uint8Array =>
  utf8(JSON.stringify(frame))

const ACK = utf8('{"t":"ack",')
/** Whether these bytes begin as `encodeFrame` writes an acknowledgement: one is cheap to take, and a resume is followed by one for each feed. */
export const isAcknowledgement = (bytes: Uint8Array): boolean =>
  ACK.every((byte, i) => bytes[i] === byte)

/** @throws {z.ZodError} or {SyntaxError} when the bytes are not a frame of this kind */
export function decodeFrame<T>(bytes: Uint8Array, schema: z.ZodType<T>): T {
  return schema.parse(parseFrameJson(bytes))
}
