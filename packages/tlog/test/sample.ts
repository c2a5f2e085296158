import { createHash, createPublicKey, verify as verifySignature } from 'node:crypto'
import {
  addCosignatures,
  cosign,
  createMemoryTree,
  formatNote,
  formatSignatureLine,
  formatTlogProof,
  formatUtf8,
  inclusionProof,
  leafHash,
  type Primitives,
  type ProofTrust,
  parseNote,
  signCheckpoint,
} from '../src/index.ts'
import { testSigner, testWitness } from './keys.ts'

export const origin = 'nation-a.example/release-log/1'
export const log = testSigner(origin)
export const witnesses = ['witness-b.example', 'witness-c.example'].map((name) => testWitness(name))
export const timeS = 1_800_000_000

/** Seven entries, as the log of nation A holds them. */
export const entries = ['zero', 'one', 'two', 'three', 'four', 'five', 'six'].map(formatUtf8)

export const tree = treeOf(entries.length)

export const checkpoint = signCheckpoint({ origin, size: entries.length, root: tree.root() }, log)

export const cosigned = cosignedBy(checkpoint, timeS)

export const proof = formatTlogProof({
  index: 4,
  hashes: inclusionProof(4, entries.length, tree.hashAt),
  checkpoint: cosigned,
})

/** What a partner of nation A trusts: both witnesses. */
export const trust: ProofTrust = {
  log: { origin, key: log.key },
  witnesses: { witnesses: witnesses.map(({ key }) => key), quorum: 2 },
}

/** The platform's own, so that thousands of refusals take seconds. */
export const platform: Required<Primitives> = {
  sha256: (data) => new Uint8Array(createHash('sha256').update(data).digest()),
  verify: (publicKey, message, signature) => {
    const x = Buffer.from(publicKey).toString('base64url')
    const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' })
    return verifySignature(null, message, key, signature)
  },
}

/** The tree over the first entries. */
export function treeOf(size: number) {
  const part = createMemoryTree()
  part.append(entries.slice(0, size).map((entry) => leafHash(entry)))
  return part
}

/** The note with cosignatures of these witnesses at that time. */
export function cosignedBy(note: string, atS: number, by = witnesses): string {
  const { text } = parseNote(note)
  const answer = by.map((witness) => formatSignatureLine(cosign(text, witness, atS))).join('')
  const keys = by.map(({ key }) => key)
  return formatNote(addCosignatures(parseNote(note), answer, keys))
}

/** The bytes with every byte changed in turn, and every proper part from the start or to the end. */
export function* damaged(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at++) {
    for (const flip of [0x01, 0x20, 0x80]) {
      const changed = bytes.slice()
      changed[at] = (bytes[at] ?? 0) ^ flip
      yield changed
    }
    yield bytes.slice(0, at)
    if (at > 0) yield bytes.slice(at)
  }
}
