import type { LeafRange, Roster } from '@entente/schema'
import {
  type Checkpoint,
  equalBytes,
  formatBase64,
  type Log,
  openCheckpoint,
  treeRoot,
  VerificationError,
  verifyQuorum,
} from '@entente/tlog'
import { verifyEd25519 } from '../adapters/ed25519.ts'
import type { Database } from '../adapters/sqlite-database.ts'
import { publishedLog } from '../log/published-log.ts'
import type { ReleaseLog } from '../log/release-log.ts'
import { witnessesFor } from '../witness/witness-set.ts'
import { RetireError } from './retire-error.ts'

/** Where a log ends, and what of it is lost. */
export interface LogEnd {
  readonly size: number
  /** Padded base64. */
  readonly root: string
  readonly note: string
  readonly lost: readonly LeafRange[]
  /** Leaves here that no quorum has ever cosigned: they are in no log. */
  readonly uncosigned: number
}

/**
 * The largest cosigned checkpoint: the one given, or else our own. What it commits to and we do not hold, or hold otherwise, is lost.
 * @param given signed note that somebody holds, such as a partner
 * @throws {RetireError} `CHECKPOINT_UNFIT` when it is not of this log, not cosigned by a quorum, or smaller than our own
 */
export function lastCheckpoint(
  db: Database,
  log: ReleaseLog,
  key: Log,
  roster: Roster,
  nation: string,
  given: string | null,
): LogEnd {
  const own = publishedLog(db)
  const here = log.head().size
  if (given === null) {
    const root = formatBase64(own.size === 0 ? treeRoot(0, log.hashAt) : log.rootAt(own.size))
    return { size: own.size, root, note: own.note, lost: [], uncosigned: here - own.size }
  }
  const checkpoint = openCosigned(given, key, roster, nation)
  if (checkpoint.size < own.size)
    throw new RetireError(
      'CHECKPOINT_UNFIT',
      `the checkpoint has size ${checkpoint.size}, and we hold one of size ${own.size} that is cosigned as well`,
    )
  const { size, root } = checkpoint
  // Of another history than ours only what was cosigned before can be shown.
  const isOurs = size > here || equalBytes(log.rootAt(size), root)
  const shown = isOurs ? Math.min(size, here) : Math.min(size, own.size)
  return {
    size,
    root: formatBase64(root),
    note: given,
    lost: shown < size ? [[shown, size - 1]] : [],
    uncosigned: isOurs ? Math.max(0, here - size) : here - shown,
  }
}

function openCosigned(given: string, key: Log, roster: Roster, nation: string): Checkpoint {
  try {
    const { checkpoint, note } = openCheckpoint(given, key, verifyEd25519)
    const { set, options } = witnessesFor(nation, roster)
    verifyQuorum(note, set, options, verifyEd25519)
    return checkpoint
  } catch (error) {
    if (!(error instanceof VerificationError)) throw error
    throw new RetireError(
      'CHECKPOINT_UNFIT',
      `${error.code}: ${error.message}. Name a checkpoint of ${key.origin} that a quorum has cosigned`,
      { cause: error },
    )
  }
}
