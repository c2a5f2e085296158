import { toHex, utf8 } from '@entente/schema'
import { openCheckpoint, VerificationError } from '@entente/tlog'
import type { Deps } from '../deps.ts'
import { revokedPartners } from '../pairing/pairing-store.ts'
import type { Transport } from '../ports/transport.ts'
import { isForked, ownForkWords } from '../witness/fork-evidence.ts'
import { type WitnessTarget, witnessTargets } from '../witness/witness-targets.ts'
import type { HeadFile } from './head-file.ts'
import type { ReleaseLog } from './release-log.ts'
import { frozenByShown, holds, keepShown } from './shown-notes.ts'

/** `asking`: nobody has confirmed yet that our log is whole. `frozen`: it is not, or we cannot tell. */
export type GuardState = { readonly state: 'asking' | 'serving' | 'frozen'; readonly words: string }

/** Decides whether this node may sign: a log that may have lost its end must never be signed forward. */
export interface StartGuard {
  readonly state: () => GuardState
  /** Asks every reachable witness for the largest note under our key; the first one not larger lets us serve. */
  readonly ask: () => Promise<void>
  readonly on: (listener: () => void) => void
  /**
   * A partner has shown the largest note that it knows of our log. One that is larger than we hold, under our key, freezes this node.
   * @returns whether it is of a tree that we hold
   */
  readonly told: (name: string, note: string) => boolean
  /**
   * Somebody has proof that this log has two histories, or it must end: from here on nothing is signed until the node is started again,
   * and nothing then either where the proof is kept.
   */
  readonly freeze: (words: string) => void
}

export function createStartGuard(
  deps: Deps,
  log: ReleaseLog,
  headFile: HeadFile,
  transport: Transport | null,
  /** Why nobody is asked, in words; false: partners are. */
  alone: string | false,
  /** Why the keys of this node are not fit to sign with, or null. */
  keyFault: string | null,
  /** Leaves of the log when this process, which was serving, closed the node a moment ago; else null. */
  resumedAt: number | null = null,
): StartGuard {
  const listeners = new Set<() => void>()
  let state: GuardState =
    keyFault !== null
      ? { state: 'frozen', words: keyFault }
      : isForked(deps.db, deps.origin)
        ? { state: 'frozen', words: ownForkWords }
        : checkOwn(log, headFile)
  const shown = state.state === 'asking' ? frozenByShown(deps, log, deps.self.log) : null
  if (shown !== null) state = { state: 'frozen', words: shown }
  const become = (next: GuardState): void => {
    if (next.state === state.state) return
    state = next
    if (next.state === 'frozen') deps.journal.frozen({ reason: next.words })
    for (const listener of listeners) listener()
  }
  /** Others have seen this log, and may know more of it than this folder does. */
  const hasHadPartners =
    deps.db.prepare("SELECT 1 FROM checkpoint WHERE cosigs <> '' LIMIT 1").get() !== undefined ||
    revokedPartners(deps.db).length > 0
  const isLone = deps.partners.size === 0
  if (state.state === 'asking' && (alone !== false || (isLone && !hasHadPartners)))
    state = { state: 'serving', words: alone || ALONE }
  // The folder was under this process's lock all the while: nobody need be asked again. A node that was alone until now, and has just been
  // paired, has asked nobody yet: it may be an old copy of one that was paired before.
  const isResumed = resumedAt !== null && hasHadPartners && log.head().size >= resumedAt
  if (state.state === 'asking' && isResumed)
    state = { state: 'serving', words: 'serving: opened again with its log whole' }
  if (state.state === 'asking' && isLone)
    state = {
      state: 'asking',
      words:
        'this node has had partners and has none now, so nobody can say whether its log is whole; nothing is signed: pair again, or serve --alone',
    }
  if (state.state === 'frozen') deps.journal.frozen({ reason: state.words })

  const wasPublished = (): boolean =>
    deps.db
      .prepare("SELECT 1 FROM checkpoint WHERE published_ms IS NOT NULL AND cosigs <> '' LIMIT 1")
      .get() !== undefined
  /** @returns true when this witness knows nothing larger than we hold */
  const askOne = async ({ name, ask }: WitnessTarget): Promise<boolean> => {
    const path = `GET /${toHex(deps.hash(utf8(deps.origin)))}/checkpoint\n`
    const answer = await ask(path, AbortSignal.timeout(5_000))
    // One that has never seen our log confirms a new one, not one that others have cosigned.
    if (answer.status === 404) return !wasPublished()
    return answer.status === 200 && told(name, answer.body)
  }
  const told = (name: string, note: string): boolean => {
    try {
      // Only a note under our own key can say that we signed more than we hold.
      const { checkpoint } = openCheckpoint(note, deps.self.log, deps.verify)
      if (holds(log, checkpoint)) return true
      const words = `${name} holds a checkpoint of our log at size ${checkpoint.size} that we do not have (we hold ${log.head().size}): this database is not the newest. ${waysOut}`
      keepShown(deps, { size: checkpoint.size, note, words })
      become({ state: 'frozen', words })
      return false
    } catch (error) {
      if (!(error instanceof VerificationError)) throw error
      return false
    }
  }
  return {
    state: () => state,
    on: (listener) => listeners.add(listener),
    told,
    freeze: (words) => {
      if (state.state !== 'frozen') deps.journal.frozen({ reason: words })
      state = { state: 'frozen', words }
      for (const listener of listeners) listener()
    },
    ask: async () => {
      if (transport === null || state.state === 'frozen') return
      const answers = await Promise.allSettled(witnessTargets(deps, transport).map(askOne))
      const whole = answers.some((answer) => answer.status === 'fulfilled' && answer.value)
      if (whole && state.state === 'asking')
        become({
          state: 'serving',
          words: 'serving: a witness confirmed that it holds nothing newer of our log',
        })
    },
  }
}

/** What a node says that was told to ask nobody. */
export const ALONE = 'serving alone: nobody was asked whether the log is whole'
/** What a node says that has no network. */
export const OFFLINE =
  'serving without a network: bundles alone say whether partners hold anything newer of our log'

/** What a frozen node can do; docs/recovery.md says more. */
const waysOut =
  'Start the newest copy of the folder instead; or `entente log recover` takes the missing leaves back from partners and backups; or `entente log retire` ends this log and begins the next. See docs/recovery.md'

function checkOwn(log: ReleaseLog, headFile: HeadFile): GuardState {
  const { size, root } = log.head()
  const noted = headFile.read()
  if (noted === null && size > 0)
    return {
      state: 'frozen',
      words: `the log-head file is missing, and the log holds ${size} leaves: this folder may be an old copy. ${waysOut}`,
    }
  if (noted !== null && noted > size)
    return {
      state: 'frozen',
      words: `the log-head file says ${noted} leaves, the database holds ${size}: the database is an old copy. ${waysOut}`,
    }
  if (size > 0 && toHex(log.rootAt(size)) !== toHex(root))
    return {
      state: 'frozen',
      words: `the tree of the log does not give its signed root at size ${size}: the database is damaged. ${waysOut}`,
    }
  return {
    state: 'asking',
    words:
      'asking partners whether they hold anything newer of our log; nothing is signed until one answers (or serve --alone)',
  }
}
