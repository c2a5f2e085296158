import { loadNodeFolder } from '@entente/node'
import {
  type Channel,
  createLibp2pTransport,
  partnersOf,
  type Transport,
} from '@entente/node/testing'

/** One frame that arrived on a stream this node had opened, or that it sent there. */
export interface WatchedFrame {
  readonly direction: 'in' | 'out'
  readonly peerId: string
  readonly protocol: string
  readonly text: string
}

export interface Watched {
  readonly frames: WatchedFrame[]
  /** For `NodeOptions.transport`. */
  readonly transport: (seed: Uint8Array) => Promise<Transport>
}

/** The real network of the node in this folder. */
export function libp2pOf(folder: string): (seed: Uint8Array) => Promise<Transport> {
  const { config, roster } = loadNodeFolder(folder)
  if (roster === null) throw new Error('the node has no roster')
  return (seed) =>
    createLibp2pTransport({
      privateKey: seed,
      listen: config.listen,
      peers: [...partnersOf(roster, config.nation).values()].map(({ certificate }) => ({
        peerId: certificate.peerId,
        addresses: certificate.endpoints,
      })),
    })
}

/**
 * The real network of a node, with a tap on the streams that it opens: what its partners tell it.
 * @param change may give other bytes for a frame that arrives, as a broken or hostile sender would
 */
export function watch(folder: string, change: (text: string) => string = (text) => text): Watched {
  const frames: WatchedFrame[] = []
  const tap = (channel: Channel, protocol: string): Channel => {
    const note = (direction: 'in' | 'out', bytes: Uint8Array) => {
      const text = Buffer.from(bytes).toString()
      frames.push({ direction, peerId: channel.peerId, protocol, text })
      return text
    }
    const incoming = async function* () {
      for await (const bytes of channel.frames) yield Buffer.from(change(note('in', bytes)))
    }
    return {
      ...channel,
      frames: incoming(),
      send: (frame, options) => {
        note('out', frame)
        return channel.send(frame, options)
      },
      [Symbol.asyncDispose]: () => channel[Symbol.asyncDispose](),
    }
  }
  return {
    frames,
    transport: async (seed) => {
      const real = await libp2pOf(folder)(seed)
      return {
        ...real,
        open: async (peerId, protocol, options) =>
          tap(await real.open(peerId, protocol, options), protocol),
        [Symbol.asyncDispose]: () => real[Symbol.asyncDispose](),
      }
    },
  }
}

export interface SeenFrame {
  readonly t: string
  readonly jws?: string
  readonly openings?: readonly (readonly [
    string,
    { readonly op: string; readonly record: string },
  ])[]
  readonly bodies?: readonly unknown[]
}

/** Frames that arrived on feed streams from one peer, decoded. */
export const fedBy = ({ frames }: Watched, peerId: string): SeenFrame[] =>
  frames
    .filter(
      (each) =>
        each.direction === 'in' && each.peerId === peerId && each.protocol === '/entente/feed/1',
    )
    .map(({ text }) => JSON.parse(text) as SeenFrame)
