import { describe, expect, test } from 'vitest'
import {
  formatTlogProof,
  inclusionProof,
  leafHash,
  nodeHash,
  parseTlogProof,
  signCheckpoint,
  verifyInclusion,
  verifyTlogProof,
} from '../src/index.ts'
import { codeOf } from './errors.ts'
import { cosignedBy, entries, log, origin, proof, timeS, tree, trust } from './sample.ts'

const nothing = new Uint8Array()
const entryAt = (index: number) => entries[index] ?? nothing
const claim = { size: 7, root: tree.root() }
const path = inclusionProof(4, 7, tree.hashAt)
const leaf = leafHash(entryAt(4))

test('an entry with its proof, the signature of the log and two witnesses is accepted', () => {
  const verified = verifyTlogProof(entryAt(4), proof, trust)
  expect(verified.index).toBe(4)
  expect(verified.checkpoint).toEqual({ origin, ...claim })
  expect(verified.cosignatures.map(({ timeS }) => timeS)).toEqual([timeS, timeS])
})

test('extra data of a proof is carried, but proves nothing', () => {
  const line = (text: string) => proof.replace('index', `extra ${text}\nindex`)
  expect(parseTlogProof(line('AAEC')).extra).toEqual(Uint8Array.of(0, 1, 2))
  expect(verifyTlogProof(entryAt(4), line('AAEC'), trust).index).toBe(4)
  expect(codeOf(() => verifyTlogProof(entryAt(4), line('AAE'), trust))).toBe('PROOF_MALFORMED')
})

describe('case 1: one bit flipped', () => {
  const flipped = (bytes: Uint8Array) => bytes.map((byte, i) => (i === 3 ? byte ^ 4 : byte))

  test('in the entry', () => {
    const code = codeOf(() => verifyTlogProof(flipped(entryAt(4)), proof, trust))
    expect(code).toBe('INCLUSION_ROOT_MISMATCH')
  })

  test.each([0, 1, 2])('in node row %i of the proof', (row) => {
    const damaged = path.map((hash, i) => (i === row ? flipped(hash) : hash))
    const code = codeOf(() => verifyInclusion(leaf, 4, damaged, claim))
    expect(code).toBe('INCLUSION_ROOT_MISMATCH')
  })
})

test.each<[what: string, index: number, hashes: Uint8Array[], size: number, code: string]>([
  ['another index', 5, path, 7, 'INCLUSION_ROOT_MISMATCH'],
  ['an index beyond the size', 7, path, 7, 'INCLUSION_INDEX'],
  ['a negative index', -1, path, 7, 'INCLUSION_INDEX'],
  ['a fractional index', 0.5, path, 7, 'INCLUSION_INDEX'],
  ['another size', 4, path, 5, 'INCLUSION_PROOF_LENGTH'],
  ['a size above 2^53 − 1', 4, path, 2 ** 53, 'TREE_SIZE'],
  ['a truncated proof', 4, path.slice(0, -1), 7, 'INCLUSION_PROOF_LENGTH'],
  ['a padded proof', 4, [...path, claim.root], 7, 'INCLUSION_PROOF_LENGTH'],
  ['64 hashes', 4, Array.from({ length: 64 }, () => leaf), 7, 'INCLUSION_PROOF_LENGTH'],
  ['swapped hashes', 4, path.toReversed(), 7, 'INCLUSION_ROOT_MISMATCH'],
  ['a hash of 31 bytes', 4, [leaf.slice(1), ...path.slice(1)], 7, 'HASH_LENGTH'],
  ['a hash of 33 bytes', 4, [new Uint8Array(33), ...path.slice(1)], 7, 'HASH_LENGTH'],
])('case 2: a proof with %s is refused', (_, index, hashes, size, code) => {
  expect(codeOf(() => verifyInclusion(leaf, index, hashes, { ...claim, size }))).toBe(code)
})

test('case 3: an inner node offered as an entry is refused', () => {
  const [left, right] = [tree.hashAt(0, 4), tree.hashAt(0, 5)]
  const above = path.slice(1)
  // The node does stand at that height: without prefixes its two children would pass for an entry.
  verifyInclusion(nodeHash(left, right), 2, above, { size: 4, root: claim.root })
  const forged = new Uint8Array([...left, ...right])
  const code = codeOf(() => verifyInclusion(leafHash(forged), 2, above, { ...claim, size: 4 }))
  expect(code).toBe('INCLUSION_ROOT_MISMATCH')
})

test('case 4: a valid proof under the checkpoint of another origin with the same key is refused', () => {
  const other = signCheckpoint({ origin: 'nation-a.example/release-log/2', ...claim }, log)
  const foreign = formatTlogProof({
    index: 4,
    hashes: path,
    checkpoint: cosignedBy(other, timeS),
  })
  expect(codeOf(() => verifyTlogProof(entryAt(4), foreign, trust))).toBe('CHECKPOINT_ORIGIN')
})
