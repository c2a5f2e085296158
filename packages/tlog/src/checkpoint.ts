import { formatBase64, parseBase64 } from './base64.ts'
import { quote } from './bytes.ts'
import { isCount, parseDecimal } from './decimal.ts'
import type { Ed25519Verify } from './ed25519.ts'
import type { Signer, VerifierKey } from './key.ts'
import { type Note, parseNote, signNote, verifyNote } from './note.ts'
import type { Tree } from './tree.ts'
import { VerificationError } from './verification-error.ts'

/** What a log states about itself. @see C2SP tlog-checkpoint */
export interface Checkpoint extends Tree {
  /** Identity of the log, a URL without scheme: `nation-a.example/release-log/1`. */
  readonly origin: string
}

/** A log that the verifier trusts to speak for itself. The name of the key may differ from the origin. */
export interface Log {
  readonly origin: string
  /** Ed25519 key of type 0x01. */
  readonly key: VerifierKey
}

/** A checkpoint whose log signature has been checked, and the note it came in. */
export interface OpenedCheckpoint {
  readonly checkpoint: Checkpoint
  readonly note: Note
}

/**
 * Reads origin, size and root, one line each. Extension lines are refused: cosignatures need not cover them.
 * @throws {VerificationError} `CHECKPOINT_MALFORMED`
 */
export function parseCheckpoint(text: string): Checkpoint {
  // Of a text of line feeds alone, five are enough to see that it is none.
  const [origin = '', size = '', root = '', end, ...extensions] = text.split('\n', 5)
  if (origin === '' || end !== '' || extensions.length > 0) throw malformed(text)
  const checkpoint = {
    origin,
    size: parseDecimal(size, 'CHECKPOINT_MALFORMED'),
    root: parseBase64(root, 'CHECKPOINT_MALFORMED'),
  }
  if (checkpoint.root.length !== 32) throw malformed(text)
  return checkpoint
}

/** Writes the text of a checkpoint, to be signed. @throws {VerificationError} `CHECKPOINT_MALFORMED` */
export function formatCheckpoint({ origin, size, root }: Checkpoint): string {
  if (origin === '' || origin.includes('\n') || !isCount(size) || root.length !== 32) {
    throw malformed(`${origin} ${size}`)
  }
  return `${origin}\n${size}\n${formatBase64(root)}\n`
}

/** The checkpoint as a note signed by its log. @throws {VerificationError} `CHECKPOINT_MALFORMED`, `KEY_TYPE` */
export function signCheckpoint(checkpoint: Checkpoint, signer: Signer): string {
  return signNote(formatCheckpoint(checkpoint), [signer])
}

/**
 * Opens a checkpoint of one log: its origin, its signature. Cosignatures are not looked at.
 * @throws {VerificationError} `NOTE_MALFORMED`, `NOTE_SIGNATURE_INVALID`, `NOTE_UNSIGNED`, `CHECKPOINT_MALFORMED`,
 * `CHECKPOINT_ORIGIN` (another log signed with this key), `KEY_TYPE`
 */
export function openCheckpoint(note: string, log: Log, verify?: Ed25519Verify): OpenedCheckpoint {
  const parsed = parseNote(note)
  verifyNote(parsed, [log.key], verify)
  const checkpoint = parseCheckpoint(parsed.text)
  if (checkpoint.origin !== log.origin) {
    throw new VerificationError(
      'CHECKPOINT_ORIGIN',
      `origin is ${quote(checkpoint.origin)}, not ${quote(log.origin)}`,
    )
  }
  return { checkpoint, note: parsed }
}

function malformed(text: string): VerificationError {
  return new VerificationError('CHECKPOINT_MALFORMED', `not a checkpoint: ${quote(text)}`)
}
