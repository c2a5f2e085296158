import { loadNodeFolder } from '@entente/node'
import {
  type Channel,
  createClosedNode,
  createLibp2pTransport,
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
  /** One request to the witness, answered by status and body. */
  readonly witness: (request: string) => Promise<string>
}

/** So long after the last answer none is awaited any more: a busy machine makes pauses. */
const quietMs = 1_500
const atMostMs = 20_000

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
    transport.open(peerId, protocol, { signal: AbortSignal.timeout(5_000) })
  return {
    transport,
    open,
    answersTo: async (protocol, ...frames) => {
      await using channel = await open(protocol)
      const seen: { readonly t: string }[] = []
      let lastMs = 0
      const reading = (async () => {
        for await (const bytes of channel.frames) {
          seen.push(JSON.parse(Buffer.from(bytes).toString()))
          lastMs = performance.now()
        }
      })().catch(() => {})
      for (const frame of frames) await channel.send(utf8(JSON.stringify(frame)))
      const sentMs = performance.now()
      lastMs = sentMs
      while (performance.now() < Math.min(lastMs + quietMs, sentMs + atMostMs))
        await new Promise((resolve) => setTimeout(resolve, 50))
      channel.abort(new Error('enough'))
      await reading
      return seen.filter(({ t }) => t !== 'head')
    },
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
