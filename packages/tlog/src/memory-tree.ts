import { EMPTY_ROOT, type Sha256, sha256 } from './hash.ts'
import { appendLeaves, type HashAt, treeRoot } from './tree.ts'

/** A whole tree in memory, 64 bytes per leaf: for auditors who rebuild a log from its entries, and for tests. */
export interface MemoryTree {
  readonly size: () => number
  readonly root: () => Uint8Array
  readonly hashAt: HashAt
  /** @param leaves leaf hashes, 32 bytes each */
  readonly append: (leaves: readonly Uint8Array[]) => void
}

/** An empty tree. */
export function createMemoryTree(hash: Sha256 = sha256): MemoryTree {
  const levels: Uint8Array[] = []
  let size = 0

  const hashAt: HashAt = (level, index) => {
    if ((index + 1) * 2 ** level > size)
      throw new RangeError(`no node ${level}/${index} in ${size}`)
    return (levels[level] ?? EMPTY_ROOT).subarray(32 * index, 32 * index + 32)
  }

  return {
    size: () => size,
    root: () => treeRoot(size, hashAt, hash),
    hashAt,
    append: (leaves) => {
      for (const node of appendLeaves(size, leaves, hashAt, hash)) {
        const row = grown(levels[node.level] ?? new Uint8Array(0), 32 * node.index + 32)
        row.set(node.hash, 32 * node.index)
        levels[node.level] = row
      }
      size += leaves.length
    },
  }
}

function grown(row: Uint8Array, length: number): Uint8Array {
  if (row.length >= length) return row
  const wider = new Uint8Array(Math.max(length, 2 * row.length))
  wider.set(row)
  return wider
}
