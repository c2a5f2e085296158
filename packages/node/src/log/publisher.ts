import { peekJws, type Release, toHex } from '@entente/schema'
import {
  type Cosignature,
  countQuorum,
  formatAddCheckpoint,
  parseNote,
  parseSignatureLines,
  VerificationError,
  type VerifierKey,
  verifyCosignatures,
} from '@entente/tlog'
import type { Deps } from '../deps.ts'
import type { Transport } from '../ports/transport.ts'
import { witnessesFor } from '../witness/witness-set.ts'
import { type WitnessTarget, witnessTargets } from '../witness/witness-targets.ts'
import { createCosignedCheckpoints } from './cosigned-checkpoints.ts'
import { type PublishedLog, publishedLog } from './published-log.ts'
import type { ReleaseLog } from './release-log.ts'

/** The largest checkpoint that a quorum has cosigned: everything below its size may be read by its recipient. */
export interface Published extends PublishedLog {
  readonly cosignedBy: readonly string[]
}

/** Collects cosignatures, one checkpoint at a time; what is sealed meanwhile gathers under the next. */
export interface Publisher extends AsyncDisposable {
  readonly published: () => Published
  /** Something was sealed, or a partner came back. */
  readonly wake: () => void
  /**
   * A cosignature that did not come over the network.
   * @returns why it does not count, or null when it is stored
   * @throws {VerificationError} when it is not one of a witness of this log
   */
  readonly take: (size: number, answer: string) => string | null
  /** Resolves when the head of the log is published. */
  readonly settled: (signal: AbortSignal) => Promise<void>
  readonly on: (listener: (published: Published) => void) => () => void
  /** Witnesses, by nation or name, that have not cosigned the newest published or waiting checkpoint. */
  readonly missing: () => readonly string[]
}

const retryMs = [250, 1_000, 3_000, 10_000, 30_000]
const answerWithinMs = 10_000
/** How long a witness that was asked too often is left alone at first; each time in a row twice as long. */
const leaveAloneMs = [5_000, 10_000, 20_000, 40_000]
/** A cosignature older than this is renewed, so that partners see a fresh proof. */
const recosignMs = 3_600_000
/** Cosignatures that come after the quorum gather so long before listeners are told. */
const gatherMs = 250

