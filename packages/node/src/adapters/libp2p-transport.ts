import type { Connection, Libp2p, PeerId } from '@libp2p/interface'
import type { AbortOptions, Channel, ListedPeer, PeerEvent, Transport } from '../ports/transport.ts'
import { TransportError } from '../ports/transport.ts'
import { type ChannelLimits, createLibp2pChannel } from './libp2p-channel.ts'
import { createClosedNode } from './libp2p-node.ts'
import { type DialablePeer, parsePeer, parsePeerId } from './libp2p-peer.ts'
import { createRedialer } from './libp2p-redial.ts'

export { peerIdOf, peerIdOfSeed } from './libp2p-peer.ts'

export interface Libp2pTransportOptions extends Partial<ChannelLimits> {
  /** Ed25519 private key (seed), 32 bytes. It is the identity of the node on the network. */
  readonly privateKey: Uint8Array
  /** Multiaddrs to listen on; `/ip4/127.0.0.1/tcp/0` takes any free port. */
  readonly listen: readonly string[]
  readonly peers: readonly ListedPeer[]
  /** Wait between attempts to reach an absent peer, doubling from the first to the second value. */
  readonly redialMinMs?: number
  readonly redialMaxMs?: number
  /** Channels for each protocol, peer and direction. */
  readonly maxChannels?: number
}

/**
 * Network over libp2p: TCP, Noise, Yamux; listed peers only.
 * @throws {TransportError} `PEER_ID_INVALID`, `ADDRESS_INVALID`
 */
export async function createLibp2pTransport(options: Libp2pTransportOptions): Promise<Transport> {
  let listed = new Map<string, DialablePeer>()
  const isListed = (peerId: string): boolean => listed.has(peerId)
  const parsed = options.peers.map(parsePeer)
  const node = await createClosedNode({
    seed: options.privateKey,
    listen: options.listen,
    isListed,
  })
  const transport = overNode(node, options, isListed, (peerId) => listed.get(peerId))
  const allow = async (peers: readonly DialablePeer[]): Promise<void> => {
    const others = peers.filter(({ id }) => !id.equals(node.peerId))
    listed = new Map(others.map((peer) => [peer.id.toString(), peer]))
    transport.listChanged(others)
  }
  await allow(parsed)
  return { ...transport.port, allow: async (peers) => allow(peers.map(parsePeer)) }
}

