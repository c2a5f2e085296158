import type { Nation } from '@entente/schema'
import { equalBytes } from '@entente/tlog'
import type { AddFinding } from '../finding.ts'
import type { NationAudit } from '../nation-audit.ts'
import type { Trust, TrustedLog } from '../trust.ts'
import { isFault, type OpenNote, type SignedCheckpoint } from './checkpoints.ts'
import { comparePrefix } from './history.ts'
import type { LogEnd, Succession } from './succession.ts'

/** Step 4 across bundles: every checkpoint that a partner holds of a log must be a prefix of it. */
export interface HeldCheckpoints {
  /** @returns false when the checkpoint is of a fork, or of a larger log than the bundle shows */
  readonly compare: (checkpoint: SignedCheckpoint, log: TrustedLog, holder: string) => boolean
  /** Logs that some partner has seen otherwise: what they sent cannot be joined. */
  readonly contested: ReadonlySet<string>
  readonly contest: (origin: string) => void
}

/** Each fork is found once, however many hold it. @param audits by origin */
export function createHeldCheckpoints(
  audits: ReadonlyMap<string, NationAudit>,
  succession: Succession,
  findings: (nation: Nation) => AddFinding,
): HeldCheckpoints {
  const contested = new Set<string>()
  const told = new Set<string>()
  const seen = new Map<string, { readonly checkpoint: SignedCheckpoint; readonly holder: string }>()
  return {
    contested,
    contest: (origin) => void contested.add(origin),
    compare: (checkpoint, { member: { nation }, log: { origin } }, holder) => {
      const log = audits.get(origin)?.history
      const id = `${origin} ${checkpoint.size}`
      const other = seen.get(id) ?? { checkpoint, holder }
      seen.set(id, other)
      const fault =
        log !== undefined
          ? comparePrefix(log, checkpoint)
          : equalBytes(other.checkpoint.root, checkpoint.root)
            ? null
            : ({
                code: 'CHECKPOINT_FORK',
                message: `${other.holder} holds another checkpoint of size ${checkpoint.size}`,
              } as const)
      if (fault === null) return true
      if (fault.code === 'LOG_BEHIND' && isDeclared(checkpoint, succession.get(origin))) return true
      contested.add(origin)
      const key = fault.code === 'LOG_BEHIND' ? `${origin} ${fault.code}` : id
      if (!told.has(key)) findings(nation)(fault.code, `held by ${holder}: ${fault.message}`)
      told.add(key)
      return false
    },
  }
}

/** The end of a log that is declared lost cannot be shown; what goes beyond it was never declared. */
function isDeclared({ size, root }: SignedCheckpoint, end: LogEnd | undefined): boolean {
  if (end === undefined) return false
  return size < end.size || (size === end.size && equalBytes(root, end.root))
}

/** Compares checkpoints that an earlier audit has seen, which is step 4 of a log by itself. */
export function checkEarlierCheckpoints(
  notes: readonly string[],
  trust: Trust,
  openNote: OpenNote,
  checkpoints: HeldCheckpoints,
  findings: (nation: Nation | null) => AddFinding,
): void {
  for (const note of notes) {
    const origin = note.slice(0, note.indexOf('\n'))
    const trusted = trust.byOrigin.get(origin)
    if (trusted === undefined) {
      const what = 'the checkpoint of an earlier audit is of no log that a nation has certified'
      findings(null)('CHECKPOINT_SIGNATURE', what)
      continue
    }
    const opened = openNote(note, trusted)
    if (isFault(opened))
      findings(trusted.member.nation)(opened.code, `seen by an earlier audit: ${opened.message}`)
    else checkpoints.compare(opened, trusted, 'an earlier audit')
  }
}

/** Compares the largest checkpoints that a nation holds of its partners. */
export function checkPartnerCheckpoints(
  holder: NationAudit,
  trust: Trust,
  openNote: OpenNote,
  checkpoints: HeldCheckpoints,
  found: AddFinding,
): void {
  for (const { origin, note } of holder.bundle.partnerCheckpoints) {
    const trusted = trust.byOrigin.get(origin)
    if (trusted === undefined) {
      found(
        'CHECKPOINT_SIGNATURE',
        `a checkpoint is held of ${origin}, which no nation has certified`,
      )
      continue
    }
    const opened = openNote(note, trusted)
    if (isFault(opened)) found(opened.code, `held of ${trusted.member.nation}: ${opened.message}`)
    else if (opened.fault?.code === 'COSIGNATURE_INVALID')
      found(opened.fault.code, `held of ${trusted.member.nation}: ${opened.fault.message}`)
    else checkpoints.compare(opened, trusted, holder.nation)
  }
}
