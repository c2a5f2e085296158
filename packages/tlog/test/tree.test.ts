import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  appendLeaves,
  consistencyProof,
  createMemoryTree,
  EMPTY_ROOT,
  type HashAt,
  inclusionProof,
  leafHash,
  nodeHash,
  tileHashes,
  tilesOf,
  treeRoot,
  verifyConsistency,
  verifyInclusion,
} from '../src/index.ts'
import { codeOf } from './errors.ts'
import { platform } from './sample.ts'

const { sha256 } = platform

const leavesOf = (size: number) =>
  Array.from({ length: size }, (_, i) => leafHash(Uint8Array.of(i >> 8, i & 255), sha256))

/** The definition of RFC 9162, section 2.1.1, word for word. */
function definedRoot(leaves: readonly Uint8Array[]): Uint8Array {
  const [only = EMPTY_ROOT] = leaves
  if (leaves.length < 2) return only
  let k = 1
  while (2 * k < leaves.length) k *= 2
  return nodeHash(definedRoot(leaves.slice(0, k)), definedRoot(leaves.slice(k)), sha256)
}

const treeOf = (leaves: readonly Uint8Array[]) => {
  const tree = createMemoryTree(sha256)
  tree.append(leaves)
  return tree
}

const size = fc.integer({ min: 1, max: 700 })
const share = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true })

test('leaves appended in any batches give the root by definition', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 90 }), { maxLength: 8 }), (batches) => {
      const leaves = leavesOf(batches.reduce((sum, batch) => sum + batch, 0))
      const tree = createMemoryTree(sha256)
      for (const batch of batches) {
        tree.append(leaves.slice(tree.size(), tree.size() + batch))
        expect(tree.root()).toEqual(definedRoot(leaves.slice(0, tree.size())))
      }
    }),
    { numRuns: 60 },
  )
})

test('every leaf of a tree has a proof, and no other leaf fits it', () => {
  fc.assert(
    fc.property(size, share, (leaves, at) => {
      const tree = treeOf(leavesOf(leaves))
      const index = Math.floor(at * leaves)
      const claim = { size: leaves, root: tree.root() }
      const proof = inclusionProof(index, leaves, tree.hashAt, sha256)
      verifyInclusion(tree.hashAt(0, index), index, proof, claim, sha256)
      const other = leafHash(Uint8Array.of(0xff), sha256)
      expect(codeOf(() => verifyInclusion(other, index, proof, claim, sha256))).toBe(
        'INCLUSION_ROOT_MISMATCH',
      )
    }),
  )
})

test('any two sizes of a tree have a proof, and no fork has', () => {
  fc.assert(
    fc.property(size, share, (newer, at) => {
      const older = Math.floor(at * (newer + 1))
      const leaves = leavesOf(newer)
      const tree = treeOf(leaves)
      const before = { size: older, root: treeRoot(older, tree.hashAt, sha256) }
      const after = { size: newer, root: tree.root() }
      const proof = consistencyProof(older, newer, tree.hashAt, sha256)
      verifyConsistency(before, after, proof, sha256)
      if (older === 0) return
      const forked = [leafHash(Uint8Array.of(0xff), sha256), ...leaves.slice(1)]
      const fork = { size: newer, root: treeOf(forked).root() }
      expect(codeOf(() => verifyConsistency(before, fork, proof, sha256))).toBe(
        'CONSISTENCY_ROOT_MISMATCH',
      )
    }),
  )
})

/** A tree of any size whose leaves are all alike: one hash per level. */
function uniformTree(): { hashAt: HashAt; reads: () => number } {
  const levels = [leafHash(Uint8Array.of(1), sha256)]
  let reads = 0
  for (let level = 1; level < 54; level++) {
    const below = levels[level - 1] ?? EMPTY_ROOT
    levels.push(nodeHash(below, below, sha256))
  }
  const hashAt: HashAt = (level) => {
    reads++
    return levels[level] ?? EMPTY_ROOT
  }
  return { hashAt, reads: () => reads }
}

test('works up to 2^53 − 1 leaves, with a number of reads that grows with the logarithm', () => {
  const large = fc.bigInt({ min: 2n ** 31n, max: 2n ** 53n - 1n }).map(Number)
  fc.assert(
    fc.property(large, share, (leaves, at) => {
      const { hashAt, reads } = uniformTree()
      const part = Math.floor(at * leaves) + 1
      const whole = { size: leaves, root: treeRoot(leaves, hashAt, sha256) }
      const inclusion = inclusionProof(part - 1, leaves, hashAt, sha256)
      verifyInclusion(hashAt(0, 0), part - 1, inclusion, whole, sha256)
      const before = { size: part, root: treeRoot(part, hashAt, sha256) }
      const consistency = consistencyProof(part, leaves, hashAt, sha256)
      verifyConsistency(before, whole, consistency, sha256)
      expect(reads()).toBeLessThan(7 * 53)
    }),
  )
  const most = Number.MAX_SAFE_INTEGER
  expect(() => appendLeaves(most, leavesOf(1), uniformTree().hashAt)).toThrow(RangeError)
})

test('appending one leaf creates one node for each subtree it completes', () => {
  const tree = treeOf(leavesOf(7))
  const nodes = appendLeaves(7, leavesOf(8).slice(7), tree.hashAt, sha256)
  expect(nodes.map(({ level, index }) => [level, index])).toEqual([
    [0, 7],
    [1, 3],
    [2, 1],
    [3, 0],
  ])
  expect(nodes.at(-1)?.hash).toEqual(definedRoot(leavesOf(8)))
})

test('tiles of a log hold the hashes of RFC 9162 ranges', () => {
  const leaves = leavesOf(700)
  const tree = treeOf(leaves)
  const tiles = [...tilesOf(700)].filter(({ level }) => level !== 'entries')
  expect(tiles).toEqual([
    { level: 0, index: 0, width: 256 },
    { level: 0, index: 1, width: 256 },
    { level: 0, index: 2, width: 188 },
    { level: 1, index: 0, width: 2 },
  ])
  const above = tileHashes({ level: 1, index: 0, width: 2 }, tree.hashAt)
  expect(above.subarray(32)).toEqual(definedRoot(leaves.slice(256, 512)))
  const below = tileHashes({ level: 0, index: 2, width: 188 }, tree.hashAt)
  expect(below.subarray(-32)).toEqual(leaves[699])
})

test('only tiles that are new since a size are listed', () => {
  fc.assert(
    fc.property(fc.nat(140_000), fc.nat(2_000), (since, more) => {
      const name = (tile: object) => JSON.stringify(tile)
      const before = new Set([...tilesOf(since)].map(name))
      const after = [...tilesOf(since + more)].map(name)
      expect([...tilesOf(since + more, since)].map(name)).toEqual(
        after.filter((tile) => !before.has(tile)),
      )
    }),
  )
})
