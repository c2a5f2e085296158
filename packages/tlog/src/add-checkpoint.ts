import { formatBase64, parseBase64 } from './base64.ts'
import { quote } from './bytes.ts'
import { type Checkpoint, parseCheckpoint } from './checkpoint.ts'
import { parseDecimal } from './decimal.ts'
import { MAX_PROOF_HASHES } from './inclusion.ts'
import { MAX_NOTE_BYTES, type Note, parseNote } from './note.ts'
import { VerificationError } from './verification-error.ts'

/** The most signature lines that a witness reads. */
export const MAX_SUBMITTED_SIGNATURES = 16

/** Body of `add-checkpoint`: what a log submits to a witness. @see C2SP tlog-witness */
export interface AddCheckpoint {
  /** Size that the log believes the witness to have stored; 0 if none. */
  readonly oldSize: number
  /** Consistency proof from `oldSize`. */
  readonly proof: readonly Uint8Array[]
  /** Signed checkpoint. */
  readonly checkpoint: string
}

/** A body as read by the witness. Nothing in it is verified. */
export interface ParsedAddCheckpoint {
  readonly oldSize: number
  readonly proof: readonly Uint8Array[]
  readonly note: Note
  readonly checkpoint: Checkpoint
}

/** Writes a body. */
export function formatAddCheckpoint({ oldSize, proof, checkpoint }: AddCheckpoint): string {
  return `old ${oldSize}\n${proof.map((hash) => `${formatBase64(hash)}\n`).join('')}\n${checkpoint}`
}

/**
 * Reads a body of at most 64 KiB with at most 63 hashes and 16 signatures.
 * @throws {VerificationError} `REQUEST_MALFORMED`, `NOTE_MALFORMED`, `CHECKPOINT_MALFORMED`
 */
export function parseAddCheckpoint(body: string): ParsedAddCheckpoint {
  const end = body.indexOf('\n\n')
  if (end < 0 || body.length > MAX_NOTE_BYTES || !body.startsWith('old ')) throw malformed(body)
  const [old = '', ...lines] = body.slice(4, end).split('\n')
  if (lines.length > MAX_PROOF_HASHES) throw malformed(body)
  const proof = lines.map((line) => parseBase64(line, 'REQUEST_MALFORMED'))
  const note = parseNote(body.slice(end + 2))
  const tooMany = note.signatures.length > MAX_SUBMITTED_SIGNATURES
  if (tooMany || proof.some((hash) => hash.length !== 32)) throw malformed(body)
  return {
    oldSize: parseDecimal(old, 'REQUEST_MALFORMED'),
    proof,
    note,
    checkpoint: parseCheckpoint(note.text),
  }
}

function malformed(body: string): VerificationError {
  return new VerificationError('REQUEST_MALFORMED', `not an add-checkpoint body: ${quote(body)}`)
}