function overNode(
  node: Libp2p,
  options: Libp2pTransportOptions,
  isListed: (peerId: string) => boolean,
  find: (peerId: string) => DialablePeer | undefined,
): { port: Omit<Transport, 'allow'>; listChanged: (peers: readonly DialablePeer[]) => void } {
  const {
    maxFrameBytes = 8 * 1024 * 1024,
    highWaterBytes = 1024 * 1024,
    closeTimeoutMs = 30_000,
    redialMinMs = 250,
    redialMaxMs = 5_000,
    maxChannels = 32,
  } = options
  const limits: ChannelLimits = { maxFrameBytes, highWaterBytes, closeTimeoutMs }
  const online = new Set<string>()
  const listeners = new Set<(event: PeerEvent) => void>()

  const openConnection = (peerId: PeerId): Connection | undefined =>
    node.getConnections(peerId).find(({ status }) => status === 'open')

  const connect = async (peer: DialablePeer, { signal }: AbortOptions): Promise<Connection> => {
    const existing = openConnection(peer.id)
    if (existing !== undefined) return existing
    if (peer.addresses.length === 0) throw unreachable(peer.id, 'it has no listed address')
    return node.dial([...peer.addresses], signal === undefined ? {} : { signal })
  }

  const redialer = createRedialer({
    selfId: node.peerId.toString(),
    minDelayMs: redialMinMs,
    maxDelayMs: redialMaxMs,
    isConnected: (peerId) => openConnection(parsePeerId(peerId)) !== undefined,
    dial: async (peerId) => {
      const peer = find(peerId)
      if (peer !== undefined) await connect(peer, {})
    },
  })

  const emit = (event: PeerEvent): void => {
    for (const listener of [...listeners]) listener(event)
  }
  node.addEventListener('connection:open', ({ detail: connection }) => {
    // The list may have changed between the gate and here.
    if (!isListed(connection.remotePeer.toString())) connection.abort(notListed(connection))
  })
  node.addEventListener('peer:connect', ({ detail }) => {
    const peerId = detail.toString()
    if (!isListed(peerId) || online.has(peerId)) return
    online.add(peerId)
    emit({ kind: 'connected', peerId })
  })
  node.addEventListener('peer:disconnect', ({ detail }) => {
    const peerId = detail.toString()
    redialer.lost(peerId)
    if (online.delete(peerId)) emit({ kind: 'disconnected', peerId })
  })

  const drop = (peerId: PeerId, reason: Error): void => {
    for (const connection of node.getConnections(peerId)) connection.abort(reason)
  }

  const port: Omit<Transport, 'allow'> = {
    peerId: node.peerId.toString(),
    addresses: () => node.getMultiaddrs().map(String),
    handle: (protocol, handler) =>
      node.handle(
        protocol,
        (stream, connection) => {
          const peerId = connection.remotePeer.toString()
          if (!isListed(peerId)) {
            stream.abort(notListed(connection))
            return
          }
          void serve(createLibp2pChannel(stream, peerId, limits), handler)
        },
        { maxInboundStreams: maxChannels, maxOutboundStreams: maxChannels },
      ),
    open: async (peerId, protocol, { signal } = {}) => {
      signal?.throwIfAborted()
      const peer = find(peerId)
      if (node.status !== 'started') {
        throw new TransportError('TRANSPORT_CLOSED', 'transport is closed')
      }
      if (peer === undefined) {
        throw new TransportError('PEER_NOT_LISTED', `peer ${peerId} is not listed`)
      }
      try {
        const connection = await connect(peer, { signal })
        const stream = await connection.newStream(protocol, {
          maxOutboundStreams: maxChannels,
          ...(signal === undefined ? {} : { signal }),
        })
        return createLibp2pChannel(stream, peerId, limits)
      } catch (error) {
        signal?.throwIfAborted()
        throw openFailure(error, peer.id, protocol)
      }
    },
    hangUp: async (peerId) => {
      drop(parsePeerId(peerId), new TransportError('CHANNEL_RESET', `hung up on ${peerId}`))
    },
    connected: () => [...online],
    on: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    [Symbol.asyncDispose]: async () => {
      redialer.stop()
      await node.stop()
    },
  }
  const listChanged = (peers: readonly DialablePeer[]): void => {
    for (const connection of node.getConnections()) {
      if (!isListed(connection.remotePeer.toString())) connection.abort(notListed(connection))
    }
    redialer.watch(
      peers.filter(({ addresses }) => addresses.length > 0).map(({ id }) => id.toString()),
    )
  }
  return { port, listChanged }
}

async function serve(
  channel: Channel,
  handler: (channel: Channel) => Promise<void>,
): Promise<void> {
  try {
    await handler(channel)
    await channel[Symbol.asyncDispose]()
  } catch (error) {
    channel.abort(error instanceof Error ? error : new Error(String(error)))
  }
}

function openFailure(error: unknown, peerId: PeerId, protocol: string): TransportError {
  if (error instanceof TransportError) return error
  const name = error instanceof Error ? error.name : ''
  if (name === 'UnsupportedProtocolError') {
    const message = `peer ${peerId} does not serve ${protocol}`
    return new TransportError('PROTOCOL_UNSUPPORTED', message, { cause: error })
  }
  if (name === 'TooManyOutboundProtocolStreamsError') {
    const message = `too many channels for ${protocol} with ${peerId}`
    return new TransportError('TOO_MANY_CHANNELS', message, { cause: error })
  }
  return unreachable(peerId, error instanceof Error ? error.message : 'the stream ended', error)
}

function unreachable(peerId: PeerId, why: string, cause?: unknown): TransportError {
  return new TransportError('PEER_UNREACHABLE', `peer ${peerId} is unreachable: ${why}`, { cause })
}

function notListed({ remotePeer }: Connection): TransportError {
  return new TransportError('PEER_NOT_LISTED', `peer ${remotePeer} is not listed`)
}
