import { equalBytes } from './bytes.ts'
import { EMPTY_ROOT, nodeHash, type Sha256, sha256 } from './hash.ts'
import { checkHashes, checkTree, MAX_PROOF_HASHES } from './inclusion.ts'
import type { Tree } from './tree.ts'
import { VerificationError } from './verification-error.ts'

/**
 * Checks that the newer tree only added leaves to the older one. From size 0, and between equal sizes, the proof is
 * empty and the roots speak for themselves.
 * @param proof hashes from the bottom up, 32 bytes each
 * @throws {VerificationError} `TREE_SIZE`, `HASH_LENGTH`, `CONSISTENCY_SIZE` (older is larger), `CONSISTENCY_PROOF_LENGTH`, `CONSISTENCY_ROOT_MISMATCH`
 * @see RFC 9162, section 2.1.4.2
 */
export function verifyConsistency(
  older: Tree,
  newer: Tree,
  proof: readonly Uint8Array[],
  hash: Sha256 = sha256,
): void {
  checkTree(older)
  checkTree(newer)
  checkHashes(proof)
  if (older.size > newer.size) {
    throw new VerificationError('CONSISTENCY_SIZE', `size ${older.size} is above ${newer.size}`)
  }
  checkEmptyRoot(older)
  checkEmptyRoot(newer)
  if (older.size === 0 || older.size === newer.size) {
    if (proof.length > 0) throw wrongLength(proof)
    if (older.size > 0 && !equalBytes(older.root, newer.root)) throw mismatch(older, newer)
    return
  }
  walk(older, newer, proof, hash)
}

function walk(older: Tree, newer: Tree, proof: readonly Uint8Array[], hash: Sha256): void {
  if (proof.length === 0 || proof.length > MAX_PROOF_HASHES) throw wrongLength(proof)
  let first = older.size - 1
  let last = newer.size - 1
  while (first % 2 === 1) {
    first = Math.floor(first / 2)
    last = Math.floor(last / 2)
  }
  // A complete older tree (first is now 0) is its own starting point and is not in the proof.
  const [start = older.root, ...rest] = first === 0 ? [older.root, ...proof] : proof
  let oldRoot = start
  let newRoot = start
  for (const sibling of rest) {
    if (last === 0) throw wrongLength(proof)
    if (first % 2 === 1 || first === last) {
      oldRoot = nodeHash(sibling, oldRoot, hash)
      newRoot = nodeHash(sibling, newRoot, hash)
      while (first % 2 === 0 && first !== 0) {
        first /= 2
        last = Math.floor(last / 2)
      }
    } else {
      newRoot = nodeHash(newRoot, sibling, hash)
    }
    first = Math.floor(first / 2)
    last = Math.floor(last / 2)
  }
  if (last !== 0) throw wrongLength(proof)
  if (!equalBytes(oldRoot, older.root) || !equalBytes(newRoot, newer.root)) {
    throw mismatch(older, newer)
  }
}

function checkEmptyRoot(tree: Tree): void {
  if (tree.size === 0 && !equalBytes(tree.root, EMPTY_ROOT)) {
    throw new VerificationError('CONSISTENCY_ROOT_MISMATCH', 'size 0 without the empty root')
  }
}

function wrongLength(proof: readonly Uint8Array[]): VerificationError {
  return new VerificationError(
    'CONSISTENCY_PROOF_LENGTH',
    `consistency proof of ${proof.length} hashes does not fit the sizes`,
  )
}

function mismatch(older: Tree, newer: Tree): VerificationError {
  return new VerificationError(
    'CONSISTENCY_ROOT_MISMATCH',
    `size ${newer.size} does not extend size ${older.size}`,
  )
}
