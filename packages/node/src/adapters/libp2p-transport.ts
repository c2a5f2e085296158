import type { Connection, Libp2p } from '@libp2p/interface'
import type { AbortOptions, ListedPeer, PeerEvent, Transport } from '../ports/transport.ts'
import { MAX_FRAME_BYTES, TransportError } from '../ports/transport.ts'
import { runHandler } from './channel-handler.ts'
import { type ChannelLimits, createLibp2pChannel } from './libp2p-channel.ts'
import { notListed, openFailure, unreachable } from './libp2p-errors.ts'
import { createClosedNode } from './libp2p-node.ts'
import type { LineAccount } from './libp2p-pace.ts'
import { type DialablePeer, parsePeer, parsePeerId } from './libp2p-peer.ts'
import { createRedialer } from './libp2p-redial.ts'
import { circuitOf, isCircuit } from './libp2p-relay.ts'
import { listenError } from './listen-error.ts'

/** What a peer may send ahead on a stream that it opened: it asks there, and what it tells at length is told in long frames. */
const READ_AHEAD_BYTES = 64 * 1024

export interface Libp2pTransportOptions extends Partial<ChannelLimits> {
  /** Ed25519 private key (seed), 32 bytes. It is the identity of the node on the network. */
  readonly privateKey: Uint8Array
  /** Multiaddrs to listen on; `/ip4/127.0.0.1/tcp/0` takes any free port. */
  readonly listen: readonly string[]
  readonly peers: readonly ListedPeer[]
  /** Listed peers that this node carries for: they have no address of their own. */
  readonly relayFor?: readonly string[]
  /** The listed peer that this node is reached through. */
  readonly relay?: string | null
  /** Wait before an absent peer is tried again; it doubles from the first value to the second. */
  readonly redialMinMs?: number
  readonly redialMaxMs?: number
  /** Channels for each protocol, peer and direction. */
  readonly maxChannels?: number
  /** Largest frame that a peer with an account may send on a stream of this protocol which it opened, bytes; absent: as on all. */
  readonly maxServedFrameBytes?: (protocol: string) => number
  /** Of the time that a peer may take with what it sends; null: it may take what it likes. */
  readonly accountOf?: (peerId: string) => LineAccount | null
}

/**
 * Network over libp2p: TCP, Noise, Yamux; listed peers only.
 * @throws {TransportError} `PEER_ID_INVALID`, `ADDRESS_INVALID`; {NodeError} `ADDRESS_UNUSABLE`: it cannot listen where it should
 */
export async function createLibp2pTransport(options: Libp2pTransportOptions): Promise<Transport> {
  const { redialMinMs = 250, redialMaxMs = 5_000, maxChannels = 32 } = options
  const { accountOf = () => null } = options
  const limits = withDefaults(options)
  const firstPeers = options.peers.map(parsePeer)
  let listed: ReadonlyMap<string, DialablePeer> = new Map()
  const isListed = (peerId: string): boolean => listed.has(peerId)

  const node = await createClosedNode({
    seed: options.privateKey,
    listen: options.listen,
    isListed,
    accountOf,
    relaying: {
      serves: options.relayFor ?? [],
      through: options.relay ?? null,
    },
  }).catch((error: unknown) => {
    throw listenError(error)
  })
  const presence = watchPresence(node, isListed)

  const redialer = createRedialer({
    selfId: node.peerId.toString(),
    minDelayMs: redialMinMs,
    maxDelayMs: redialMaxMs,
    isConnected: (peerId) => openConnection(node, parsePeerId(peerId)) !== undefined,
    dial: async (peerId) => {
      const peer = listed.get(peerId)
      if (peer !== undefined) await connect(node, peer, {})
    },
  })
  node.addEventListener('peer:disconnect', ({ detail }) => redialer.lost(detail.toString()))

  const allow = (peers: readonly DialablePeer[]): void => {
    const others = peers.filter(({ id }) => !id.equals(node.peerId))
    listed = new Map(others.map((peer) => [peer.id.toString(), peer]))
    for (const connection of node.getConnections()) abortUnlisted(connection, isListed)
    redialer.watch(
      others.filter(({ addresses }) => addresses.length > 0).map(({ id }) => id.toString()),
    )
  }
  allow(firstPeers)
  if (options.relay != null) keepPlace(node, options.relay, () => listed)

  return {
    peerId: node.peerId.toString(),
    addresses: () => node.getMultiaddrs().map(String),
    handle: (protocol, handler) =>
      node.handle(
        protocol,
        (stream, { remotePeer }) => {
          const peerId = remotePeer.toString()
          if (isListed(peerId)) {
            const account = accountOf(peerId)
            const served =
              account === null
                ? limits
                : {
                    ...limits,
                    readAheadBytes: READ_AHEAD_BYTES,
                    maxReceivedFrameBytes:
                      options.maxServedFrameBytes?.(protocol) ?? limits.maxFrameBytes,
                  }
            void runHandler(createLibp2pChannel(stream, peerId, served), handler)
          } else {
            stream.abort(notListed(peerId))
          }
        },
        {
          maxInboundStreams: maxChannels,
          maxOutboundStreams: maxChannels,
          force: true,
          runOnLimitedConnection: true,
        },
      ),
    open: async (peerId, protocol, { signal } = {}) => {
      signal?.throwIfAborted()
      if (node.status !== 'started') {
        throw new TransportError('TRANSPORT_CLOSED', 'transport is closed')
      }
      const peer = listed.get(peerId)
      if (peer === undefined) throw notListed(peerId)
      try {
        const connection = await connect(node, peer, { signal })
        const stream = await connection.newStream(protocol, {
          maxOutboundStreams: maxChannels,
          runOnLimitedConnection: true,
          ...(signal === undefined ? {} : { signal }),
        })
        return createLibp2pChannel(stream, peerId, limits)
      } catch (error) {
        signal?.throwIfAborted()
        throw openFailure(error, peer.id, protocol)
      }
    },
    allow: async (peers) => allow(peers.map(parsePeer)),
    hangUp: async (peerId) => {
      const reason = new TransportError('CHANNEL_RESET', `hung up on ${peerId}`)
      for (const connection of node.getConnections(parsePeerId(peerId))) connection.abort(reason)
    },
    serves: async (peerId) => {
      const peer = listed.get(peerId)
      // What identify has told; a peer that was never met is not in the store.
      const known = peer === undefined ? null : await node.peerStore.get(peer.id).catch(() => null)
      return known?.protocols ?? []
    },
    connected: presence.connected,
    on: presence.on,
    [Symbol.asyncDispose]: async () => {
      redialer.stop()
      await node.stop()
    },
  }
}

