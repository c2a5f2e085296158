import type { Nation } from '@entente/schema'
import { type Checkpoint, openCheckpoint, VerificationError, verifyQuorum } from '@entente/tlog'
import type { FindingCode } from '../finding.ts'
import { idOf, type Trust, type TrustedLog } from '../trust.ts'

/** A checkpoint with the signature of its log checked. */
export interface SignedCheckpoint extends Checkpoint {
  /** Cosignatures that count: the witness's nation and its time, sorted by time. */
  readonly cosignatures: readonly { readonly nation: Nation; readonly atMs: number }[]
  /** Why it is not published: cosignatures that fail or are too few. */
  readonly fault: Fault | null
}
export interface Fault {
  readonly code: FindingCode
  readonly message: string
}

/** Opens checkpoints of all known logs; each note is verified once, however often it is met. */
export type OpenNote = (note: string, log: TrustedLog) => SignedCheckpoint | Fault

/** Step 2: the log's signature under the certified key, and a quorum of witnesses of other nations. */
export function createOpenNote(trust: Trust): OpenNote {
  const known = new Map<string, SignedCheckpoint | Fault>()
  return (note, log) => {
    const id = `${log.log.origin}\n${note}`
    const opened = known.get(id) ?? openNote(note, log, trust)
    known.set(id, opened)
    return opened
  }
}

export const isFault = (opened: SignedCheckpoint | Fault): opened is Fault => 'code' in opened

function openNote(text: string, log: TrustedLog, trust: Trust): SignedCheckpoint | Fault {
  try {
    const { checkpoint, note } = openCheckpoint(text, log.log, trust.verify)
    const { excluded, witnesses } = log
    try {
      const counted = verifyQuorum(note, { ...witnesses, quorum: 0 }, { excluded }, trust.verify)
      const cosignatures = counted
        .map(({ key, timeS }) => ({
          nation: trust.witnessNation.get(idOf(key)) ?? key.name,
          atMs: timeS * 1000,
        }))
        .sort((a, b) => a.atMs - b.atMs)
      return { ...checkpoint, cosignatures, fault: faultOf(cosignatures, log, trust) }
    } catch (error) {
      const fault = { code: 'COSIGNATURE_INVALID', message: messageOf(checkpoint, error) } as const
      return { ...checkpoint, cosignatures: [], fault }
    }
  } catch (error) {
    const unsigned =
      error instanceof VerificationError &&
      ['NOTE_SIGNATURE_INVALID', 'NOTE_UNSIGNED', 'CHECKPOINT_ORIGIN'].includes(error.code)
    const message = `checkpoint of ${log.log.origin}: ${error instanceof Error ? error.message : error}`
    return { code: unsigned ? 'CHECKPOINT_SIGNATURE' : 'CHECKPOINT_FORM', message }
  }
}

function faultOf(
  cosignatures: SignedCheckpoint['cosignatures'],
  { member, witnesses: { quorum } }: TrustedLog,
  { atMs, roster }: Trust,
): Fault | null {
  if (cosignatures.length < quorum)
    return {
      code: 'QUORUM_NOT_MET',
      message: `${cosignatures.length} of ${quorum} cosignatures; that of ${member.nation} does not count`,
    }
  const late = cosignatures.find((one) => one.atMs > atMs + roster.witnessPolicy.toleranceMs)
  if (late === undefined) return null
  return { code: 'COSIGNATURE_FUTURE', message: `cosignature of ${late.nation} at ${late.atMs} ms` }
}

const messageOf = ({ size }: Checkpoint, error: unknown) =>
  `checkpoint of size ${size}: ${error instanceof Error ? error.message : String(error)}`
