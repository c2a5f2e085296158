import { type Cosignature, verifyCosignatures } from './cosignature.ts'
import type { Ed25519Verify } from './ed25519.ts'
import type { VerifierKey } from './key.ts'
import type { Note } from './note.ts'
import { VerificationError } from './verification-error.ts'

/** Witnesses, and how many of them must have cosigned. */
export interface WitnessSet {
  /** Keys of type 0x04. */
  readonly witnesses: readonly VerifierKey[]
  readonly quorum: number
}

/** Which of a set's cosignatures count. */
export interface QuorumOptions {
  /** Key names that do not count, such as the witness of the nation whose log it is. Their keys count under no name. */
  readonly excluded?: readonly string[]
  /** Cosignatures outside of this time, both ends inclusive, do not count: seconds, POSIX. */
  readonly window?: { readonly fromS: number; readonly toS: number }
}

/**
 * Checks that enough witnesses cosigned the note. Each public key counts once, whatever its names.
 * @returns the cosignatures that count
 * @throws {VerificationError} `QUORUM_NOT_MET`, `QUORUM_STALE` (enough, but not within the window) and what {@link verifyCosignatures} throws
 */
export function verifyQuorum(
  note: Note,
  set: WitnessSet,
  options: QuorumOptions = {},
  verify?: Ed25519Verify,
): Cosignature[] {
  return countQuorum(verifyCosignatures(note, set.witnesses, verify), set, options)
}

/**
 * The same of cosignatures that are verified already, one per public key.
 * @throws {VerificationError} `QUORUM_NOT_MET`, `QUORUM_STALE`
 */
export function countQuorum(
  verified: readonly Cosignature[],
  { witnesses, quorum }: WitnessSet,
  { excluded = [], window }: QuorumOptions = {},
): Cosignature[] {
  const barred = new Set(
    witnesses
      .filter(({ name }) => excluded.includes(name))
      .map(({ publicKey }) => publicKey.join()),
  )
  const counted = verified.filter(({ key }) => !barred.has(key.publicKey.join()))
  if (counted.length < quorum) {
    throw new VerificationError('QUORUM_NOT_MET', `${counted.length} of ${quorum} cosignatures`)
  }
  if (!window) return counted
  const timely = counted.filter(({ timeS }) => timeS >= window.fromS && timeS <= window.toS)
  if (timely.length < quorum) {
    throw new VerificationError('QUORUM_STALE', `${timely.length} of ${quorum} are in the window`)
  }
  return timely
}
