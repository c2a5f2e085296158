import { fromUtf8 } from '@entente/schema'
import { equalBytes } from '@entente/tlog'
import type { Bundle } from '../bundle/read-bundle.ts'
import { type AddFinding, reasonOf } from '../finding.ts'
import type { Trust, TrustedLog } from '../trust.ts'
import { type Fault, isFault, type OpenNote, type SignedCheckpoint } from './checkpoints.ts'
import { type RebuiltLog, rebuildLog } from './rebuild-log.ts'

/** A log and the checkpoints under which it was published. */
export interface LogHistory extends RebuiltLog {
  readonly head: SignedCheckpoint
  /** Quorum checkpoints, one a size, by size; the earliest cosigned where a size was cosigned again. */
  readonly published: readonly SignedCheckpoint[]
  /** False when a checkpoint was refused: then decision times cannot be judged. */
  readonly complete: boolean
}

/**
 * Steps 2 to 4 as far as the bundle alone goes: checkpoint, tree, and every published checkpoint a prefix of it.
 * @returns null when there is no log to go on with
 */
export function openHistory(
  bundle: Bundle,
  trusted: TrustedLog,
  trust: Trust,
  openNote: OpenNote,
  found: AddFinding,
): LogHistory | null {
  const note = headNote(bundle, found)
  if (note === null) return null
  const head = openNote(note, trusted)
  if (isFault(head)) {
    found(head.code, head.message)
    return null
  }
  const log = rebuildLog(bundle.files, head, trust, found)
  if (log === null) return null

  for (const { size, note: text } of bundle.checkpoints) {
    const opened = openNote(text, trusted)
    if (!isFault(opened) && opened.size !== size)
      found('CHECKPOINT_FORM', `the checkpoint listed for size ${size} has size ${opened.size}`)
  }
  const published = new Map<number, SignedCheckpoint>()
  let complete = true
  const take = (checkpoint: SignedCheckpoint): Fault | null => {
    const fault = checkpoint.fault ?? comparePrefix(log, checkpoint)
    if (fault !== null) return fault
    const before = published.get(checkpoint.size)
    if (before === undefined || medianOf(checkpoint, 'upper') < medianOf(before, 'upper'))
      published.set(checkpoint.size, checkpoint)
    return null
  }
  const rows = [{ size: head.size, note }, ...bundle.checkpoints.filter((row) => row.note !== note)]
  for (const row of rows) {
    const opened = openNote(row.note, trusted)
    const fault = isFault(opened) ? opened : take(opened)
    if (fault !== null) {
      found(fault.code, fault.message)
      complete = false
    }
  }
  checkSince(log, trusted, trust, openNote, found)
  const bySize = [...published.values()].sort((a, b) => a.size - b.size)
  return { ...log, head, published: bySize, complete }
}

/** Whether a signed checkpoint is a prefix of the rebuilt log. */
export function comparePrefix(log: RebuiltLog, { size, root }: SignedCheckpoint): Fault | null {
  if (size > log.size)
    return {
      code: 'LOG_BEHIND',
      message: `a signed checkpoint has size ${size}, the bundle only ${log.size}`,
    }
  if (equalBytes(log.rootAt(size), root)) return null
  return {
    code: 'CHECKPOINT_FORK',
    message: `the signed checkpoint of size ${size} is no prefix of this log`,
  }
}

/**
 * Median of the cosignature times, in milliseconds. Of an even number the lower or the upper middle, whichever judges
 * more mildly; `upper` counts to the end of the second.
 */
export function medianOf({ cosignatures }: SignedCheckpoint, side: 'lower' | 'upper'): number {
  const last = cosignatures.length - 1
  const middle = cosignatures[side === 'lower' ? Math.floor(last / 2) : Math.ceil(last / 2)]
  return (middle?.atMs ?? 0) + (side === 'upper' ? 999 : 0)
}

function headNote({ files }: Bundle, found: AddFinding): string | null {
  const bytes = files.get('log/checkpoint')
  try {
    if (bytes === undefined) throw new RangeError('missing')
    return fromUtf8(bytes)
  } catch (error) {
    found('CHECKPOINT_FORM', `log/checkpoint: ${reasonOf(error)}`)
    return null
  }
}

function checkSince(
  log: RebuiltLog,
  trusted: TrustedLog,
  trust: Trust,
  openNote: OpenNote,
  found: AddFinding,
): void {
  const note = trust.since?.[trusted.member.nation]
  if (note === undefined) return
  const opened = openNote(note, trusted)
  const fault = isFault(opened) ? opened : comparePrefix(log, opened)
  if (fault !== null) found(fault.code, `previous audit: ${fault.message}`)
}

/** Size of the largest checkpoint that was published before a leaf was appended. */
export function publishedBefore(published: LogHistory['published'], index: number): number {
  let low = 0
  let high = published.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((published[middle]?.size ?? Infinity) <= index) low = middle + 1
    else high = middle
  }
  return published[low - 1]?.size ?? 0
}
