import { circuitRelayServer } from '@libp2p/circuit-relay-v2'
import { identify } from '@libp2p/identify'
import type {
  ConnectionEncrypter,
  ConnectionGater,
  Libp2p,
  MessageStream,
  StreamMuxerFactory,
} from '@libp2p/interface'
import { type NoiseComponents, noise } from '@libp2p/noise'
import { ping } from '@libp2p/ping'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { createLibp2p } from 'libp2p'
import { chargeStreams, type LineAccount, paceLine } from './libp2p-pace.ts'
import { keyOfSeed } from './libp2p-peer.ts'
import {
  circuits,
  type Listening,
  listening,
  noRelaying,
  RESERVATIONS,
  type Relaying,
  relayOnly,
} from './libp2p-relay.ts'

/**
 * Bytes a peer may send before we read them. Below libp2p's read buffer limit (4 MiB), because what
 * is in flight when a stream is paused ends there, and an overflow resets the stream.
 */
const WINDOW_BYTES = 1024 * 1024

/** Connections a second from one host; a site may have its nodes behind one address. */
const CONNECTIONS_PER_SECOND = 50

/** A busy peer answers late; it is not gone. */
const PING_TIMEOUT_MS = 15_000

export interface NodeInit {
  /** Ed25519 private key, 32 bytes. */
  readonly seed: Uint8Array
  /** Multiaddrs. */
  readonly listen: readonly string[]
  readonly isListed: (peerId: string) => boolean
  readonly relaying?: Relaying
  /** Of the time that a peer may take with what it sends; null: it may take what it likes. */
  readonly accountOf?: (peerId: string) => LineAccount | null
}

interface Services extends Record<string, unknown> {
  readonly listening: Listening
}

/** A libp2p node of a closed network: TCP, Noise, Yamux, identify and ping, and nothing that discovers. */
export async function createClosedNode({
  seed,
  listen,
  isListed,
  relaying = noRelaying,
  accountOf = () => null,
}: NodeInit): Promise<Libp2p<Services>> {
  const { serves } = relaying
  const accounts = new WeakMap<MessageStream, LineAccount>()
  return createLibp2p({
    privateKey: await keyOfSeed(seed),
    nodeInfo: { name: 'entente', version: '1', userAgent: 'entente' },
    addresses: { listen: [...listen] },
    transports: [tcp(), circuits(relaying)],
    connectionEncrypters: [noiseAlone(accountOf, accounts)],
    streamMuxers: [chargingYamux(accounts)],
    services: {
      identify: identify(),
      ping: ping(),
      listening: listening,
      ...(serves.length > 0 && { relay: circuitRelayServer({ reservations: RESERVATIONS }) }),
    },
    connectionGater: { ...allowOnly(isListed), ...relayOnly(relaying, isListed) },
    connectionManager: { inboundConnectionThreshold: CONNECTIONS_PER_SECOND, resolvers: {} },
    connectionMonitor: { pingTimeout: { minTimeout: PING_TIMEOUT_MS } },
  })
}

/** The default gater allows everybody. Who the other side is, is known only once Noise is done. */
function allowOnly(isListed: (peerId: string) => boolean): ConnectionGater {
  return {
    denyDialPeer: (peerId) => !isListed(peerId.toString()),
    denyOutboundConnection: (peerId) => !isListed(peerId.toString()),
    denyInboundEncryptedConnection: (peerId) => !isListed(peerId.toString()),
    denyOutboundEncryptedConnection: (peerId) => !isListed(peerId.toString()),
    denyInboundUpgradedConnection: (peerId) => !isListed(peerId.toString()),
    denyOutboundUpgradedConnection: (peerId) => !isListed(peerId.toString()),
  }
}

/**
 * Noise without early muxer negotiation. With it, a dial to a peer that refuses us would succeed and
 * break a moment later; without it the dial fails. Who a peer is, is known from here on: so its line is paced from here on.
 */
const noiseAlone =
  (
    accountOf: (peerId: string) => LineAccount | null,
    accounts: WeakMap<MessageStream, LineAccount>,
  ) =>
  (components: NoiseComponents): ConnectionEncrypter => {
    const encrypter = noise()(components)
    const paced = async (
      line: MessageStream,
      securing: ReturnType<ConnectionEncrypter['secureInbound']>,
    ) => {
      const secured = await securing
      const account = accountOf(secured.remotePeer.toString())
      if (account !== null) {
        paceLine(line, account)
        accounts.set(secured.connection, account)
      }
      return secured
    }
    return {
      protocol: encrypter.protocol,
      secureInbound: (line, options) =>
        paced(
          line,
          encrypter.secureInbound(line, { ...options, skipStreamMuxerNegotiation: true }),
        ),
      secureOutbound: (line, options) =>
        paced(
          line,
          encrypter.secureOutbound(line, { ...options, skipStreamMuxerNegotiation: true }),
        ),
    }
  }

/** Yamux in which a peer pays for each stream that it opens, over the connections that have an account. */
const chargingYamux = (accounts: WeakMap<MessageStream, LineAccount>) => (): StreamMuxerFactory => {
  const factory = yamux({ streamOptions: { maxStreamWindowSize: WINDOW_BYTES } })()
  return {
    ...factory,
    createStreamMuxer: (line) => {
      const muxer = factory.createStreamMuxer(line)
      const account = accounts.get(line)
      if (account !== undefined) chargeStreams(muxer, account, line)
      return muxer
    },
  }
}
