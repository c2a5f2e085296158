import { fromBase64url, toBase64url } from './bytes.ts'
import { canonicalJson } from './canonical-json.ts'
import type { NodeCertificate } from './certificate.ts'
import { digestOf } from './hash.ts'
import { openJws, type Sign, signJws, type Verify } from './jws.ts'

/** What an old key and a new one sign of each other: the certificate in which the one takes the other's place. */
export const successionType = 'entente-key-succession'

type Keys = Pick<NodeCertificate, 'key' | 'peerId'>

/** Keys that sign a succession, base64url: old and new of each that changes, sorted. Empty: the same keys go on. */
export function successionKeys(before: Keys, after: Keys): readonly string[] {
  const changed = [
    ...(before.key === after.key ? [] : [before.key, after.key]),
    ...(before.peerId === after.peerId ? [] : [before.peerId, after.peerId].map(keyOfPeer)),
  ]
  return [...new Set(changed)].sort()
}

/**
 * Adds what the keys say of each other to a certificate that the root has not signed yet.
 * @param signers by key, base64url; where one is lost or stolen there is no succession, and the root's word alone counts
 */
export function withSuccession(
  before: NodeCertificate,
  { succession: _, ...certificate }: NodeCertificate,
  signers: ReadonlyMap<string, Sign>,
): NodeCertificate {
  const keys = successionKeys(before, certificate)
  const said = wordsOf(before, certificate)
  const succession = keys.flatMap((key) => {
    const sign = signers.get(key)
    return sign === undefined ? [] : [{ key, jws: signJws(successionType, said, sign) }]
  })
  const isWhole = keys.length > 0 && succession.length === keys.length
  return isWhole ? { ...certificate, succession } : certificate
}

/**
 * Checks the cross-signatures of a certificate, where it has them.
 * @returns what is wrong with them, or null
 */
export function successionFault(
  before: NodeCertificate | undefined,
  { succession, ...certificate }: NodeCertificate,
  verify: Verify,
): string | null {
  if (succession === undefined) return null
  if (before === undefined) return 'follows no certificate, and says that keys succeed each other'
  const keys = successionKeys(before, certificate)
  if (canonicalJson(succession.map(({ key }) => key)) !== canonicalJson(keys))
    return 'is not signed by the keys that it changes, and those it changes them to'
  const said = canonicalJson(wordsOf(before, certificate))
  const bad = succession.find(({ key, jws }) => !signs(key, jws, said, verify))
  return bad === undefined ? null : `has a cross-signature of ${bad.key} that does not verify`
}

const wordsOf = (before: NodeCertificate, certificate: NodeCertificate) => ({
  certificate: digestOf(certificate),
  previous: before.serial,
})

function signs(key: string, jws: string, said: string, verify: Verify): boolean {
  try {
    const bytes = fromBase64url(key)
    return bytes !== null && canonicalJson(openJws(jws, successionType, bytes, verify)) === said
  } catch {
    return false
  }
}

const ALPHABET = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'
/** Multihash `identity` of 36 bytes: a protobuf of type Ed25519 (1) and the key of 32 bytes. */
const PREFIX = 0x0024_0801_1220n

/**
 * Ed25519 key that a peer id is, base64url; what is none becomes a text that no key has.
 * @see libp2p specification, peer-ids, section "Keys"; base58btc
 */
function keyOfPeer(peerId: string): string {
  let value = 0n
  for (const letter of peerId) {
    const digit = ALPHABET.indexOf(letter)
    if (digit < 0) return `no key: ${peerId}`
    value = value * 58n + BigInt(digit)
  }
  if (value >> 256n !== PREFIX) return `no key: ${peerId}`
  return toBase64url(
    Uint8Array.from({ length: 32 }, (_, i) => Number((value >> BigInt(8 * (31 - i))) & 255n)),
  )
}
