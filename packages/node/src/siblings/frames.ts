import { fromUtf8, utf8 } from '@entente/schema'
import { z } from 'zod'

/** Between nodes of one nation; no partner is served on it. */
export const ledgerProtocol = '/entente/ledger/1'

/** Bytes of a sync message in one frame, and of a whole message: as much as the largest shard that is looked at. */
export const PART_BYTES = 1024 * 1024
const MOST_PARTS = 32
/** Shards named in one frame. */
export const LISTED_AT_ONCE = 2_000

const Actor = z.string().regex(/^[0-9a-f]{16}$/)
const Token = z.string().regex(/^[0-9a-f]{32}$/)
const Shard = z.string().regex(/^[1-9A-HJ-NP-Za-km-z]{20,40}$/)
const Heads = z.string().regex(/^([0-9a-f]{64}( [0-9a-f]{64}){0,255})?$/)

/**
 * What nodes of one nation say. `hello`: the name under which this node writes, and the token that the other one gave it last;
 * `turn`: the token for the next time, which `kept` confirms; `refused`: why nothing more is said; `list`: shards it has, and how far; `sync`: a part of a message of
 * Automerge's sync protocol, whose bytes follow the line.
 */
export const LedgerFrame = z.discriminatedUnion('t', [
  z.strictObject({ t: z.literal('hello'), actor: Actor, token: Token.nullable() }),
  z.strictObject({ t: z.literal('turn'), token: Token }),
  z.strictObject({ t: z.literal('kept') }),
  z.strictObject({ t: z.literal('refused'), code: z.string().regex(/^[A-Z_]{1,40}$/) }),
  z.strictObject({
    t: z.literal('list'),
    shards: z.array(z.tuple([Shard, Heads])).max(LISTED_AT_ONCE),
  }),
  z.strictObject({
    t: z.literal('sync'),
    shard: Shard,
    part: z
      .int()
      .min(0)
      .max(MOST_PARTS - 1),
    of: z.int().min(1).max(MOST_PARTS),
  }),
])
export type LedgerFrame = z.infer<typeof LedgerFrame>

const NEWLINE = 10
const empty = new Uint8Array()

/** One line of JSON, then bytes. */
export function encodeLedgerFrame(frame: LedgerFrame, bytes: Uint8Array = empty): Uint8Array {
  const line = utf8(`${JSON.stringify(frame)}\n`)
  const out = new Uint8Array(line.length + bytes.length)
  out.set(line)
  out.set(bytes, line.length)
  return out
}

/** @throws {z.ZodError} or {SyntaxError} when the bytes are no such frame */
export function decodeLedgerFrame(bytes: Uint8Array): {
  readonly frame: LedgerFrame
  readonly bytes: Uint8Array
} {
  const end = bytes.indexOf(NEWLINE)
  const line = fromUtf8(bytes.subarray(0, end < 0 ? bytes.length : end))
  return {
    frame: LedgerFrame.parse(JSON.parse(line)),
    bytes: end < 0 ? empty : bytes.subarray(end + 1),
  }
}
