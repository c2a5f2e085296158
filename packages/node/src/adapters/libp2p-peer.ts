import { generateKeyPairFromSeed, publicKeyFromRaw } from '@libp2p/crypto/keys'
import type { PeerId, PrivateKey } from '@libp2p/interface'
import { peerIdFromPrivateKey, peerIdFromPublicKey, peerIdFromString } from '@libp2p/peer-id'
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import type { ListedPeer } from '../ports/transport.ts'
import { TransportError } from '../ports/transport.ts'

/**
 * Peer id of a node.
 * @param publicKey Ed25519 public key, 32 bytes
 */
export function peerIdOf(publicKey: Uint8Array): string {
  return peerIdFromPublicKey(publicKeyFromRaw(publicKey)).toString()
}

/**
 * Ed25519 public key, 32 bytes, that a peer id is.
 * @throws {TransportError} `PEER_ID_INVALID`
 */
export function publicKeyOfPeer(peerId: string): Uint8Array {
  const { publicKey } = parsePeerId(peerId)
  if (publicKey?.type === 'Ed25519') return publicKey.raw
  throw new TransportError('PEER_ID_INVALID', `not the peer id of an Ed25519 key: ${peerId}`)
}

/**
 * Peer id of the node that holds a private key.
 * @param seed Ed25519 private key, 32 bytes (RFC 8032, section 5.1.5)
 */
export async function peerIdOfSeed(seed: Uint8Array): Promise<string> {
  return peerIdFromPrivateKey(await keyOfSeed(seed)).toString()
}

/** @param seed Ed25519 private key, 32 bytes */
export function keyOfSeed(seed: Uint8Array): Promise<PrivateKey> {
  return generateKeyPairFromSeed('Ed25519', seed)
}

/** A listed peer in libp2p's types. Every address names the peer, so that only it can answer there. */
export interface DialablePeer {
  readonly id: PeerId
  readonly addresses: readonly Multiaddr[]
}

/** @throws {TransportError} `PEER_ID_INVALID`, `ADDRESS_INVALID` */
export function parsePeer(peer: ListedPeer): DialablePeer {
  const id = parsePeerId(peer.peerId)
  return { id, addresses: peer.addresses.map((address) => parseAddress(address, peer.peerId)) }
}

/** @throws {TransportError} `PEER_ID_INVALID` */
export function parsePeerId(text: string): PeerId {
  try {
    return peerIdFromString(text)
  } catch (error) {
    throw new TransportError('PEER_ID_INVALID', `not a peer id: ${text}`, { cause: error })
  }
}

function parseAddress(text: string, peerId: string): Multiaddr {
  try {
    const address = multiaddr(text)
    // The peer before it is the relay.
    if (address.getComponents().at(-1)?.name === 'p2p-circuit')
      return address.encapsulate(`/p2p/${peerId}`)
    const named = address.getComponents().findLast(({ name }) => name === 'p2p')?.value
    if (named === undefined) return address.encapsulate(`/p2p/${peerId}`)
    if (named === peerId) return address
  } catch (error) {
    throw new TransportError('ADDRESS_INVALID', `not a multiaddr: ${text}`, { cause: error })
  }
  throw new TransportError('ADDRESS_INVALID', `address ${text} names another peer than ${peerId}`)
}
