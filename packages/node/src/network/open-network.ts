import type { Deps } from '../deps.ts'
import { controlProtocol, feedProtocol, isAcknowledgement } from '../feed/frames.ts'
import { gossipProtocol, MOST_GOSSIP_BYTES } from '../gossip/frames.ts'
import { jointProtocol, MOST_HAVE_BYTES } from '../joint/joint-frames.ts'
import { keysProtocol, MOST_KEYS_BYTES } from '../keys/frames.ts'
import { MOST_PAIRING_BYTES, pairingProtocol } from '../pairing/frames.ts'
import { membersOnly } from '../pairing/members-only.ts'
import { listedPeers } from '../pairing/pairing.ts'
import { pairingRows, revokedPartners } from '../pairing/pairing-store.ts'
import { isCut, type Revoked } from '../partners.ts'
import { MAX_FRAME_BYTES, type Transport } from '../ports/transport.ts'
import { recoverProtocol } from '../recover/serve-recover.ts'
import type { NodeConfig } from '../setup/index.ts'
import { witnessProtocol } from '../witness/witness.ts'
import { createAccounts } from './accounts.ts'
import { auditProtocol } from './audit-stream.ts'
import { FRAME_RATE, LINE_RATE, pacing } from './pace.ts'
import { negotiating } from './wire-versions.ts'

/** Without the version. */
const nameOf = (protocol: string): string => protocol.slice(0, protocol.lastIndexOf('/') + 1)
const witnessName = nameOf(witnessProtocol)

/**
 * The longest frame, in bytes, of a partner on streams that it opened to ask, acknowledge, or say which checkpoints it has seen; we answer at
 * length there. A frame is copied and parsed while everybody waits.
 */
export const MOST_ASKED_BYTES = 256 * 1024
const mostBytes = new Map(
  [auditProtocol, controlProtocol, feedProtocol, recoverProtocol, witnessProtocol].map(
    (protocol) => [nameOf(protocol), MOST_ASKED_BYTES],
  ),
)
  .set(nameOf(gossipProtocol), MOST_GOSSIP_BYTES)
  .set(nameOf(jointProtocol), MOST_HAVE_BYTES)
  .set(nameOf(keysProtocol), MOST_KEYS_BYTES)
  .set(nameOf(pairingProtocol), MOST_PAIRING_BYTES)
/** By the names that the wire has for it, one for each version. */
export const maxServedFrameBytes = (protocol: string): number =>
  mostBytes.get(nameOf(protocol)) ?? MAX_FRAME_BYTES

/** The network of a node, as two kinds of peers see it. */
export interface Network extends AsyncDisposable {
  /** Every listed peer, those that are being paired too: for the pairing alone. */
  readonly wire: Transport
  /** Members only, in the newest version of the wire that both speak: for everything else. */
  readonly transport: Transport
}

/**
 * Opens the network: partners, their further nodes, the nation's own other nodes, and who is being paired. Each is heard at its pace.
 * @param revoked who was cut off when the node was opened
 * @param seed network key of the node, 32 bytes
 * @param transport another one than libp2p
 */
export async function openNetwork({
  deps,
  config,
  revoked,
  seed,
  transport,
  wireVersions,
}: {
  readonly deps: Deps
  readonly config: NodeConfig
  readonly revoked: Revoked
  readonly seed: Uint8Array
  readonly transport?: (seed: Uint8Array) => Promise<Transport>
  readonly wireVersions?: readonly number[]
}): Promise<Network> {
  const { db } = deps
  const foreign = [...deps.partners.values(), ...deps.further]
  const listed = listedPeers(deps, pairingRows(db), revoked)
  const isOwn = (peerId: string) => deps.siblings.some((sibling) => sibling.peerId === peerId)
  const lines = createAccounts(LINE_RATE)
  const open =
    transport ??
    (async (privateKey) => {
      // Hundreds of files: who opens a node and not its network does without them.
      const { createLibp2pTransport } = await import('../adapters/libp2p-transport.ts')
      return createLibp2pTransport({
        privateKey,
        listen: config.listen,
        relay: deps.partners.get(config.relay ?? '')?.certificate.peerId ?? null,
        relayFor: foreign
          .filter(({ nation }) => config.relayFor?.includes(nation))
          .map(({ certificate }) => certificate.peerId),
        peers: listed,
        maxServedFrameBytes,
        accountOf: (peerId) =>
          isOwn(peerId)
            ? null
            : {
                charge: (ms) => lines.charge(peerId, ms),
                owesMs: () => lines.owesMs(peerId),
              },
      })
    })
  const wire = pacing(await open(seed), FRAME_RATE, {
    isFree: isOwn,
    isSmall: isAcknowledgement,
    // By the names that the wire has for it, one for each version.
    isApart: (protocol) => protocol.startsWith(witnessName),
  })
  const others = new Map(foreign.map((one) => [one.certificate.peerId, one.member]))
  const members = new Set([...others.keys(), ...deps.siblings.map(({ peerId }) => peerId)])
  /** Whoever is cut off is none from then on, though this node was opened with it. */
  const isMember = (peerId: string): boolean => {
    const member = others.get(peerId)
    return member === undefined ? members.has(peerId) : !isCut(member, revokedPartners(db))
  }
  // A transport that was made elsewhere knows members alone, and all of them.
  const peers = new Set(listed.map(({ peerId }) => peerId))
  const isUsual =
    listed.length === members.size && [...members].every((peerId) => peers.has(peerId))
  if (!isUsual) await wire.allow(listed)
  return {
    wire,
    transport: negotiating(membersOnly(wire, isMember), wireVersions),
    [Symbol.asyncDispose]: () => wire[Symbol.asyncDispose](),
  }
}