export function createPublisher(
  deps: Deps,
  log: ReleaseLog,
  /** Null: this node has no network, and is given what bundles bring. */
  transport: Transport | null,
  mayPublish: () => boolean,
): Publisher {
  const { db, clock, verify, onStep } = deps
  const targets = witnessTargets(deps, transport)
  const { set, options } = witnessesFor(deps.nation, deps.roster)
  const knownSize = new Map<string, number>()
  /** Witnesses that answered 429, how often in a row and until when they are left alone. */
  const leftAlone = new Map<string, { readonly times: number; readonly untilMs: number }>()
  const listeners = new Set<(published: Published) => void>()
  const stop = new AbortController()
  const busy = new Set<string>()
  let onReached: () => void = () => {}
  let onWoken: () => void = () => {}
  let failures = 0
  /** Size of the head that the last run saw. */
  let looked = 0
  let running: Promise<void> | null = null
  let timer: NodeJS.Timeout | undefined

  const checkpoints = createCosignedCheckpoints(db, set.witnesses, verify)
  const namesOf = (cosigned: readonly Cosignature[]) => cosigned.map(({ key }) => key.name)
  const stored = publishedLog(db)
  let current: Published = { ...stored, cosignedBy: namesOf(checkpoints.of(stored.size)) }

  const ask = async (
    { name, ask: askFor }: WitnessTarget,
    size: number,
    text: string,
  ): Promise<string> => {
    const signal = AbortSignal.any([stop.signal, AbortSignal.timeout(answerWithinMs)])
    for (let attempt = 0; attempt < 2; attempt++) {
      const oldSize = Math.min(knownSize.get(name) ?? 0, size)
      const proof = oldSize === 0 || oldSize === size ? [] : log.consistency(oldSize, size)
      const body = formatAddCheckpoint({ oldSize, proof, checkpoint: text })
      const answer = await askFor(`POST /add-checkpoint\n\n${body}`, signal)
      if (answer.status === 200) {
        knownSize.set(name, size)
        leftAlone.delete(name)
        return answer.body
      }
      if (answer.status === 429) leaveAlone(name)
      if (answer.status !== 409)
        throw new Error(`witness ${name} answered ${answer.status}: ${answer.body.trim()}`)
      const stored = Number(answer.body)
      if (!Number.isSafeInteger(stored) || stored > log.head().size)
        throw new Error(`witness ${name} says it has seen size ${answer.body.trim()} of our log`)
      if (stored > size) throw new Error(`witness ${name} is already at ${stored}`)
      knownSize.set(name, stored)
    }
    throw new Error(`witness ${name} kept refusing the size it named`)
  }

  /**
   * Refuses a cosignature that its witness has dated by a clock too far from ours: partners would not count it, an auditor would hold
   * it against this log, and what is dated ahead could never be renewed.
   */
  const checkTime = ({ name, key }: WitnessTarget, text: string, answer: string): void => {
    const [cosigned] = answered(text, answer, [key])
    if (cosigned === undefined)
      throw new Error(`witness ${name} answered no cosignature of its own`)
    const offMs = cosigned.timeS * 1000 - clock.nowMs()
    if (Math.abs(offMs) > deps.roster.witnessPolicy.toleranceMs + answerWithinMs)
      throw new Error(
        `witness ${name} dates its cosignature ${Math.round(offMs / 1000)} s from our clock: one of the two is wrong`,
      )
  }
  const answered = (text: string, answer: string, witnesses: readonly VerifierKey[]) =>
    verifyCosignatures({ text, signatures: parseSignatureLines(answer) }, witnesses, verify)

  const leaveAlone = (name: string): void => {
    const times = (leftAlone.get(name)?.times ?? -1) + 1
    const forMs = leaveAloneMs[Math.min(times, leaveAloneMs.length - 1)] ?? 0
    leftAlone.set(name, { times, untilMs: performance.now() + forMs })
  }
  const isFree = ({ name }: WitnessTarget): boolean =>
    !busy.has(name) && (leftAlone.get(name)?.untilMs ?? 0) <= performance.now()

  const store = (size: number, answer: string): void => {
    const note = log.checkpointNote(size)
    if (note === null) return
    const added = answered(parseNote(note).text, answer, set.witnesses)
    const cosigned = checkpoints.with(size, added)
    onStep('publish:cosigned')
    const whole = checkpoints.keep(size, cosigned, isQuorum(cosigned) ? clock.nowMs() : null)
    if (whole === null) return
    const before = current.size
    if (size >= before) current = { size, note: whole, cosignedBy: namesOf(cosigned) }
    onReached()
    if (size < before) return
    onStep('publish:stored')
    if (size > before)
      deps.journal.published({ size: current.size, cosignatures: current.cosignedBy.length })
    if (size > before) tell()
    else straggled ??= setTimeout(tell, gatherMs).unref()
  }
  /** With thirty witnesses most cosignatures come after the quorum: they make nothing new readable, so who listens is told once of many. */
  let straggled: NodeJS.Timeout | undefined
  const tell = (): void => {
    clearTimeout(straggled)
    straggled = undefined
    if (!stop.signal.aborted) for (const listener of listeners) listener(current)
  }
  const isQuorum = (cosigned: readonly Cosignature[]): boolean => {
    try {
      countQuorum(cosigned, set, options)
      return true
    } catch (error) {
      if (error instanceof VerificationError) return false
      throw error
    }
  }

  /** Asks one witness; a slow one is not asked again meanwhile, and holds up nobody once the quorum is reached. */
  const askOne = async (target: WitnessTarget, size: number, text: string): Promise<void> => {
    busy.add(target.name)
    try {
      const answer = await ask(target, size, text)
      checkTime(target, parseNote(text).text, answer)
      store(size, answer)
      failures = 0
    } catch (error) {
      if (stop.signal.aborted) return
      const message = error instanceof Error ? error.message : String(error)
      deps.journal.fault({ where: 'cosign', code: 'WITNESS', message })
    } finally {
      busy.delete(target.name)
    }
  }

  /** Witnesses whose cosignature on the largest checkpoint is missing, or older than an hour. */
  const lacking = (): readonly WitnessTarget[] => {
    const { size, note } = log.head()
    if (note === null) return []
    const oldestS = (clock.nowMs() - recosignMs) / 1000
    const fresh = new Set(
      checkpoints
        .of(size)
        .filter(({ timeS }) => timeS >= oldestS)
        .map(({ key }) => toHex(key.publicKey)),
    )
    return targets.filter(({ key }) => !fresh.has(toHex(key.publicKey)))
  }

  /** Cosigns the head until it is published and nothing newer waits; stragglers are asked again later. */
  const run = async (): Promise<void> => {
    looked = log.head().size
    if (transport === null) return
    while (!stop.signal.aborted && mayPublish()) {
      const { size, note } = log.head()
      looked = size
      const missing = lacking()
      if (note === null || missing.length === 0) return
      // Its file may have been refused by the disk when this was sealed.
      log.noteHead()
      const reached = new Promise<void>((resolve) => {
        onReached = resolve
      })
      const woken = new Promise<void>((resolve) => {
        onWoken = resolve
      })
      const asked = missing.filter(isFree).map((target) => askOne(target, size, note))
      const all = Promise.all(asked)
      // Stragglers of a published head are not waited for once there is something newer.
      await Promise.race([all, current.size < size ? reached : woken])
      if (current.size >= size && log.head().size > size) continue
      if (lacking().length === 0) return
      clearTimeout(timer)
      timer = setTimeout(wake, retryMs[Math.min(failures++, retryMs.length - 1)] ?? 1_000)
      timer.unref()
      return
    }
  }
  const wake = (): void => {
    onWoken()
    if (running !== null || stop.signal.aborted) return
    running = run()
      .catch((error: unknown) => {
        deps.journal.fault({ where: 'publish', code: 'PUBLISH', message: String(error) })
        clearTimeout(timer)
        timer = setTimeout(wake, retryMs[Math.min(failures++, retryMs.length - 1)] ?? 1_000)
        timer.unref()
      })
      .finally(() => {
        running = null
        // Sealed while the last group was ending. A head that was looked at waits for the timer or a partner.
        if (!stop.signal.aborted && log.head().size > looked && failures === 0) wake()
      })
  }
  const hourly = setInterval(wake, recosignMs / 4)
  hourly.unref()

  /**
   * A witness that was asked by courier dates its cosignature when the bundle came to it. What widens was decided before that, or
   * after this; else recipients would refuse it as decided yesterday.
   */
  const take = (size: number, answer: string): string | null => {
    const checkpoint = log.checkpointNote(size)
    if (checkpoint === null) return `this log has no checkpoint of size ${size}`
    if (!mayPublish())
      return 'nothing is published just now: see entente status, then import the bundle once more'
    const { toleranceMs } = deps.roster.witnessPolicy
    for (const { key, timeS } of answered(parseNote(checkpoint).text, answer, set.witnesses)) {
      const atMs = timeS * 1000
      if (atMs > clock.nowMs() + toleranceMs)
        return `${key.name} has dated its cosignature ${new Date(atMs).toISOString()}, which is yet to come: one of the two clocks is wrong`
      const widened = db
        .prepare(
          "SELECT jws FROM statement WHERE kind = 'release' AND jws IS NOT NULL AND idx >= ? AND at_ms < ?",
        )
        .all(size, atMs - toleranceMs)
        .some((each) => effectOf(each['jws'] as string) === 'widen')
      if (size > current.size && widened)
        return `a cosignature of size ${size} came too late: something has been released since, and before it`
    }
    store(size, answer)
    return null
  }

  return {
    published: () => current,
    take,
    wake: () => {
      failures = 0
      wake()
    },
    settled: async (signal) => {
      while (current.size < log.head().size) {
        signal.throwIfAborted()
        await new Promise((resolve) => setTimeout(resolve, 25))
      }
    },
    on: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    missing: () => lacking().map(({ name }) => name),
    [Symbol.asyncDispose]: async () => {
      stop.abort()
      clearTimeout(timer)
      clearTimeout(straggled)
      clearInterval(hourly)
      await running
      while (busy.size > 0) await new Promise((resolve) => setTimeout(resolve, 5))
    },
  }
}

const effectOf = (jws: string) => (peekJws(jws).payload as unknown as Release).effect
