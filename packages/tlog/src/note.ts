import { formatBase64, parseBase64 } from './base64.ts'
import { concatBytes, equalBytes, formatHex, formatUtf8, parseHex, quote } from './bytes.ts'
import { type Ed25519Verify, verifyEd25519 } from './ed25519.ts'
import { checkKeyType, isKeyName, KEY_TYPE, type Signer, type VerifierKey } from './key.ts'
import { VerificationError } from './verification-error.ts'

/** The largest signed note that is read, in bytes. */
export const MAX_NOTE_BYTES = 65_536
/** The most signature lines that are read. The standard asks for at least 16. */
export const MAX_NOTE_SIGNATURES = 100

/** One signature line. What the bytes mean is decided by the type of the key they name. */
export interface NoteSignature {
  readonly name: string
  /** 8 lower-case hex digits. */
  readonly keyId: string
  readonly signature: Uint8Array
}

/** Text with signatures that nobody has checked yet. @see C2SP signed-note */
export interface Note {
  /** Ends in a line feed; this is what is signed. */
  readonly text: string
  readonly signatures: readonly NoteSignature[]
}

/**
 * Reads `<text>`, an empty line and one or more signature lines.
 * @throws {VerificationError} `NOTE_MALFORMED`
 */
export function parseNote(note: string): Note {
  // A character of a string is three bytes at most.
  const mayBeLarge = note.length > MAX_NOTE_BYTES / 3
  if (note.length > MAX_NOTE_BYTES || (mayBeLarge && formatUtf8(note).length > MAX_NOTE_BYTES)) {
    throw malformed('larger than allowed', note)
  }
  const split = note.lastIndexOf('\n\n')
  if (split < 0) throw malformed('no empty line', note)
  const text = note.slice(0, split + 1)
  if (!isNoteText(text)) throw malformed('unfit text', note)
  return { text, signatures: parseSignatureLines(note.slice(split + 2)) }
}

/** Writes a note as {@link parseNote} reads it. */
export function formatNote(note: Note): string {
  return `${note.text}\n${note.signatures.map(formatSignatureLine).join('')}`
}

/**
 * Reads signature lines, each ended by a line feed, as a note carries them and a witness answers.
 * @throws {VerificationError} `NOTE_MALFORMED`
 */
export function parseSignatureLines(lines: string): NoteSignature[] {
  if (!lines.endsWith('\n')) throw malformed('no signature line at the end', lines)
  const split = lines.slice(0, -1).split('\n', MAX_NOTE_SIGNATURES + 1)
  if (split.length > MAX_NOTE_SIGNATURES) throw malformed('too many signatures', lines)
  return split.map(parseSignatureLine)
}

/** `— <name> <base64 of key ID and signature>` and a line feed. */
export function formatSignatureLine({ name, keyId, signature }: NoteSignature): string {
  return `— ${name} ${formatBase64(concatBytes(parseHex(keyId), signature))}\n`
}

/**
 * A text with one signature of each signer, made with Ed25519 keys of type 0x01.
 * @param text ends in a line feed, no other control characters
 * @throws {VerificationError} `NOTE_MALFORMED`, `KEY_TYPE`
 */
export function signNote(text: string, signers: readonly Signer[]): string {
  if (!isNoteText(text)) throw malformed('unfit text', text)
  const signatures = signers.map(({ key, sign }) => {
    checkKeyType(key, KEY_TYPE.ed25519)
    return { name: key.name, keyId: key.keyId, signature: sign(formatUtf8(text)) }
  })
  return formatNote({ text, signatures })
}

/**
 * Checks the Ed25519 signatures of the keys given and returns theirs, one per key, in the order of the note. Lines of
 * other keys are ignored. A line of a known key that does not verify refuses the whole note, beside a good one too. One that is repeated is
 * verified once, and another of the same key refuses the note: a key has one signature of a text (RFC 8032).
 * @throws {VerificationError} `NOTE_SIGNATURE_INVALID`, `NOTE_UNSIGNED` (no known key signed), `KEY_TYPE`, `KEY_AMBIGUOUS`
 */
export function verifyNote(
  note: Note,
  keys: readonly VerifierKey[],
  verify: Ed25519Verify = verifyEd25519,
): NoteSignature[] {
  for (const key of keys) checkKeyType(key, KEY_TYPE.ed25519)
  const known = keysById(keys)
  const message = formatUtf8(note.text)
  const verified = new Map<string, NoteSignature>()
  for (const line of note.signatures) {
    const id = lineId(line)
    const key = known.get(id)
    if (!key) continue
    const before = verified.get(id)
    if (before !== undefined && equalBytes(before.signature, line.signature)) continue
    const refusal = (words: string) =>
      new VerificationError('NOTE_SIGNATURE_INVALID', `signature of ${line.name} ${words}`)
    if (before !== undefined) throw refusal('is another than its first')
    if (!verify(key.publicKey, message, line.signature)) throw refusal('does not verify')
    verified.set(id, line)
  }
  if (verified.size === 0) throw new VerificationError('NOTE_UNSIGNED', 'no known key signed')
  return [...verified.values()]
}

/** Keys by name and key ID. @throws {VerificationError} `KEY_AMBIGUOUS` if two different keys share both */
export function keysById(keys: readonly VerifierKey[]): ReadonlyMap<string, VerifierKey> {
  const known = new Map<string, VerifierKey>()
  for (const key of keys) {
    if (known.has(lineId(key))) {
      throw new VerificationError('KEY_AMBIGUOUS', `two keys are ${key.name}+${key.keyId}`)
    }
    known.set(lineId(key), key)
  }
  return known
}

/** What a signature line and its key have in common. Names hold no `+`. */
export function lineId({ name, keyId }: { readonly name: string; readonly keyId: string }): string {
  return `${name}+${keyId}`
}

function parseSignatureLine(line: string): NoteSignature {
  const end = line.indexOf(' ', 2)
  const name = line.startsWith('— ') && end > 0 ? line.slice(2, end) : ''
  if (!isKeyName(name)) throw malformed('not a signature line', line)
  const bytes = parseBase64(line.slice(end + 1), 'NOTE_MALFORMED')
  if (bytes.length < 5) throw malformed('signature too short', line)
  return { name, keyId: formatHex(bytes.subarray(0, 4)), signature: bytes.slice(4) }
}

function isNoteText(text: string): boolean {
  return text.endsWith('\n') && text.isWellFormed() && !controlBesideLineFeed.test(text)
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what a note may not hold
const controlBesideLineFeed = /[\x00-\x09\x0b-\x1f]/

function malformed(reason: string, text: string): VerificationError {
  return new VerificationError('NOTE_MALFORMED', `${reason}: ${quote(text)}`)
}
