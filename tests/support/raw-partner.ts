import { loadNodeFolder } from '@entente/node'
import {
  type Channel,
  createClosedNode,
  createLibp2pTransport,
  feedProtocol,
  parsePeer,
  type Transport,
  witnessProtocol,
} from '@entente/node/testing'
import { type Nation, utf8 } from '@entente/schema'
import type { Federation } from './federation.ts'

/** A program that has a listed partner's network key and says what it likes; the partner's node must not run. */
export interface RawPartner extends AsyncDisposable {
  readonly transport: Transport
  readonly open: (protocol: string) => Promise<Channel>
  /** Frames that come back until it is quiet for a while, `head` apart: that tells everybody the size of the log. */
  readonly answersTo: (protocol: string, ...frames: unknown[]) => Promise<{ readonly t: string }[]>
  /** The same of a resume on the feed stream, and until the `head` that ends it: what goes once more is paced, and makes longer pauses. */
  readonly pushed: (...frames: unknown[]) => Promise<{ readonly t: string }[]>
  /** One request to the witness, answered by status and body. */
  readonly witness: (request: string) => Promise<string>
}

/** So many times 50 ms after the last answer none is awaited any more: a busy machine makes pauses. */
const QUIET = 30
const atMostMs = 20_000
/** What is pushed once more comes at a tenth of the speed. */
const pushedWithinMs = 90_000

/** @param seed network key; that of the nation's node unless another is given */
export async function createRawPartner(
  federation: Pick<Federation, 'folder'>,
  as: Nation,
  to: Nation,
  seed?: Uint8Array,
): Promise<RawPartner> {
  const { peerId, config } = loadNodeFolder(federation.folder(to))
  const transport = await createLibp2pTransport({
    privateKey: seed ?? loadNodeFolder(federation.folder(as)).keys.identitySeed,
    listen: [],
    maxFrameBytes: 64 * 1024 * 1024,
    peers: [{ peerId, addresses: config.listen.map((address) => `${address}/p2p/${peerId}`) }],
  })
  const open = (protocol: string) =>
    transport.open(peerId, protocol, { signal: AbortSignal.timeout(60_000) })
  const ask = async (
    protocol: string,
    frames: readonly unknown[],
    isWhole: (seen: readonly { readonly t: string }[]) => boolean,
    withinMs: number,
  ) => {
    await using channel = await open(protocol)
    const seen: { readonly t: string }[] = []
    let [quiet, isOver] = [0, false]
    const reading = (async () => {
      for await (const bytes of channel.frames) {
        seen.push(JSON.parse(Buffer.from(bytes).toString()))
        quiet = 0
      }
    })()
      .catch(() => {})
      .finally(() => {
        isOver = true
      })
    for (const frame of frames) await channel.send(utf8(JSON.stringify(frame)))
    const sentMs = performance.now()
    // Turns of the loop, which the other side may share and keep: what came meanwhile is read in the next.
    while (!isOver && performance.now() < sentMs + withinMs && (quiet < QUIET || !isWhole(seen))) {
      await new Promise((resolve) => setTimeout(resolve, 50))
      quiet++
    }
    channel.abort(new Error('enough'))
    await reading
    if (!isWhole(seen)) throw new Error('the answer is not whole: no head came at its end')
    return seen.filter(({ t }) => t !== 'head')
  }
  return {
    transport,
    open,
    answersTo: (protocol, ...frames) => ask(protocol, frames, () => true, atMostMs),
    pushed: (...frames) =>
      ask(feedProtocol, frames, (seen) => seen.some(({ t }) => t === 'head'), pushedWithinMs),
    witness: async (request) => {
      await using channel = await open(witnessProtocol)
      await channel.send(utf8(request))
      for await (const bytes of channel.frames) return Buffer.from(bytes).toString()
      throw new Error('the witness gave no answer')
    },
    [Symbol.asyncDispose]: () => transport[Symbol.asyncDispose](),
  }
}

/** A connection of a listed partner on which streams are opened without our frames, and as many as it likes. */
export interface RawLine extends AsyncDisposable {
  readonly open: (
    protocol: string,
    options?: { readonly signal?: AbortSignal },
  ) => Promise<RawStream>
}
export interface RawStream {
  /** Sends bytes as they are. @throws when the stream is closed */
  readonly send: (bytes: Uint8Array) => void
  readonly isOpen: () => boolean
  readonly abort: (reason: Error) => void
}

const MANY = 1_000_000

export async function openRawLine(
  federation: Pick<Federation, 'folder'>,
  as: Nation,
  to: Nation,
): Promise<RawLine> {
  const { peerId, config } = loadNodeFolder(federation.folder(to))
  const seed = loadNodeFolder(federation.folder(as)).keys.identitySeed
  const node = await createClosedNode({ seed, listen: [], isListed: (peer) => peer === peerId })
  const { addresses } = parsePeer({ peerId, addresses: config.listen })
  const connection = await node.dial([...addresses])
  return {
    open: async (protocol, options = {}) => {
      const stream = await connection.newStream(protocol, { maxOutboundStreams: MANY, ...options })
      return {
        send: (bytes) => void stream.send(bytes),
        isOpen: () => stream.status === 'open',
        abort: (reason) => stream.abort(reason),
      }
    },
    [Symbol.asyncDispose]: async () => {
      await node.stop()
    },
  }
}
