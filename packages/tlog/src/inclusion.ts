import { equalBytes } from './bytes.ts'
import { isCount } from './decimal.ts'
import { nodeHash, type Sha256, sha256 } from './hash.ts'
import type { Tree } from './tree.ts'
import { VerificationError } from './verification-error.ts'

/** The most hashes that a proof may have. */
export const MAX_PROOF_HASHES = 63

/**
 * Checks that a leaf is in the tree that a checkpoint commits to.
 * @param leaf SHA-256 leaf hash, 32 bytes
 * @param index zero-based position of the leaf, below `tree.size`
 * @param proof sibling hashes from the leaf up to the root, 32 bytes each
 * @throws {VerificationError} `TREE_SIZE`, `HASH_LENGTH`, `INCLUSION_INDEX`, `INCLUSION_PROOF_LENGTH`, `INCLUSION_ROOT_MISMATCH`
 * @see RFC 9162, section 2.1.3.2
 */
export function verifyInclusion(
  leaf: Uint8Array,
  index: number,
  proof: readonly Uint8Array[],
  tree: Tree,
  hash: Sha256 = sha256,
): void {
  checkTree(tree)
  checkHashes([leaf, ...proof])
  if (!isCount(index) || index >= tree.size) {
    throw new VerificationError('INCLUSION_INDEX', `leaf ${index} is not below size ${tree.size}`)
  }
  if (proof.length > MAX_PROOF_HASHES) throw wrongLength(proof)

  let first = index
  let last = tree.size - 1
  let root = leaf
  for (const sibling of proof) {
    if (last === 0) throw wrongLength(proof)
    if (first % 2 === 1 || first === last) {
      root = nodeHash(sibling, root, hash)
      // The last node of a level may have no sibling: it moves up unchanged.
      while (first % 2 === 0 && first !== 0) {
        first /= 2
        last = Math.floor(last / 2)
      }
    } else {
      root = nodeHash(root, sibling, hash)
    }
    first = Math.floor(first / 2)
    last = Math.floor(last / 2)
  }
  if (last !== 0) throw wrongLength(proof)
  if (!equalBytes(root, tree.root)) {
    throw new VerificationError('INCLUSION_ROOT_MISMATCH', `leaf ${index} is not under this root`)
  }
}

/** @throws {VerificationError} `TREE_SIZE`, `HASH_LENGTH` */
export function checkTree(tree: Tree): void {
  if (!isCount(tree.size)) throw new VerificationError('TREE_SIZE', `tree size ${tree.size}`)
  checkHashes([tree.root])
}

/** @throws {VerificationError} `HASH_LENGTH` */
export function checkHashes(hashes: readonly Uint8Array[]): void {
  const odd = hashes.find((hash) => hash.length !== 32)
  if (odd) throw new VerificationError('HASH_LENGTH', `hash of ${odd.length} bytes`)
}

function wrongLength(proof: readonly Uint8Array[]): VerificationError {
  return new VerificationError(
    'INCLUSION_PROOF_LENGTH',
    `inclusion proof of ${proof.length} hashes does not fit index and size`,
  )
}
