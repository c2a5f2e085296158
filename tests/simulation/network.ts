import {
  type Channel,
  createMemoryChannelPair,
  runHandler,
  type Transport,
  TransportError,
} from '@entente/node/testing'
import { type Owner, owned, plan, virtualNowMs } from './virtual-world.ts'

/** One process that speaks for a nation. A nation that forks has two. */
export interface Place {
  readonly nation: string
  readonly peerId: string
  readonly owner: Owner
  /** Nations that this process can speak to, whatever the state of the lines. */
  readonly audience: (nation: string) => boolean
}
type Handler = (channel: Channel) => Promise<void>

/** A network whose delays come from chance, whose lines are cut and healed by the story, and whose time is virtual. */
export interface SimulatedNetwork {
  readonly join: (place: Place) => Promise<Transport>
  /** The process is gone: what it sent and has not arrived is lost. */
  readonly leave: (place: Place) => void
  /** Cuts and heals lines so that this is what can be spoken over. */
  readonly setLines: (up: (a: string, b: string) => boolean) => void
  /** Ends the connection of two nations; it comes back by itself. */
  readonly drop: (a: string, b: string) => void
  /** What these two send is lost, and nobody is told, until the line is dropped or cut. */
  readonly silence: (a: string, b: string) => void
  /** Whether these two have a line, be it silent. */
  readonly linked: (a: string, b: string) => boolean
  /** Audiences may have changed. */
  readonly settle: () => void
}

interface Member {
  readonly place: Place
  readonly handlers: Map<string, Handler>
  readonly listeners: Set<Parameters<Transport['on']>[0]>
}
interface Line {
  readonly ends: readonly [Member, Member]
  readonly channels: Set<(reason: Error) => void>
  silent: boolean
}

const limits = { maxFrameBytes: 8 * 1024 * 1024, highWaterBytes: 1024 * 1024 }
const reconnectMs = 300

export function createSimulatedNetwork(
  delayMs: (a: string, b: string) => number,
): SimulatedNetwork {
  const members = new Set<Member>()
  const lines = new Map<Member, Map<Member, Line>>()
  let up: (a: string, b: string) => boolean = () => true

  const lineOf = (a: Member, b: Member) => lines.get(a)?.get(b)
  const mayMeet = (a: Member, b: Member) =>
    members.has(a) &&
    members.has(b) &&
    a.place.nation !== b.place.nation &&
    up(a.place.nation, b.place.nation) &&
    a.place.audience(b.place.nation) &&
    b.place.audience(a.place.nation)
  const tell = (member: Member, kind: 'connected' | 'disconnected', peerId: string) =>
    owned(member.place.owner, () =>
      plan(0, () => {
        for (const listener of [...member.listeners]) listener({ kind, peerId })
      }),
    )
  const hangUp = (line: Line) => {
    const [a, b] = line.ends
    lines.get(a)?.delete(b)
    lines.get(b)?.delete(a)
    for (const abort of line.channels) abort(new TransportError('CHANNEL_RESET', 'line was cut'))
    tell(a, 'disconnected', b.place.peerId)
    tell(b, 'disconnected', a.place.peerId)
  }
  const settle = () => {
    const all = [...members]
    for (const [i, a] of all.entries())
      for (const b of all.slice(i + 1)) {
        const line = lineOf(a, b)
        if (line !== undefined && !mayMeet(a, b)) hangUp(line)
        if (line !== undefined || !mayMeet(a, b)) continue
        const made: Line = { ends: [a, b], channels: new Set(), silent: false }
        lines.get(a)?.set(b, made)
        lines.get(b)?.set(a, made)
        tell(a, 'connected', b.place.peerId)
        tell(b, 'connected', a.place.peerId)
      }
  }

  /** Frames arrive later, in order; the end of the channel after them. */
  const delayed = (channel: Channel, from: Member, to: Member, line: Line): Channel => {
    let dueMs = 0
    let arrived: Promise<void> = Promise.resolve()
    const later = (work: () => Promise<void>): Promise<void> => {
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      const nowMs = virtualNowMs()
      dueMs = Math.max(dueMs, nowMs + delayMs(from.place.nation, to.place.nation))
      plan(dueMs - nowMs, () => void work().then(resolve, reject))
      arrived = promise.catch(() => {})
      return promise
    }
    return {
      ...channel,
      send: (frame, options) => {
        const bytes = frame.slice()
        return later(async () => {
          if (!line.silent) await channel.send(bytes, options)
        })
      },
      close: () =>
        later(async () => {
          if (!line.silent) await channel.close()
        }),
      [Symbol.asyncDispose]: async () => {
        await arrived
        await channel[Symbol.asyncDispose]()
      },
    }
  }

  const open = async (self: Member, peerId: string, protocol: string): Promise<Channel> => {
    const reach = () =>
      [...(lines.get(self) ?? [])].find(([{ place }]) => place.peerId === peerId) ?? []
    const [asked] = reach()
    await new Promise<void>((resolve) => {
      plan(asked === undefined ? 1 : delayMs(self.place.nation, asked.place.nation), resolve)
    })
    if (!members.has(self)) throw new TransportError('TRANSPORT_CLOSED', 'transport is closed')
    const [peer, line] = reach()
    const handler = peer?.handlers.get(protocol)
    if (peer === undefined || line === undefined || handler === undefined)
      throw new TransportError('PEER_UNREACHABLE', `peer ${peerId} is unreachable`)
    const pair = createMemoryChannelPair(
      { peerId: self.place.peerId, limits },
      { peerId: peer.place.peerId, limits },
    )
    line.channels.add(pair.abort)
    const far = delayed(pair.far, peer, self, line)
    owned(peer.place.owner, () =>
      plan(0, () => {
        void runHandler(far, handler).then(() => line.channels.delete(pair.abort))
      }),
    )
    return delayed(pair.near, self, peer, line)
  }

  const linesBetween = (a: string, b: string): Line[] =>
    [...lines].flatMap(([member, others]) =>
      member.place.nation !== a
        ? []
        : [...others].flatMap(([other, line]) => (other.place.nation === b ? [line] : [])),
    )
  const leave = (member: Member) => {
    for (const line of [...(lines.get(member)?.values() ?? [])]) hangUp(line)
    members.delete(member)
  }
  const byPlace = new Map<Place, Member>()
  return {
    join: async (place) => {
      const member: Member = { place, handlers: new Map(), listeners: new Set() }
      byPlace.set(place, member)
      members.add(member)
      lines.set(member, new Map())
      plan(0, settle)
      return {
        peerId: place.peerId,
        addresses: () => [`/memory/${place.peerId}`],
        handle: async (protocol, handler) => {
          member.handlers.set(protocol, handler)
        },
        open: (peerId, protocol) => open(member, peerId, protocol),
        allow: async () => {},
        hangUp: async () => {},
        serves: async () => [],
        connected: () => [...(lines.get(member)?.keys() ?? [])].map(({ place }) => place.peerId),
        on: (listener) => {
          member.listeners.add(listener)
          return () => member.listeners.delete(listener)
        },
        [Symbol.asyncDispose]: async () => leave(member),
      }
    },
    leave: (place) => {
      const member = byPlace.get(place)
      if (member !== undefined) leave(member)
    },
    setLines: (next) => {
      up = next
      settle()
    },
    silence: (a, b) => {
      for (const line of linesBetween(a, b)) line.silent = true
    },
    drop: (a, b) => {
      for (const line of linesBetween(a, b)) hangUp(line)
      plan(reconnectMs, settle)
    },
    linked: (a, b) => linesBetween(a, b).length > 0,
    settle,
  }
}
