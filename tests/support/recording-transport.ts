import { loadNodeFolder, type NodeOptions } from '@entente/node'
import { type Channel, createLibp2pTransport, type Transport } from '@entente/node/testing'
import type { Nation } from '@entente/schema'

/** One frame as it went onto, or came off, the wire of one node. */
export interface CapturedFrame {
  readonly direction: 'in' | 'out'
  readonly partner: Nation
  readonly protocol: string
  readonly bytes: Uint8Array
}

/** The network that a node opens by itself, with every frame told to `onFrame` first. */
export function recordingTransport(
  folder: string,
  onFrame: (frame: CapturedFrame) => void,
): NonNullable<NodeOptions['transport']> {
  const { config, roster } = loadNodeFolder(folder)
  const members = [...(roster?.members.values() ?? [])]
  const nationOf = new Map(members.map(({ nation, node }) => [node.peerId, nation]))
  return async (seed) =>
    record(
      await createLibp2pTransport({
        privateKey: seed,
        listen: config.listen,
        peers: members
          .filter(({ nation }) => nation !== config.nation)
          .map(({ node }) => ({ peerId: node.peerId, addresses: node.endpoints })),
      }),
      (peerId) => nationOf.get(peerId) ?? 'XXX',
      onFrame,
    )
}

/** Any transport, recorded. */
export function record(
  transport: Transport,
  nationOf: (peerId: string) => Nation,
  onFrame: (frame: CapturedFrame) => void,
): Transport {
  const wrap = (channel: Channel, protocol: string): Channel => {
    const partner = nationOf(channel.peerId)
    const note = (direction: 'in' | 'out', bytes: Uint8Array) =>
      onFrame({ direction, partner, protocol, bytes: Uint8Array.from(bytes) })
    return {
      peerId: channel.peerId,
      send: (frame, options) => {
        note('out', frame)
        return channel.send(frame, options)
      },
      get frames() {
        return noting(channel.frames, (frame) => note('in', frame))
      },
      ended: channel.ended,
      close: channel.close,
      abort: channel.abort,
      [Symbol.asyncDispose]: () => channel[Symbol.asyncDispose](),
    }
  }
  return {
    ...transport,
    handle: (protocol, handler) =>
      transport.handle(protocol, (channel) => handler(wrap(channel, protocol))),
    open: async (peerId, protocol, options) =>
      wrap(await transport.open(peerId, protocol, options), protocol),
    [Symbol.asyncDispose]: () => transport[Symbol.asyncDispose](),
  }
}

async function* noting(
  frames: AsyncIterable<Uint8Array>,
  note: (frame: Uint8Array) => void,
): AsyncGenerator<Uint8Array> {
  for await (const frame of frames) {
    note(frame)
    yield frame
  }
}
