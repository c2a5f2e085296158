import {
  type CircuitRelayTransportComponents,
  circuitRelayTransport,
  type ServerReservationStoreInit,
} from '@libp2p/circuit-relay-v2'
import { type ConnectionGater, type Transport, transportSymbol } from '@libp2p/interface'
import type { TransportManager } from '@libp2p/interface-internal'
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'

/**
 * Circuit relay v2: a node without an address of its own is reached through a listed one. What it carries is Noise between the two
 * ends, and nothing that a relay could read.
 */
export interface Relaying {
  /** Peers that this node carries for. */
  readonly serves: readonly string[]
  /** The peer that this node is reached through, or null. */
  readonly through: string | null
}
export const noRelaying: Relaying = { serves: [], through: null }

/** National nodes stay connected for weeks and catch up by the gigabyte: no time or data limit, but few places. */
export const RESERVATIONS: ServerReservationStoreInit = {
  applyDefaultLimit: false,
  maxReservations: 64,
}

/** A place only for whom we carry for, and only between listed peers; we are reached through our own relay alone. */
export function relayOnly(
  { serves, through }: Relaying,
  isListed: (peerId: string) => boolean,
): ConnectionGater {
  const carries = (peerId: string) => serves.includes(peerId) && isListed(peerId)
  return {
    denyInboundRelayReservation: (source) => !carries(source.toString()),
    denyOutboundRelayedConnection: (source, destination) =>
      !isListed(source.toString()) || !carries(destination.toString()),
    denyInboundRelayedConnection: (relay, remote) =>
      relay.toString() !== through || !isListed(remote.toString()),
  }
}

/**
 * Dials whoever is reached through another, who may be listed at any time, and listens at our own relay alone: libp2p would take a place
 * at whoever passes a call on, before the gater is asked.
 */
export const circuits =
  ({ through }: Relaying) =>
  (components: CircuitRelayTransportComponents): Transport => {
    const circuit = circuitRelayTransport()(components)
    const filter = circuit.listenFilter.bind(circuit)
    const listenFilter = (addresses: Multiaddr[]) =>
      filter(addresses.filter((address) => relayOf(address) === through))
    if (through !== null) return Object.assign(circuit, { listenFilter })
    // What has no `start` serves no protocol and seeks no relay.
    return {
      [transportSymbol]: true,
      [Symbol.toStringTag]: circuit[Symbol.toStringTag],
      dial: (address, options) => circuit.dial(address, options),
      dialFilter: (addresses) => circuit.dialFilter(addresses),
      createListener: (options) => circuit.createListener(options),
      listenFilter,
    }
  }

const relayOf = (address: Multiaddr): string | undefined =>
  address.getComponents().find(({ name }) => name === 'p2p')?.value

/** Listens on one more address while the node runs. */
export interface Listening {
  readonly on: (address: Multiaddr) => Promise<void>
}
export const listening = ({
  transportManager,
}: {
  readonly transportManager: TransportManager
}): Listening => ({ on: (address) => transportManager.listen([address]) })

/** Address of whoever is reached through the peer at this one. */
export const circuitOf = (relay: Multiaddr): Multiaddr => multiaddr(`${relay}/p2p-circuit`)

export const isCircuit = (address: string): boolean => /\/p2p-circuit(\/|$)/.test(address)
