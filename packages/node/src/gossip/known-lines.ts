import { formatNote, lineId, parseNote, VerificationError, type VerifierKey } from '@entente/tlog'

/** A log's signature, and a cosignature with its time. */
const [SIGNATURE_BYTES, COSIGNATURE_BYTES] = [64, 72]

/**
 * Cuts a note down to the signature of its log and one line of each witness: whoever told it may have put 64 KiB of other lines beside them, and
 * thirty such notes make a frame that no partner takes. Lines are not verified here.
 * @param logs keys by origin; a note of another log stays as it is
 */
export function withKnownLines(
  logs: ReadonlyMap<string, VerifierKey>,
  witnesses: readonly VerifierKey[],
): (origin: string, note: string) => string {
  const ofWitnesses = new Set(witnesses.map(lineId))
  return (origin, note) => {
    const key = logs.get(origin)
    if (key === undefined) return note
    const left = new Map([...ofWitnesses].map((id) => [id, COSIGNATURE_BYTES])).set(
      lineId(key),
      SIGNATURE_BYTES,
    )
    try {
      const { text, signatures } = parseNote(note)
      const known = signatures.filter((line) => {
        const id = lineId(line)
        return left.get(id) === line.signature.length && left.delete(id)
      })
      return known.length === signatures.length ? note : formatNote({ text, signatures: known })
    } catch (error) {
      if (error instanceof VerificationError) return note
      throw error
    }
  }
}
