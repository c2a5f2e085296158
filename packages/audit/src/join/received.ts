import {
  fromHex,
  keyBytes,
  type Nation,
  openJws,
  peekJws,
  Release,
  statementKeyAt,
  statementType,
} from '@entente/schema'
import { leafHash, parseTlogProof, verifyInclusion } from '@entente/tlog'
import type { ReceivedRow } from '../bundle/read-bundle.ts'
import { type AddFinding, reasonOf } from '../finding.ts'
import { isFault, type OpenNote, type SignedCheckpoint } from '../log/checkpoints.ts'
import type { HeldCheckpoints } from '../log/held-checkpoints.ts'
import type { NationAudit } from '../nation-audit.ts'
import { digestJws, entryOf } from '../statements/open-leaf.ts'
import type { Trust, TrustedLog } from '../trust.ts'
import type { Holder } from './evidence.ts'
import { saidOfItself } from './said-of-itself.ts'

/** What the check of held statements reads and writes. */
export interface ReceivedCheck {
  /** By origin. */
  readonly audits: ReadonlyMap<string, NationAudit>
  readonly trust: Trust
  readonly openNote: OpenNote
  readonly checkpoints: HeldCheckpoints
  readonly findings: (nation: Nation) => AddFinding
}

/**
 * Step 10, statements: what a nation holds from a partner is signed by the partner, was logged, and is the very leaf
 * that the partner shows.
 */
export function checkReceived(holder: Holder, check: ReceivedCheck): void {
  for (const row of holder.bundle.received) {
    const found = check.findings(holder.nation)
    const trusted = logOf(row, check.trust)
    if (trusted === undefined) found('RECEIVED_SIGNATURE', `there are no keys of ${row.from}`)
    else checkRow(row, trusted, holder, check)
  }
}

/** The log of the sender that the statement names, or else the one that goes on. */
function logOf({ from, jws }: ReceivedRow, { byOrigin, logs }: Trust): TrustedLog | undefined {
  const named = byOrigin.get(saidOfItself(jws)?.origin ?? '')
  return named?.member.nation === from ? named : logs.get(from)
}

function checkRow(
  row: ReceivedRow,
  trusted: TrustedLog,
  holder: Holder,
  check: ReceivedCheck,
): void {
  const { from, index } = row
  const what = `statement ${index} of ${from}`
  const found = check.findings(holder.nation)
  const sender = check.audits.get(trusted.log.origin)
  const entry = entryOf(row.jws, fromHex(row.salt), check.trust.hash)
  if (sender?.history.holds(index, entry) !== true) {
    const fault = signatureFault(row, trusted, check.trust)
    if (fault !== null) {
      found('RECEIVED_SIGNATURE', `${what}: ${fault}`)
      return
    }
  }
  const proven = openProof(row, entry, trusted, check)
  if (typeof proven !== 'string') {
    const prefix = check.checkpoints.compare(proven, trusted, holder.nation)
    if (prefix && isUnpublished(row, proven, sender))
      found('RECEIVED_QUORUM', `${what} was admitted`)
  } else if (
    sender === undefined ||
    sender.leaves.byDigest.has(digestJws(row.jws, check.trust.hash))
  )
    found('RECEIVED_PROOF', `${what}: ${proven}`)
  else if (sender.leaves.unread === 0) {
    check.checkpoints.contest(trusted.log.origin)
    check.findings(from)(
      'JOIN_DIFFERENT_STATEMENT',
      `leaf ${index} is not the statement that ${holder.nation} holds, signed by ${from}`,
      index,
    )
  }
}

/** @returns the checkpoint that the statement is proven to be under, or why it is not */
function openProof(
  row: ReceivedRow,
  entry: Uint8Array,
  trusted: TrustedLog,
  { openNote, trust }: ReceivedCheck,
): SignedCheckpoint | string {
  try {
    const { checkpoint, hashes, index } = parseTlogProof(row.proof)
    if (index !== row.index) return `the proof is of leaf ${index}`
    const opened = openNote(checkpoint, trusted)
    if (isFault(opened)) return opened.message
    if (opened.fault?.code === 'COSIGNATURE_INVALID') return opened.fault.message
    verifyInclusion(leafHash(entry, trust.hash), index, hashes, opened, trust.hash)
    return opened
  } catch (error) {
    return reasonOf(error)
  }
}

function signatureFault(
  { jws, index }: ReceivedRow,
  { member, log }: TrustedLog,
  { verify }: Trust,
): string | null {
  try {
    const key = statementKeyAt(member, log.origin, index)?.certificate.key ?? member.node.key
    openJws(jws, peekJws(jws).typ, keyBytes(key), verify)
    return null
  } catch (error) {
    return reasonOf(error)
  }
}

/** A widening release without quorum; that the sender published it so is the sender's own finding. */
function isUnpublished(
  { jws }: ReceivedRow,
  { fault }: SignedCheckpoint,
  sender: NationAudit | undefined,
): boolean {
  if (fault === null || sender?.history.complete === false) return false
  try {
    const { typ, payload } = peekJws(jws)
    const release = typ === statementType('release') ? Release.safeParse(payload) : undefined
    return release?.data?.effect === 'widen'
  } catch {
    // What cannot be read is found where it is opened.
    return false
  }
}
