import { type ParsedAddCheckpoint, parseAddCheckpoint } from './add-checkpoint.ts'
import { equalBytes } from './bytes.ts'
import type { Checkpoint } from './checkpoint.ts'
import { verifyConsistency } from './consistency.ts'
import { cosign } from './cosignature.ts'
import { EMPTY_ROOT } from './hash.ts'
import type { Signer, VerifierKey } from './key.ts'
import { formatNote, formatSignatureLine, verifyNote } from './note.ts'
import type { Primitives } from './primitives.ts'
import type { Tree } from './tree.ts'
import { VerificationError } from './verification-error.ts'

/** The latest checkpoint that a witness cosigned for an origin. */
export interface WitnessedCheckpoint extends Tree {
  /** The checkpoint with the signature lines of its log, nothing else. */
  readonly note: string
}

/** What a witness knows about one origin. */
export interface WitnessedLog {
  /** The log's key, of type 0x01. */
  readonly key: VerifierKey
  /** Absent if this witness never cosigned for the origin. */
  readonly stored?: WitnessedCheckpoint
}

/** What a witness needs in order to answer. */
export interface WitnessContext {
  /** Undefined if the origin is unknown. */
  readonly findLog: (origin: string) => WitnessedLog | undefined
  /** Key of type 0x04. */
  readonly cosigner: Signer
  /** POSIX time in seconds. */
  readonly timeS: number
  readonly primitives?: Primitives
}

/** Answer to `add-checkpoint`. */
export interface WitnessAnswer {
  readonly status: 200 | 400 | 403 | 404 | 409 | 422
  readonly contentType: 'text/plain' | 'text/x.tlog.size'
  /** 200: cosignature lines. 409: the stored size. Otherwise the reason. */
  readonly body: string
  /** To be stored durably, if `expected` is still what is stored (compare and set), before a 200 is sent. */
  readonly update?: {
    readonly origin: string
    readonly expected: WitnessedCheckpoint | undefined
    readonly next: WitnessedCheckpoint
  }
  /** Two checkpoints of one size, both signed by the log: it shows different logs to different people. */
  readonly evidence?: { readonly stored: string; readonly submitted: string }
}

/**
 * One step of a witness: checks that a checkpoint extends what it cosigned before, and cosigns it.
 * 400 malformed, or old size above the new; 403 no valid signature of the log; 404 unknown origin; 409 old size is not
 * the stored one (0 if none: no trust on first use), or same size with another root; 422 the proof does not verify.
 * @see C2SP tlog-witness, section add-checkpoint
 */
export function addCheckpoint(body: string, context: WitnessContext): WitnessAnswer {
  try {
    return answer(parseAddCheckpoint(body), context)
  } catch (error) {
    if (!(error instanceof VerificationError)) throw error
    const status = statusOf(error)
    if (status === undefined) throw error
    return refuse(status, error.message)
  }
}

function answer(request: ParsedAddCheckpoint, context: WitnessContext): WitnessAnswer {
  const { oldSize, proof, note, checkpoint } = request
  const { sha256, verify } = context.primitives ?? {}
  const log = context.findLog(checkpoint.origin)
  if (!log) return refuse(404, 'unknown log')
  const signatures = verifyNote(note, [log.key], verify)
  if (oldSize > checkpoint.size) return refuse(400, 'old size is above the size of the checkpoint')

  const { stored } = log
  // Lines of other keys, such as a forged witness, are not ours to keep or hand out.
  const submitted = formatNote({ text: note.text, signatures })
  const storedSize = stored?.size ?? 0
  const isFork = stored?.size === checkpoint.size && !equalBytes(stored.root, checkpoint.root)
  if (oldSize !== storedSize || isFork) {
    const size = { contentType: 'text/x.tlog.size', body: `${storedSize}\n` } as const
    const evidence = isFork ? { evidence: { stored: stored.note, submitted } } : {}
    return { status: 409, ...size, ...evidence }
  }
  verifyConsistency(stored ?? { size: 0, root: EMPTY_ROOT }, checkpoint, proof, sha256)
  return accept(submitted, note.text, checkpoint, stored, context)
}

function accept(
  submitted: string,
  text: string,
  { origin, size, root }: Checkpoint,
  stored: WitnessedCheckpoint | undefined,
  { cosigner, timeS }: WitnessContext,
): WitnessAnswer {
  const body = formatSignatureLine(cosign(text, cosigner, timeS))
  const next = { size, root, note: submitted }
  return {
    status: 200,
    contentType: 'text/plain',
    body,
    update: { origin, expected: stored, next },
  }
}

/** Undefined if the fault is not the log's, such as a key of the wrong type in our own settings. */
function statusOf({ code }: VerificationError): 400 | 403 | 422 | undefined {
  switch (code) {
    case 'NOTE_UNSIGNED':
    case 'NOTE_SIGNATURE_INVALID':
      return 403
    case 'CONSISTENCY_PROOF_LENGTH':
    case 'CONSISTENCY_ROOT_MISMATCH':
      return 422
    default:
      return code.endsWith('_MALFORMED') ? 400 : undefined
  }
}

function refuse(status: 400 | 403 | 404 | 422, reason: string): WitnessAnswer {
  return { status, contentType: 'text/plain', body: `${reason}\n` }
}
