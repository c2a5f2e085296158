import type { Channel, ListedPeer, PeerEvent, Transport } from '../ports/transport.ts'
import { MAX_FRAME_BYTES, TransportError } from '../ports/transport.ts'
import { runHandler } from './channel-handler.ts'
import { peerIdOfSeed } from './libp2p-peer.ts'
import {
  createMemoryChannelPair,
  type MemoryChannelLimits,
  type MemoryChannelPair,
} from './memory-channel.ts'

/** A network inside one process, with the same rules as the real one and no clock. */
export interface MemoryNetwork {
  /**
   * Adds a node. A node that was disposed may be added again.
   * @param seed Ed25519 private key, 32 bytes; gives the same peer id as on the real network
   */
  readonly transport: (
    seed: Uint8Array,
    peers: readonly ListedPeer[],
    limits?: Partial<MemoryChannelLimits>,
  ) => Promise<Transport>
  /** Cuts two peers apart: channels are reset, and they cannot connect until healed. */
  readonly partition: (peerId: string, otherId: string) => void
  readonly heal: (peerId: string, otherId: string) => void
}

interface Member {
  readonly peerId: string
  readonly limits: MemoryChannelLimits
  readonly handlers: Map<string, (channel: Channel) => Promise<void>>
  readonly listeners: Set<(event: PeerEvent) => void>
  readonly online: Set<string>
  listed: ReadonlySet<string>
}

interface Link {
  readonly members: readonly [Member, Member]
  readonly channels: Set<MemoryChannelPair>
}

export function createMemoryNetwork(): MemoryNetwork {
  const members = new Map<string, Member>()
  const links = new Map<string, Link>()
  const cuts = new Set<string>()

  const mayConnect = (a: Member, b: Member): boolean =>
    members.get(a.peerId) === a &&
    members.get(b.peerId) === b &&
    a.listed.has(b.peerId) &&
    b.listed.has(a.peerId) &&
    !cuts.has(pairKey(a.peerId, b.peerId))

  const unlink = (key: string, link: Link, why: string): void => {
    links.delete(key)
    const reason = new TransportError('CHANNEL_RESET', why)
    for (const channel of link.channels) channel.abort(reason)
    const [a, b] = link.members
    report(a, { kind: 'disconnected', peerId: b.peerId })
    report(b, { kind: 'disconnected', peerId: a.peerId })
  }

  /** Makes the connections agree with the lists. */
  const settle = (): void => {
    for (const [key, link] of [...links]) {
      if (!mayConnect(...link.members)) unlink(key, link, 'connection was closed')
    }
    for (const a of members.values()) {
      for (const b of members.values()) {
        const key = pairKey(a.peerId, b.peerId)
        if (a.peerId >= b.peerId || links.has(key) || !mayConnect(a, b)) continue
        links.set(key, { members: [a, b], channels: new Set() })
        report(a, { kind: 'connected', peerId: b.peerId })
        report(b, { kind: 'connected', peerId: a.peerId })
      }
    }
  }

  const open = async (self: Member, peerId: string, protocol: string): Promise<Channel> => {
    if (members.get(self.peerId) !== self) {
      throw new TransportError('TRANSPORT_CLOSED', 'transport is closed')
    }
    if (!self.listed.has(peerId)) {
      throw new TransportError('PEER_NOT_LISTED', `peer ${peerId} is not listed`)
    }
    const link = links.get(pairKey(self.peerId, peerId))
    const peer = members.get(peerId)
    if (link === undefined || peer === undefined) {
      throw new TransportError('PEER_UNREACHABLE', `peer ${peerId} is unreachable`)
    }
    const handler = peer.handlers.get(protocol)
    if (handler === undefined) {
      const message = `peer ${peerId} does not serve ${protocol}`
      throw new TransportError('PROTOCOL_UNSUPPORTED', message)
    }
    const pair = createMemoryChannelPair(self, peer)
    link.channels.add(pair)
    queueMicrotask(() => {
      void runHandler(pair.far, handler).then(() => link.channels.delete(pair))
    })
    return pair.near
  }

  const join = (self: Member): Transport => ({
    peerId: self.peerId,
    addresses: () => [`/memory/${self.peerId}/p2p/${self.peerId}`],
    handle: async (protocol, handler) => {
      self.handlers.set(protocol, handler)
    },
    open: async (peerId, protocol, { signal } = {}) => {
      signal?.throwIfAborted()
      return open(self, peerId, protocol)
    },
    allow: async (peers) => {
      self.listed = idsOf(peers)
      settle()
    },
    hangUp: async (peerId) => {
      const key = pairKey(self.peerId, peerId)
      const link = links.get(key)
      if (link === undefined) return
      unlink(key, link, `hung up on ${peerId}`)
      queueMicrotask(settle)
    },
    serves: async (peerId) =>
      links.has(pairKey(self.peerId, peerId))
        ? [...(members.get(peerId)?.handlers.keys() ?? [])]
        : [],
    connected: () => [...self.online],
    on: (listener) => {
      self.listeners.add(listener)
      return () => self.listeners.delete(listener)
    },
    [Symbol.asyncDispose]: async () => {
      if (members.get(self.peerId) === self) members.delete(self.peerId)
      settle()
    },
  })

  return {
    transport: async (seed, peers, limits = {}) => {
      const peerId = await peerIdOfSeed(seed)
      const member: Member = {
        peerId,
        limits: { maxFrameBytes: MAX_FRAME_BYTES, highWaterBytes: 1024 * 1024, ...limits },
        handlers: new Map(),
        listeners: new Set(),
        online: new Set(),
        listed: idsOf(peers),
      }
      members.set(peerId, member)
      settle()
      return join(member)
    },
    partition: (peerId, otherId) => {
      cuts.add(pairKey(peerId, otherId))
      settle()
    },
    heal: (peerId, otherId) => {
      cuts.delete(pairKey(peerId, otherId))
      settle()
    },
  }
}

/** Listeners are called later, in order, as from a real network. */
function report(member: Member, event: PeerEvent): void {
  if (event.kind === 'connected') member.online.add(event.peerId)
  else member.online.delete(event.peerId)
  queueMicrotask(() => {
    for (const listener of [...member.listeners]) listener(event)
  })
}

function idsOf(peers: readonly ListedPeer[]): ReadonlySet<string> {
  return new Set(peers.map(({ peerId }) => peerId))
}

function pairKey(peerId: string, otherId: string): string {
  return [peerId, otherId].sort().join(' ')
}
