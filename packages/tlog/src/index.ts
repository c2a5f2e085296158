export {
  type AddCheckpoint,
  formatAddCheckpoint,
  MAX_SUBMITTED_SIGNATURES,
  type ParsedAddCheckpoint,
  parseAddCheckpoint,
} from './add-checkpoint.ts'
export { formatBase64, parseBase64 } from './base64.ts'
export { concatBytes, equalBytes, formatHex, formatUtf8, parseHex, parseUtf8 } from './bytes.ts'
export {
  type Checkpoint,
  formatCheckpoint,
  type Log,
  type OpenedCheckpoint,
  openCheckpoint,
  parseCheckpoint,
  signCheckpoint,
} from './checkpoint.ts'
export { verifyConsistency } from './consistency.ts'
export {
  addCosignatures,
  type Cosignature,
  cosign,
  newestCosignatures,
  verifyCosignatures,
} from './cosignature.ts'
export { parseDecimal } from './decimal.ts'
export { type Ed25519Verify, verifyEd25519 } from './ed25519.ts'
export { formatEntryBundle, MAX_ENTRY_BYTES, parseEntryBundle } from './entry-bundle.ts'
export { EMPTY_ROOT, leafHash, nodeHash, type Sha256, sha256 } from './hash.ts'
export { MAX_PROOF_HASHES, verifyInclusion } from './inclusion.ts'
export {
  createVerifierKey,
  formatVerifierKey,
  KEY_TYPE,
  type KeyType,
  parseVerifierKey,
  type Signer,
  type VerifierKey,
} from './key.ts'
export { createMemoryTree, type MemoryTree } from './memory-tree.ts'
export {
  formatNote,
  formatSignatureLine,
  lineId,
  MAX_NOTE_BYTES,
  MAX_NOTE_SIGNATURES,
  type Note,
  type NoteSignature,
  parseNote,
  parseSignatureLines,
  signNote,
  verifyNote,
} from './note.ts'
export type { Primitives } from './primitives.ts'
export { countQuorum, type QuorumOptions, verifyQuorum, type WitnessSet } from './quorum.ts'
export {
  formatTilePath,
  parseTilePath,
  TILE_WIDTH,
  type Tile,
  tileHashes,
  tilesOf,
} from './tile.ts'
export {
  formatTlogProof,
  type ProofTrust,
  parseTlogProof,
  type TlogProof,
  type VerifiedProof,
  verifyTlogProof,
} from './tlog-proof.ts'
export {
  appendLeaves,
  consistencyProof,
  type HashAt,
  inclusionProof,
  type Tree,
  type TreeNode,
  treeRoot,
} from './tree.ts'
export { type VerificationCode, VerificationError } from './verification-error.ts'
export {
  addCheckpoint,
  type WitnessAnswer,
  type WitnessContext,
  type WitnessedCheckpoint,
  type WitnessedLog,
} from './witness.ts'
export {
  formatWitnessPolicy,
  meetsQuorum,
  type PolicyGroup,
  type PolicyKey,
  parseWitnessPolicy,
  type WitnessPolicy,
} from './witness-policy.ts'