/** Takes a place at the relay each time it is reached: with the connection the place goes. */
function keepPlace(
  node: Awaited<ReturnType<typeof createClosedNode>>,
  relay: string,
  listed: () => ReadonlyMap<string, DialablePeer>,
): void {
  let tried = 0
  const take = (): void => {
    const address = listed().get(relay)?.addresses[0]
    const isHere = node.getMultiaddrs().some((each) => isCircuit(each.toString()))
    if (address === undefined || isHere || node.status !== 'started') return
    node.services.listening
      .on(circuitOf(address))
      .then(() => {
        tried = 0
      })
      .catch(() => {
        // It may not carry for us yet: its roster or its settings come later.
        setTimeout(take, Math.min(60_000, 1_000 * 2 ** tried++)).unref()
      })
  }
  node.addEventListener('peer:connect', ({ detail }) => {
    if (detail.toString() === relay) take()
  })
}

/** Gives each listed peer one `connected` and one `disconnected` in turn, however many connections it has. */
function watchPresence(
  node: Libp2p,
  isListed: (peerId: string) => boolean,
): Pick<Transport, 'connected' | 'on'> {
  const online = new Set<string>()
  const listeners = new Set<(event: PeerEvent) => void>()
  const emit = (event: PeerEvent): void => {
    for (const listener of [...listeners]) listener(event)
  }
  // The list may have changed between the gate and here.
  node.addEventListener('connection:open', ({ detail }) => abortUnlisted(detail, isListed))
  node.addEventListener('peer:connect', ({ detail }) => {
    const peerId = detail.toString()
    if (!isListed(peerId) || online.has(peerId)) return
    online.add(peerId)
    emit({ kind: 'connected', peerId })
  })
  node.addEventListener('peer:disconnect', ({ detail }) => {
    const peerId = detail.toString()
    if (online.delete(peerId)) emit({ kind: 'disconnected', peerId })
  })
  return {
    connected: () => [...online],
    on: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

async function connect(
  node: Libp2p,
  peer: DialablePeer,
  { signal }: AbortOptions,
): Promise<Connection> {
  const existing = openConnection(node, peer.id)
  if (existing !== undefined) return existing
  // Without an address libp2p would dial what the peer once said of itself.
  if (peer.addresses.length === 0) throw unreachable(peer.id, 'it has no listed address')
  return node.dial([...peer.addresses], signal === undefined ? {} : { signal })
}

/** The newest: a peer that lost its power and returned leaves a dead connection behind for a while. */
function openConnection(node: Libp2p, peerId: DialablePeer['id']): Connection | undefined {
  return node.getConnections(peerId).findLast(({ status }) => status === 'open')
}

function abortUnlisted(connection: Connection, isListed: (peerId: string) => boolean): void {
  const peerId = connection.remotePeer.toString()
  if (!isListed(peerId)) connection.abort(notListed(peerId))
}

function withDefaults(options: Partial<ChannelLimits>): ChannelLimits {
  return {
    maxFrameBytes: options.maxFrameBytes ?? MAX_FRAME_BYTES,
    highWaterBytes: options.highWaterBytes ?? 1024 * 1024,
    closeTimeoutMs: options.closeTimeoutMs ?? 30_000,
  }
}
