import { fromHex, peekJws, toHex, utf8 } from '@entente/schema'
import {
  leafHash,
  openCheckpoint,
  parseTlogProof,
  VerificationError,
  verifyInclusion,
} from '@entente/tlog'
import { z } from 'zod'
import type { BackedLeaf } from '../backup/backed-leaf.ts'
import type { Deps, Partner } from '../deps.ts'
import { NodeError } from '../errors.ts'
import { parseFrameJson } from '../frame-json.ts'
import { entryOf, statementHash } from '../log/leaf.ts'
import { abortable } from '../network/abortable.ts'
import type { AbortOptions, Transport } from '../ports/transport.ts'
import { RecoverFrame, recoverProtocol } from './serve-recover.ts'
import type { RecoverySource } from './source.ts'

/** A partner that has nothing more to say ends the stream; this bounds what it can make us keep. */
const maxFrames = 5_000_000

/**
 * Asks a partner for what it holds of our own log from a leaf on. Each statement comes with a proof under a checkpoint of ours, and
 * one that is not proven is left out.
 * @throws {TransportError}, {NodeError} `RECOVER_SOURCE` when the answer is cut off
 */
export async function askPartner(
  deps: Deps,
  transport: Transport,
  { nation, certificate }: Partner,
  from: number,
  options?: AbortOptions,
): Promise<RecoverySource> {
  const notes: string[] = []
  const leaves: BackedLeaf[] = []
  const acknowledgements: string[] = []
  const malformed = (error: unknown) =>
    new NodeError('RECOVER_SOURCE', `the answer of ${nation} is malformed`, { cause: error })
  await using channel = await transport.open(certificate.peerId, recoverProtocol, options)
  await channel.send(utf8(JSON.stringify({ t: 'recover', from })), options)
  let count = 0
  for await (const bytes of abortable(channel, options?.signal)) {
    const frame = readFrame(bytes, malformed)
    if (frame.t === 'end')
      return { name: nation, notes, leaves, entries: new Map(), acknowledgements }
    if (++count > maxFrames) break
    if (frame.t === 'note') notes.push(frame.note)
    else if (frame.t === 'ack') acknowledgements.push(frame.jws)
    else {
      const checkpoint = frame.t === 'policy' ? '' : provenUnder(deps, frame)
      if (checkpoint === null) continue
      leaves.push(leafOf(frame, malformed))
      if (checkpoint !== '') notes.push(checkpoint)
    }
  }
  throw new NodeError('RECOVER_SOURCE', `the answer of ${nation} was cut off: ask again`)
}

function readFrame(bytes: Uint8Array, malformed: (error: unknown) => NodeError): RecoverFrame {
  try {
    return RecoverFrame.parse(parseFrameJson(bytes))
  } catch (error) {
    throw malformed(error)
  }
}

/** The checkpoint of ours that a statement is proven to be under; null: it is not. */
function provenUnder(
  { self, verify, hash }: Deps,
  { index, jws, salt, proof }: Extract<RecoverFrame, { t: 'statement' }>,
): string | null {
  try {
    const given = parseTlogProof(proof)
    const { checkpoint } = openCheckpoint(given.checkpoint, self.log, verify)
    const leaf = leafHash(entryOf(jws, fromHex(salt)), hash)
    verifyInclusion(leaf, index, given.hashes, checkpoint, hash)
    return given.checkpoint
  } catch (error) {
    if (error instanceof VerificationError) return null
    throw error
  }
}

const Said = z.looseObject({
  at: z.int().min(0),
  feed: z.string().nullable().optional(),
  seq: z.int().min(0).optional(),
})

/** What the statement says of itself; that we signed it is checked before it is believed. */
function leafOf(
  { index, jws, salt }: Extract<RecoverFrame, { t: 'statement' | 'policy' }>,
  malformed: (error: unknown) => NodeError,
): BackedLeaf {
  try {
    const { typ, payload } = peekJws(jws)
    const { at, feed, seq } = Said.parse(payload)
    const hash = statementHash(jws)
    return {
      index,
      kind: typ.replace(/^entente-/, ''),
      atMs: at,
      feed: seq === undefined ? null : (feed ?? hash),
      seq: seq ?? null,
      hash,
      entry: toHex(entryOf(jws, fromHex(salt))),
      statement: { jws, salt },
    }
  } catch (error) {
    throw malformed(error)
  }
}
