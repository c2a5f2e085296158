import { type Hash, toHex, utf8, type Verify } from '@entente/schema'
import {
  addCheckpoint,
  equalBytes,
  type Log,
  parseCheckpoint,
  parseNote,
  type Signer,
  type WitnessedLog,
} from '@entente/tlog'
import type { Database } from '../adapters/sqlite-database.ts'
import type { Clock } from '../ports/clock.ts'
import { isForked, keepEvidence } from './fork-evidence.ts'
import type { WitnessState } from './witness-state.ts'

export const witnessProtocol = '/entente/tlog-witness/1'

/** Answers witness requests: `<status>\n<body>`, bodies as in C2SP tlog-witness. */
export interface Witness {
  readonly answer: (request: string) => string
  /** Why it cosigns nothing until its key is rotated, or null. */
  readonly lost: () => string | null
}

export interface WitnessDeps {
  readonly db: Database
  readonly clock: Clock
  readonly hash: Hash
  readonly verify: Verify
  readonly cosigner: Signer
  readonly state: WitnessState
  /** Logs that it cosigns, by origin. */
  readonly logs: ReadonlyMap<string, Log>
  /** Its own log, which it never cosigns. */
  readonly own?: string
  /** Why it cosigns nothing just now, or null. */
  readonly waits?: () => string | null
  /** What else is known of an origin at a size: a note that its log has signed. */
  readonly knownAt?: (origin: string, size: number) => string | null
  /** The largest checkpoint that is known of an origin, cosigned by it or not: a log that has lost its end asks for it. */
  readonly largest?: (origin: string) => string | null
  /** It has cosigned something of this origin, or has been shown two histories of it. */
  readonly onSeen?: (origin: string) => void
}

/**
 * The cosigner. What it cosigned is compared, stored and only then answered, in one transaction, so that two requests at once
 * cannot make it cosign two histories; then it is counted outside of the database, so that an old copy of it is found out.
 * 503: it may have lost state, or does not know yet. 403 besides what C2SP says: the log has signed two histories.
 */
export function createWitness(deps: WitnessDeps): Witness {
  const { db, clock, hash, verify, cosigner, state, logs, own } = deps
  const byOriginHash = new Map(
    [...logs.keys(), ...(own === undefined ? [] : [own])].map((origin) => [
      toHex(hash(utf8(origin))),
      origin,
    ]),
  )
  const findLog = (origin: string): WitnessedLog | undefined => {
    const log = logs.get(origin)
    if (log === undefined) return undefined
    const stored = state.stored(origin)
    return { key: log.key, ...(stored === undefined ? {} : { stored }) }
  }
  const fork = (origin: string, first: string, second: string): void =>
    keepEvidence(db, { origin, first, second, atMs: clock.nowMs() })

  const decide = (body: string): { readonly text: string; readonly seen?: string } => {
    const { update, evidence, status, ...answer } = addCheckpoint(body, {
      findLog,
      cosigner,
      timeS: Math.floor(clock.nowMs() / 1000),
      primitives: { sha256: hash, verify },
    })
    const text = `${status}\n${answer.body}`
    if (evidence !== undefined) {
      const { origin } = parseCheckpoint(parseNote(evidence.submitted).text)
      fork(origin, evidence.stored, evidence.submitted)
      return { text, seen: origin }
    }
    if (update === undefined) return { text }
    const { origin, next } = update
    const forked = `403\n${origin} has signed two histories: nothing of it is cosigned any more\n`
    if (isForked(db, origin)) return { text: forked }
    // What was learned otherwise counts as well as what was cosigned.
    const known = deps.knownAt?.(origin, next.size) ?? null
    if (known !== null && !equalBytes(parseCheckpoint(parseNote(known).text).root, next.root)) {
      fork(origin, known, next.note)
      return { text: forked, seen: origin }
    }
    state.keep(origin, next)
    return { text, seen: origin }
  }
  const cosign = (body: string): string => {
    const lost = state.lost()
    if (lost !== null)
      return `503\nthis witness may have lost state and cosigns nothing until its key is rotated: ${lost}\n`
    const why = deps.waits?.() ?? null
    if (why !== null) return `503\n${why}\n`
    const { text, seen } = db.transact(() => decide(body))
    if (text.startsWith('200\n')) state.noteCount()
    if (seen !== undefined) deps.onSeen?.(seen)
    return text
  }
  const largest = (originHash: string): string => {
    const origin = byOriginHash.get(originHash)
    if (origin === undefined) return '404\nunknown log\n'
    const known = origin === own ? null : (deps.largest?.(origin) ?? state.stored(origin)?.note)
    return known == null ? '404\nno checkpoint\n' : `200\n${known}`
  }
  return {
    answer: (request) => {
      const get = /^GET \/([0-9a-f]{64})\/checkpoint\n$/.exec(request)
      if (get?.[1] !== undefined) return largest(get[1])
      const post = 'POST /add-checkpoint\n\n'
      return request.startsWith(post)
        ? cosign(request.slice(post.length))
        : '400\nnot a witness request\n'
    },
    lost: state.lost,
  }
}
