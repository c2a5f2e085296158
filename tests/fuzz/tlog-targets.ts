import { verifyEd25519 } from '@entente/node'
import {
  addCheckpoint,
  consistencyProof,
  cosign,
  createMemoryTree,
  formatAddCheckpoint,
  formatBase64,
  formatEntryBundle,
  formatNote,
  formatTilePath,
  formatTlogProof,
  formatVerifierKey,
  formatWitnessPolicy,
  inclusionProof,
  KEY_TYPE,
  leafHash,
  openCheckpoint,
  parseAddCheckpoint,
  parseBase64,
  parseCheckpoint,
  parseDecimal,
  parseEntryBundle,
  parseHex,
  parseNote,
  parseSignatureLines,
  parseTilePath,
  parseTlogProof,
  parseVerifierKey,
  parseWitnessPolicy,
  sha256,
  signCheckpoint,
  verifyCosignatures,
  verifyQuorum,
  verifyTlogProof,
} from '@entente/tlog'
import type { Random } from '../simulation/random.ts'
import { signerOf } from './keys.ts'
import { bytes, isOf, type Target, text } from './target.ts'

const origin = 'usa.entente.example/release-log/1'
const log = signerOf(origin)
const witnesses = ['gbr.example/witness', 'nor.example/witness'].map((name) =>
  signerOf(name, KEY_TYPE.cosignature),
)
const nowS = 1_790_000_000
const trusted = { witnesses: witnesses.map(({ key }) => key), quorum: witnesses.length }
const known = { origin, key: log.key }

const entries = Array.from({ length: 300 }, (_, i) => {
  const entry = new Uint8Array(33).fill(i % 251)
  entry[0] = 1
  return entry
})
function treeOf(size: number) {
  const tree = createMemoryTree()
  tree.append(entries.slice(0, size).map((entry) => leafHash(entry)))
  return tree
}
const signed = (size: number) => signCheckpoint({ origin, size, root: treeOf(size).root() }, log)
function cosigned(size: number): string {
  const { text, signatures } = parseNote(signed(size))
  const lines = witnesses.map((witness) => cosign(text, witness, nowS))
  return formatNote({ text, signatures: [...signatures, ...lines] })
}
const leaf = 5
const proofAt = (size: number) =>
  formatTlogProof({
    index: leaf,
    hashes: inclusionProof(leaf, size, treeOf(size).hashAt, sha256),
    checkpoint: cosigned(size),
  })
const submission = (oldSize: number, size: number) =>
  formatAddCheckpoint({
    oldSize,
    proof: oldSize === 0 ? [] : consistencyProof(oldSize, size, treeOf(size).hashAt, sha256),
    checkpoint: signed(size),
  })
const size = (random: Random) => random.between(leaf + 2, 40)
const refuses = isOf('VerificationError')
const of = (
  name: string,
  valid: (random: Random) => string,
  read: (text: string) => unknown,
): Target => ({
  name,
  valid: (random) => bytes(valid(random)),
  read: (input) => read(text(input)),
  refuses,
})

export const tlogTargets: readonly Target[] = [
  of('note', (random) => cosigned(size(random)), parseNote),
  of(
    'signature lines',
    (random) => cosigned(size(random)).split('\n\n')[1] ?? '',
    parseSignatureLines,
  ),
  of('checkpoint', (random) => parseNote(signed(size(random))).text, parseCheckpoint),
  {
    ...of(
      'signed checkpoint',
      (random) => signed(size(random)),
      (note) => openCheckpoint(note, known, verifyEd25519),
    ),
    signed: 'exact',
  },
  {
    ...of(
      'cosigned checkpoint',
      (random) => cosigned(size(random)),
      (note) => {
        const opened = openCheckpoint(note, known, verifyEd25519)
        verifyQuorum(opened.note, trusted, {}, verifyEd25519)
        return verifyCosignatures(opened.note, trusted.witnesses, verifyEd25519)
      },
    ),
    signed: 'exact',
  },
  of('tlog-proof', (random) => proofAt(size(random)), parseTlogProof),
  {
    ...of(
      'verified tlog-proof',
      (random) => proofAt(size(random)),
      (proof) =>
        verifyTlogProof(
          entries[leaf] ?? new Uint8Array(),
          proof,
          { log: known, witnesses: trusted },
          { verify: verifyEd25519 },
        ),
    ),
    signed: 'exact',
  },
  of(
    'add-checkpoint',
    (random) => submission(random.pick([0, 3]), size(random)),
    parseAddCheckpoint,
  ),
  of(
    'witness',
    (random) => submission(random.pick([0, 3]), size(random)),
    (body) => {
      const { status } = addCheckpoint(body, {
        findLog: () => ({
          key: log.key,
          stored: { size: 3, root: treeOf(3).root(), note: signed(3) },
        }),
        cosigner: witnesses[0] ?? log,
        timeS: nowS,
        primitives: { verify: verifyEd25519 },
      })
      return status
    },
  ),
  {
    name: 'entry bundle',
    valid: (random) => formatEntryBundle(entries.slice(0, random.pick([1, 7, 255, 256]))),
    read: (input) => [1, 7, 255, 256].map((width) => caught(() => parseEntryBundle(input, width))),
    refuses,
  },
  of(
    'tile path',
    (random) =>
      formatTilePath({
        level: random.pick([0, 1, 63, 'entries'] as const),
        index: random.below(1_300_000),
        width: random.between(1, 256),
      }),
    parseTilePath,
  ),
  of(
    'verifier key',
    (random) => formatVerifierKey(random.pick([log, ...witnesses]).key),
    parseVerifierKey,
  ),
  of(
    'witness policy',
    () =>
      formatWitnessPolicy({
        logs: [{ key: log.key, url: 'https://log.example/' }],
        witnesses: new Map(witnesses.map(({ key }, i) => [`w${i}`, { key }])),
        groups: new Map([['all-of-them', { threshold: 2, members: ['w0', 'w1'] }]]),
        quorum: 'all-of-them',
      }),
    parseWitnessPolicy,
  ),
  of(
    'base64',
    (random) => formatBase64(random.bytes(random.below(80))),
    (input) => parseBase64(input),
  ),
  of(
    'hex',
    (random) => Buffer.from(random.bytes(20)).toString('hex'),
    (input) => parseHex(input),
  ),
  of(
    'decimal',
    (random) => String(random.below(2 ** 48)),
    (input) => parseDecimal(input),
  ),
]

/** The value, or the error where it is one of ours: one input, read in several ways. */
function caught(work: () => unknown): unknown {
  try {
    return work()
  } catch (error) {
    if (refuses(error)) return error
    throw error
  }
}
