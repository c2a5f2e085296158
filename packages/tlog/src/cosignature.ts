import { concatBytes, formatHex, formatUtf8 } from './bytes.ts'
import { isCount } from './decimal.ts'
import { type Ed25519Verify, verifyEd25519 } from './ed25519.ts'
import { checkKeyType, KEY_TYPE, type Signer, type VerifierKey } from './key.ts'
import { keysById, lineId, type Note, type NoteSignature, parseSignatureLines } from './note.ts'
import { VerificationError } from './verification-error.ts'

/** "As of this time, the largest consistent tree I have seen for this origin has this root." @see C2SP tlog-cosignature */
export interface Cosignature {
  readonly key: VerifierKey
  /** POSIX time in seconds, by the clock of the witness. */
  readonly timeS: number
  readonly line: NoteSignature
}

/**
 * Cosigns the text of a checkpoint.
 * @param cosigner key of type 0x04; one key per witness, because the message does not name it
 * @param timeS POSIX time in seconds
 * @throws {VerificationError} `KEY_TYPE`, `COSIGNATURE_TIME`
 */
export function cosign(text: string, cosigner: Signer, timeS: number): NoteSignature {
  checkKeyType(cosigner.key, KEY_TYPE.cosignature)
  if (!isCount(timeS)) throw outOfRange(cosigner.key.name)
  const time = new Uint8Array(8)
  new DataView(time.buffer).setBigUint64(0, BigInt(timeS))
  const signature = concatBytes(time, cosigner.sign(cosignedMessage(text, timeS)))
  return { name: cosigner.key.name, keyId: cosigner.key.keyId, signature }
}

/**
 * Checks the cosignatures of the witnesses given and returns one per public key, the newest. Lines of other keys are
 * ignored; a line of a known witness that does not verify refuses the note, and one that is repeated is verified once. The signature of the
 * log is another question.
 * @throws {VerificationError} `COSIGNATURE_INVALID`, `COSIGNATURE_TIME` (above 2^53 − 1), `KEY_TYPE`, `KEY_AMBIGUOUS`
 */
export function verifyCosignatures(
  note: Note,
  witnesses: readonly VerifierKey[],
  verify: Ed25519Verify = verifyEd25519,
): Cosignature[] {
  for (const key of witnesses) checkKeyType(key, KEY_TYPE.cosignature)
  const known = keysById(witnesses)
  const verified = new Map<string, Cosignature>()
  for (const line of note.signatures) {
    const key = known.get(lineId(line))
    if (!key) continue
    const id = `${lineId(line)} ${formatHex(line.signature)}`
    if (verified.has(id)) continue
    verified.set(id, { key, timeS: verifyLine(note.text, line, key, verify), line })
  }
  return newestCosignatures([...verified.values()])
}

/**
 * One per public key, the newest, of cosignatures of one text that are verified already: so a witness's answer is checked
 * alone, and not all that came before it once more.
 */
export function newestCosignatures(verified: readonly Cosignature[]): Cosignature[] {
  const newest = new Map<string, Cosignature>()
  for (const cosignature of verified) {
    const id = cosignature.key.publicKey.join()
    if (cosignature.timeS >= (newest.get(id)?.timeS ?? 0)) newest.set(id, cosignature)
  }
  return [...newest.values()]
}

/**
 * Adds the signature lines that a witness answered, if they are cosignatures of these witnesses; a newer one takes the
 * place of the witness's older one, lines of unknown keys are left out.
 * @throws {VerificationError} `NOTE_MALFORMED`, `COSIGNATURE_INVALID`, `COSIGNATURE_TIME`, `KEY_TYPE`, `KEY_AMBIGUOUS`
 */
export function addCosignatures(
  note: Note,
  answer: string,
  witnesses: readonly VerifierKey[],
  verify?: Ed25519Verify,
): Note {
  const lines = [...note.signatures, ...parseSignatureLines(answer)]
  const verified = verifyCosignatures({ text: note.text, signatures: lines }, witnesses, verify)
  const known = keysById(witnesses)
  const others = note.signatures.filter((line) => !known.has(lineId(line)))
  return { text: note.text, signatures: [...others, ...verified.map(({ line }) => line)] }
}

function verifyLine(
  text: string,
  { signature }: NoteSignature,
  key: VerifierKey,
  verify: Ed25519Verify,
): number {
  if (signature.length !== 72) throw invalid(key.name)
  const view = new DataView(signature.buffer, signature.byteOffset, 8)
  const timeS = Number(view.getBigUint64(0))
  if (!isCount(timeS)) throw outOfRange(key.name)
  if (!verify(key.publicKey, cosignedMessage(text, timeS), signature.subarray(8))) {
    throw invalid(key.name)
  }
  return timeS
}

function cosignedMessage(text: string, timeS: number): Uint8Array {
  return formatUtf8(`cosignature/v1\ntime ${timeS}\n${text}`)
}

function invalid(name: string): VerificationError {
  return new VerificationError('COSIGNATURE_INVALID', `cosignature of ${name} does not verify`)
}

function outOfRange(name: string): VerificationError {
  return new VerificationError('COSIGNATURE_TIME', `time of cosignature of ${name} is out of range`)
}
