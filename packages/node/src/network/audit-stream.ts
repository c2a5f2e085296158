import { utf8 } from '@entente/schema'
import { parseTilePath } from '@entente/tlog'
import { z } from 'zod'
import { parseFrameJson } from '../frame-json.ts'
import type { Channel } from '../ports/transport.ts'

/**
 * A partner asks for what concerns it: opening the stream is the question, the handshake says who asks. Answered file by
 * file: a header `{path, size}`, then the bytes in pieces; `manifest.json` is the last.
 */
export const auditProtocol = '/entente/audit/1'

const PIECE_BYTES = 64 * 1024
/** The most that is sent and taken for one pair: the log of some millions of leaves. */
const MAX_EVIDENCE_BYTES = 512 * 1024 * 1024

export const EvidenceHeader = z.strictObject({ path: z.string().max(200), size: z.int().min(0) })

const names: ReadonlySet<string> = new Set([
  'manifest.json',
  'received.jsonl',
  'held.jsonl',
  'root-recalls.jsonl',
  'acks-given.jsonl',
  'acks-received.jsonl',
  'partner-checkpoints.jsonl',
  'log/checkpoint',
])

/** Whether a file of evidence may have this path: a partner must not choose where we write. */
export function isEvidencePath(path: string): boolean {
  if (names.has(path)) return true
  if (!path.startsWith('log/tile/')) return false
  try {
    parseTilePath(path.slice('log/'.length))
    return true
  } catch {
    return false
  }
}

/** Sends files until all are sent. @throws RangeError when they are more than a stream may carry */
export async function sendEvidence(
  channel: Channel,
  files: Iterable<readonly [path: string, bytes: Uint8Array]>,
  maxBytes = MAX_EVIDENCE_BYTES,
): Promise<void> {
  let sent = 0
  for (const [path, bytes] of files) {
    sent += bytes.length
    if (sent > maxBytes) throw new RangeError(`the evidence is larger than ${maxBytes} bytes`)
    await channel.send(utf8(JSON.stringify({ path, size: bytes.length })))
    for (let at = 0; at < bytes.length; at += PIECE_BYTES)
      await channel.send(bytes.subarray(at, at + PIECE_BYTES))
  }
}

/** What a parser says of a header repeats what stands there: none of it is passed on. */
function readHeader(bytes: Uint8Array): z.infer<typeof EvidenceHeader> {
  try {
    return EvidenceHeader.parse(parseFrameJson(bytes))
  } catch {
    throw new RangeError('a header of evidence is malformed')
  }
}

/**
 * Files as a partner sends them, each path once; ends with `manifest.json`.
 * @throws RangeError for a path that evidence does not have, more bytes than allowed or said, or an early end
 */
export async function* receiveEvidence(
  channel: Channel,
  maxBytes = MAX_EVIDENCE_BYTES,
): AsyncGenerator<readonly [path: string, bytes: Uint8Array]> {
  const frames = channel.frames[Symbol.asyncIterator]()
  const next = async (): Promise<Uint8Array> => {
    const frame = await frames.next()
    if (frame.done === true) throw new RangeError('the evidence ended before its manifest')
    return frame.value
  }
  const seen = new Set<string>()
  let taken = 0
  for (;;) {
    const { path, size } = readHeader(await next())
    if (!isEvidencePath(path)) throw new RangeError('a file of evidence has no such path')
    if (seen.has(path)) throw new RangeError(`${path} was sent twice`)
    seen.add(path)
    taken += size
    if (taken > maxBytes) throw new RangeError(`the evidence is larger than ${maxBytes} bytes`)
    // What arrives takes memory, not what a header promises.
    const pieces: Uint8Array[] = []
    for (let left = size; left > 0; ) {
      const piece = await next()
      if (piece.length === 0 || piece.length > left)
        throw new RangeError(`${path} has another size than was said`)
      pieces.push(piece)
      left -= piece.length
    }
    yield [path, Buffer.concat(pieces)]
    if (path === 'manifest.json') return
  }
}
