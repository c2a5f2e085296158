import { toHex } from '@entente/schema'
import {
  type Checkpoint,
  type Cosignature,
  formatNote,
  type Note,
  openCheckpoint,
  parseBase64,
  parseNote,
  VerificationError,
  verifyConsistency,
  verifyQuorum,
} from '@entente/tlog'
import type { Deps, Partner } from '../deps.ts'
import type { StatementFrame } from '../feed/frames.ts'
import { knownAt } from '../gossip/known.ts'
import { keepEvidence } from '../witness/fork-evidence.ts'
import { witnessesFor } from '../witness/witness-set.ts'
import { AdmitError } from './codes.ts'
import type { OnTaken } from './taken.ts'
import { withoutQuotes } from './without-quotes.ts'

/** Cosignatures are dated in seconds. One dated ahead of our clock would else be younger each time that it is told. */
const YOUNGER_MS = 1_000

/** A checkpoint of a partner's log that a quorum vouches for and that extends all we have seen of it. */
export interface ProvenCheckpoint extends Checkpoint {
  readonly note: string
  /** Median time of the counted cosignatures, POSIX seconds. */
  readonly cosignedS: number
  /** False when too few of the cosignatures are young enough to say that nothing newer is kept from us. */
  readonly isFresh: boolean
  /** False when it says nothing that is not held: the same tree, vouched for no later. */
  readonly isNews: boolean
}

/**
 * First commit of admission. Checks the log's signature, the quorum, and consistency with what is stored, whatever
 * the quorum says; then stores the checkpoint.
 * @throws {AdmitError} stage `evidence`
 */
export function admitEvidence(
  deps: Deps,
  partner: Partner,
  note: string,
  base: StatementFrame['base'],
  onTaken?: OnTaken,
): ProvenCheckpoint {
  const { db, clock, hash, verify, roster } = deps
  return asEvidenceError(partner, () => {
    const opened = openCheckpoint(note, partner.log, verify)
    const { checkpoint } = opened
    const vouched = deps.isReceiver ? null : vouchedAlready(deps, checkpoint)
    if (vouched !== null && !isVouched(deps, partner, note))
      return { ...checkpoint, note, cosignedS: vouched, isFresh: true, isNews: false }
    const counted = countQuorum(deps, partner, opened.note)
    const freshS = vouchedS(counted, roster.witnessPolicy.quorum)
    const nowMs = clock.nowMs()
    const proven = {
      ...checkpoint,
      note,
      cosignedS: medianTime(counted),
      isFresh: nowMs - freshS * 1000 <= roster.witnessPolicy.freshnessMs,
      isNews: true,
    }
    // As old as the quorum's word, not as our having been told it again: an old checkpoint does not get younger by replay.
    const seenMs = Math.min(nowMs, freshS * 1000)
    const other = knownAt(db, checkpoint.origin, checkpoint.size)
    if (other !== null && other.root !== toHex(checkpoint.root)) {
      const second = bare(opened.note, partner)
      keepEvidence(db, { origin: checkpoint.origin, first: other.note, second, atMs: nowMs })
    }
    const same = db
      .prepare('SELECT root, seen_ms FROM partner_checkpoint WHERE origin = ? AND size = ?')
      .get(checkpoint.origin, checkpoint.size)
    const known = same === undefined ? other?.root : toHex(same['root'] as Uint8Array)
    if (known !== undefined && known !== toHex(checkpoint.root))
      throw new AdmitError(
        'evidence',
        'CHECKPOINT_FORK',
        `${partner.nation} has signed two histories of size ${checkpoint.size}`,
      )
    if (same !== undefined) {
      const { origin, size } = checkpoint
      if (seenMs < (same['seen_ms'] as number) + YOUNGER_MS) return { ...proven, isNews: false }
      // Cosigned again: fresher proof of the same tree.
      db.transact(() => {
        db.prepare(
          'UPDATE partner_checkpoint SET note = ?, seen_ms = ? WHERE origin = ? AND size = ?',
        ).run(note, seenMs, origin, size)
        onTaken?.(origin, { kind: 'checkpoint', note, base, isNew: false })
      })
      return proven
    }
    const stored = largestCheckpoint(deps, checkpoint.origin)
    if (checkpoint.size < (stored?.size ?? 0))
      throw new AdmitError(
        'evidence',
        'CHECKPOINT_ROLLBACK',
        `${partner.nation} shows size ${checkpoint.size}, after size ${stored?.size}`,
      )
    if (base.size !== (stored?.size ?? 0))
      throw new AdmitError(
        'evidence',
        'CHECKPOINT_BASE',
        `the proof starts at size ${base.size}, we hold ${stored?.size ?? 0}`,
      )
    if (stored !== null && stored.size > 0) {
      const proof = base.hashes.map((text) => parseBase64(text, 'HASH_LENGTH'))
      verifyConsistency(stored, checkpoint, proof, hash)
    }
    db.transact(() => {
      db.prepare(
        'INSERT INTO partner_checkpoint(origin, size, root, note, cosigned_s, seen_ms) VALUES (?, ?, ?, ?, ?, ?)',
      ).run(checkpoint.origin, checkpoint.size, checkpoint.root, note, proven.cosignedS, seenMs)
      onTaken?.(checkpoint.origin, { kind: 'checkpoint', note, base, isNew: true })
      // Only the largest is kept whole; of the others what the log itself has signed, to hold against another history.
      if (stored !== null && stored.note !== '')
        db.prepare('UPDATE partner_checkpoint SET note = ? WHERE origin = ? AND size = ?').run(
          bare(parseNote(stored.note), partner),
          checkpoint.origin,
          stored.size,
        )
    })
    deps.onStep('admit:evidence')
    return proven
  })
}

