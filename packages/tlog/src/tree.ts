import { isCount } from './decimal.ts'
import { EMPTY_ROOT, nodeHash, type Sha256, sha256 } from './hash.ts'

/** What a checkpoint commits to: the number of leaves and the Merkle root over them, 32 bytes. */
export interface Tree {
  readonly size: number
  readonly root: Uint8Array
}

/**
 * Hash of a complete subtree: the leaves from `index · 2^level` up to `(index + 1) · 2^level`, exclusive.
 * Level 0 holds the leaf hashes. Asked only for subtrees that are full; throws if the store lacks one.
 */
export type HashAt = (level: number, index: number) => Uint8Array

/** A complete subtree, as kept in a store. It never changes once written. */
export interface TreeNode {
  readonly level: number
  readonly index: number
  readonly hash: Uint8Array
}

/**
 * The complete subtrees that appending leaves adds, leaves included, children before parents: O(1) hashes per leaf.
 * @param size leaves in the tree before
 * @param leaves leaf hashes, 32 bytes each
 * @param hashAt reads the tree before; asked for O(log n) nodes of its right edge
 */
export function appendLeaves(
  size: number,
  leaves: readonly Uint8Array[],
  hashAt: HashAt,
  hash: Sha256 = sha256,
): TreeNode[] {
  checkCount(size + leaves.length)
  const nodes: TreeNode[] = []
  const waiting: (Uint8Array | undefined)[] = []
  for (const [i, leaf] of leaves.entries()) {
    if (leaf.length !== 32) throw new RangeError(`leaf hash of ${leaf.length} bytes`)
    let node: TreeNode = { level: 0, index: size + i, hash: leaf }
    nodes.push(node)
    while (node.index % 2 === 1) {
      const left = waiting[node.level] ?? hashAt(node.level, node.index - 1)
      const parent = nodeHash(left, node.hash, hash)
      node = { level: node.level + 1, index: (node.index - 1) / 2, hash: parent }
      nodes.push(node)
    }
    waiting[node.level] = node.hash
  }
  return nodes
}

/** Merkle tree hash of the first `size` leaves. @see RFC 9162, section 2.1.1 */
export function treeRoot(size: number, hashAt: HashAt, hash: Sha256 = sha256): Uint8Array {
  checkCount(size)
  return size === 0 ? EMPTY_ROOT : rangeRoot(0, size, hashAt, hash)
}

/**
 * Sibling hashes from leaf `index` up to the root of the first `size` leaves; O(log n) reads and hashes.
 * @see RFC 9162, section 2.1.3.1
 */
export function inclusionProof(
  index: number,
  size: number,
  hashAt: HashAt,
  hash: Sha256 = sha256,
): Uint8Array[] {
  checkCount(size)
  if (!isCount(index) || index >= size) throw new RangeError(`leaf ${index} of ${size}`)
  const proof: Uint8Array[] = []
  for (let begin = 0, width = size; width > 1; ) {
    const left = splitPoint(width)
    if (index - begin < left) {
      proof.push(rangeRoot(begin + left, width - left, hashAt, hash))
      width = left
    } else {
      proof.push(rangeRoot(begin, left, hashAt, hash))
      begin += left
      width -= left
    }
  }
  return proof.reverse()
}

/**
 * Hashes that show the first `older` leaves to be a prefix of the first `newer`; empty if `older` is 0 or equal.
 * @see RFC 9162, section 2.1.4.1
 */
export function consistencyProof(
  older: number,
  newer: number,
  hashAt: HashAt,
  hash: Sha256 = sha256,
): Uint8Array[] {
  checkCount(newer)
  if (!isCount(older) || older > newer) throw new RangeError(`size ${older} of ${newer}`)
  if (older === 0) return []
  const proof: Uint8Array[] = []
  let begin = 0
  let width = newer
  while (older - begin < width) {
    const left = splitPoint(width)
    if (older - begin <= left) {
      proof.push(rangeRoot(begin + left, width - left, hashAt, hash))
      width = left
    } else {
      proof.push(rangeRoot(begin, left, hashAt, hash))
      begin += left
      width -= left
    }
  }
  // The verifier knows the older root, so a complete older tree is not repeated.
  if (begin > 0) proof.push(rangeRoot(begin, width, hashAt, hash))
  return proof.reverse()
}

/** Root of `width` leaves from `begin`, folded from its complete subtrees, right to left. */
function rangeRoot(begin: number, width: number, hashAt: HashAt, hash: Sha256): Uint8Array {
  const parts: Uint8Array[] = []
  for (let at = begin, rest = width; rest > 0; ) {
    const level = floorLog2(rest)
    parts.push(hashAt(level, at / 2 ** level))
    at += 2 ** level
    rest -= 2 ** level
  }
  return parts.reduceRight((right, left) => nodeHash(left, right, hash))
}

/** Largest power of two below `width`, which is at least 2. */
function splitPoint(width: number): number {
  return 2 ** floorLog2(width - 1)
}

// Math.log2 rounds up near 2^53, and bit operators stop at 2^32.
function floorLog2(value: number): number {
  const high = Math.floor(value / 2 ** 32)
  return high > 0 ? 63 - Math.clz32(high) : 31 - Math.clz32(value)
}

function checkCount(size: number): void {
  if (!isCount(size)) throw new RangeError(`tree size ${size}`)
}
