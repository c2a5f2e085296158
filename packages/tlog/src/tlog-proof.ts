import { formatBase64, parseBase64 } from './base64.ts'
import { quote } from './bytes.ts'
import { type Checkpoint, type Log, openCheckpoint } from './checkpoint.ts'
import type { Cosignature } from './cosignature.ts'
import { parseDecimal } from './decimal.ts'
import { leafHash } from './hash.ts'
import { MAX_PROOF_HASHES, verifyInclusion } from './inclusion.ts'
import { MAX_NOTE_BYTES } from './note.ts'
import type { Primitives } from './primitives.ts'
import { type QuorumOptions, verifyQuorum, type WitnessSet } from './quorum.ts'
import { VerificationError } from './verification-error.ts'

const header = 'c2sp.org/tlog-proof@v1'

/** Proof that an entry is in a log, to be checked without asking anybody. @see C2SP tlog-proof */
export interface TlogProof {
  /** Anything the sender wishes to add. Nobody signed it. */
  readonly extra?: Uint8Array
  /** Zero-based position of the entry. */
  readonly index: number
  /** Inclusion proof, the sibling of the leaf first. */
  readonly hashes: readonly Uint8Array[]
  /** The cosigned checkpoint, byte for byte. */
  readonly checkpoint: string
}

/** Whom the verifier of a proof trusts. */
export interface ProofTrust extends QuorumOptions {
  readonly log: Log
  readonly witnesses: WitnessSet
}

/** What a verified proof shows. */
export interface VerifiedProof {
  readonly index: number
  readonly checkpoint: Checkpoint
  /** The cosignatures that counted. */
  readonly cosignatures: readonly Cosignature[]
}

/** Writes a proof as text. */
export function formatTlogProof({ extra, index, hashes, checkpoint }: TlogProof): string {
  const lines = [
    header,
    ...(extra ? [`extra ${formatBase64(extra)}`] : []),
    `index ${index}`,
    ...hashes.map(formatBase64),
  ]
  return `${lines.join('\n')}\n\n${checkpoint}`
}

/**
 * Reads a proof without checking what it claims. At most 128 KiB of text and 63 hashes.
 * @throws {VerificationError} `PROOF_MALFORMED`
 */
export function parseTlogProof(text: string): TlogProof {
  const end = text.indexOf('\n\n')
  if (end < 0 || text.length > 2 * MAX_NOTE_BYTES) throw malformed(text)
  const [first, ...lines] = text.slice(0, end).split('\n')
  if (first !== header) throw malformed(text)
  const extra = lines[0]?.startsWith('extra ') ? lines.shift()?.slice(6) : undefined
  const index = lines.shift()
  if (!index?.startsWith('index ') || lines.length > MAX_PROOF_HASHES) throw malformed(text)
  const hashes = lines.map((line) => parseBase64(line, 'PROOF_MALFORMED'))
  if (hashes.some((hash) => hash.length !== 32)) throw malformed(text)
  return {
    ...(extra === undefined ? {} : { extra: parseBase64(extra, 'PROOF_MALFORMED') }),
    index: parseDecimal(index.slice(6), 'PROOF_MALFORMED'),
    hashes,
    checkpoint: text.slice(end + 2),
  }
}

/**
 * Checks that the entry stands in the log: the log's signature, a quorum of witnesses, the path to the root.
 * @throws {VerificationError} `PROOF_MALFORMED` and what {@link openCheckpoint}, {@link verifyQuorum} and {@link verifyInclusion} throw
 */
export function verifyTlogProof(
  entry: Uint8Array,
  proof: string,
  trust: ProofTrust,
  { sha256, verify }: Primitives = {},
): VerifiedProof {
  const { index, hashes, checkpoint: signed } = parseTlogProof(proof)
  const { checkpoint, note } = openCheckpoint(signed, trust.log, verify)
  const cosignatures = verifyQuorum(note, trust.witnesses, trust, verify)
  verifyInclusion(leafHash(entry, sha256), index, hashes, checkpoint, sha256)
  return { index, checkpoint, cosignatures }
}

function malformed(text: string): VerificationError {
  return new VerificationError('PROOF_MALFORMED', `not a tlog-proof: ${quote(text)}`)
}