/** Refusals of tlog keep their own codes. */
export function asEvidenceError<T>(partner: Partner, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof VerificationError)) throw error
    throw new AdmitError(
      'evidence',
      error.code,
      `evidence of ${partner.nation}: ${withoutQuotes(error.message)}`,
      { cause: error },
    )
  }
}

/** The cosignatures that count for a partner's checkpoint now. @throws {VerificationError} where they are no quorum */
function countQuorum({ clock, verify, roster }: Deps, partner: Partner, note: Note): Cosignature[] {
  const { set, options } = witnessesFor(partner.nation, roster)
  const toS = Math.floor((clock.nowMs() + roster.witnessPolicy.toleranceMs) / 1000)
  return verifyQuorum(note, set, { ...options, window: { fromS: 0, toS } }, verify)
}

/** Whether the witnesses of today vouch for a checkpoint. */
export function isVouched(deps: Deps, partner: Partner, note: string): boolean {
  try {
    countQuorum(deps, partner, parseNote(note))
    return true
  } catch (error) {
    if (error instanceof VerificationError) return false
    throw error
  }
}

/** When a quorum vouched for a tree that is held, or for the next one that it is a part of, POSIX seconds; null: none has. */
function vouchedAlready({ db }: Deps, { origin, size, root }: Checkpoint): number | null {
  const row = db
    .prepare('SELECT root FROM partner_checkpoint WHERE origin = ? AND size = ?')
    .get(origin, size)
  if (row === undefined || toHex(row['root'] as Uint8Array) !== toHex(root)) return null
  const { vouched } = db
    .prepare(
      'SELECT MIN(cosigned_s) AS vouched FROM partner_checkpoint WHERE origin = ? AND size >= ? AND cosigned_s > 0',
    )
    .get(origin, size) as { readonly vouched: number | null }
  return vouched
}

export interface StoredCheckpoint {
  readonly size: number
  readonly root: Uint8Array
  readonly note: string
  readonly seenMs: number
}

/** The largest checkpoint admitted of an origin. */
export function largestCheckpoint({ db }: Deps, origin: string): StoredCheckpoint | null {
  const row = db
    .prepare(
      'SELECT size, root, note, seen_ms FROM partner_checkpoint WHERE origin = ? ORDER BY size DESC LIMIT 1',
    )
    .get(origin)
  if (row === undefined) return null
  return {
    size: row['size'] as number,
    root: row['root'] as Uint8Array,
    note: row['note'] as string,
    seenMs: row['seen_ms'] as number,
  }
}

/** Median cosign time of the largest admitted checkpoint that does not yet hold this leaf, or null. */
export function cosignedBefore({ db }: Deps, origin: string, index: number): number | null {
  const row = db
    .prepare(
      'SELECT cosigned_s FROM partner_checkpoint WHERE origin = ? AND size <= ? ORDER BY size DESC LIMIT 1',
    )
    .get(origin, index)
  return (row?.['cosigned_s'] as number | undefined) ?? null
}

/** The note with the signature of its log alone. */
function bare({ text, signatures }: Note, { log }: Partner): string {
  const { name, keyId } = log.key
  const own = signatures.filter((line) => line.name === name && line.keyId === keyId)
  return formatNote({ text, signatures: own.slice(0, 1) })
}

/** The time at which a quorum vouched for the checkpoint last: that of the k-th newest cosignature. */
function vouchedS(cosignatures: readonly Cosignature[], quorum: number): number {
  const times = cosignatures.map(({ timeS }) => timeS).sort((a, b) => b - a)
  return times[Math.max(0, quorum - 1)] ?? 0
}

function medianTime(cosignatures: readonly Cosignature[]): number {
  const times = cosignatures.map(({ timeS }) => timeS).sort((a, b) => a - b)
  return times[Math.floor((times.length - 1) / 2)] ?? 0
}
