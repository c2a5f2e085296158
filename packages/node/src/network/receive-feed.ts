import { z } from 'zod'
import type { Admission } from '../admit/admit.ts'
import { AdmitError } from '../admit/codes.ts'
import { whereMalformed } from '../admit/where-malformed.ts'
import type { Deps, Partner } from '../deps.ts'
import {
  decodeFrame,
  encodeFrame,
  type RecipientFrame,
  SenderFrame,
  type StatementFrame,
} from '../feed/frames.ts'
import { MOST_PENDING, MOST_PENDING_CHARS, openPending } from '../feed/pending.ts'
import { standingOf } from '../gossip/standing.ts'
import { statementHash } from '../log/leaf.ts'
import type { Channel } from '../ports/transport.ts'
import { createAskAgain } from './ask-again.ts'
import { createRateLimit, type Rate } from './rate-limit.ts'
import { acknowledgementsOf, resumeOf } from './recipient-frames.ts'
import { placeOf } from './stopped-feeds.ts'

/** How often the standing of a log that is not admitted is looked at. */
const STANDING_MS = 2_000
/** How often a stream starts again at once since the other has moved the checkpoint on; a sender can say so for ever. */
const REBASE_RATE: Rate = { burst: 20, perSecond: 1 }
const REBASE_MS = 1_000
/** So many feeds may wait behind what was refused; then the stream does. */
const MOST_WAITING = 8

export interface FeedSink {
  readonly deps: Deps
  readonly admission: Admission
  readonly which: 'control' | 'feed'
  /** False while this node may have lost state: then it acknowledges nothing, so it takes nothing in. */
  readonly mayReceive: () => boolean
  /**
   * @param what `proof`: nothing came but a newer proof of what was there; `known`: not even that
   * @param isWaiting feeds wait behind what was refused
   */
  readonly onAdmitted: (what: 'content' | 'proof' | 'known', isWaiting: boolean) => void
  /** Something was refused. */
  readonly onRefused: (message: string) => void
  /** Something was refused, and more waits for it. @param jws of a statement: what follows it in its feed; null: all that the stream has */
  readonly onStopped: (message: string, jws: string | null) => void
  readonly signal: AbortSignal
}

/**
 * Reads one partner's feeds for as long as the channel lives. A bad body is quarantined and asked for again, a bad
 * statement stops its feed until the next resume, bad evidence ends the channel; other feeds and partners are not touched. What takes
 * back is carried out wherever it comes.
 */
export async function receiveFeed(
  sink: FeedSink,
  channel: Channel,
  partner: Partner,
): Promise<void> {
  const { deps, admission, which, signal } = sink
  const send = (frame: RecipientFrame) => channel.send(encodeFrame(frame), { signal })
  let skipping = true
  /** Resumes that the sender has still to answer. */
  let unanswered = 0
  /** Bodies asked for: no others are taken. */
  let wanted = 0
  const rebased = createRateLimit(REBASE_RATE)
  let timer: NodeJS.Timeout | undefined
  let failures = 0
  /** Feeds of which a statement was refused: what follows it in them waits for the next resume. */
  const waiting = new Set<string>()
  /** That resume has its time. */
  let isDue = false
  /** The last of them that was refused. */
  let refusedFeed: string | undefined
  let barred: string | null = null

  /** Closed contents of statements that have no quorum yet. */
  const pending = new Map<string, string>()
  const pendingChars = () => [...pending.values()].reduce((sum, { length }) => sum + length, 0)
  const opened = (frame: StatementFrame): StatementFrame => {
    const { key, ...rest } = frame
    const hash = statementHash(frame.jws)
    const closed = pending.get(hash)
    pending.delete(hash)
    if (key === undefined) return rest
    const content = closed === undefined ? null : openPending(closed, hash, key)
    if (content !== null) return { ...rest, ...content }
    throw new AdmitError(
      'statement',
      'PENDING_CONTENT',
      `${partner.nation} has sent a key that opens nothing that came ahead of its quorum`,
    )
  }

  const resume = async (): Promise<void> => {
    skipping = true
    isDue = false
    unanswered++
    pending.clear()
    waiting.clear()
    await send(resumeOf(deps, which, partner))
    // The last word on each feed may have been lost with the connection or with either process.
    for (const jws of acknowledgementsOf(deps, which, partner)) await send({ t: 'ack', jws })
  }
  const abort = (error: unknown) =>
    channel.abort(error instanceof Error ? error : new Error(String(error)))
  /** Once the log stands well again, everything that was refused is asked for. */
  const awaitStanding = (): void => {
    clearTimeout(timer)
    timer = setTimeout(() => {
      const policy = deps.roster.witnessPolicy
      const nowMs = deps.clock.nowMs()
      if (standingOf({ db: deps.db, nowMs, policy }, partner.log.origin).kind !== 'good')
        return awaitStanding()
      barred = null
      resume().catch(abort)
    }, STANDING_MS)
    timer.unref()
  }
  /** The sender cannot shorten it. */
  const resumeIn = (ms: number): void => {
    isDue = true
    clearTimeout(timer)
    timer = setTimeout(() => resume().catch(abort), ms)
    timer.unref()
  }
  /** What a statement takes back is hidden if it can be, and comes again in its place if not. */
  const passing = (work: () => void, isToldOf = (_: AdmitError): boolean => false): void => {
    try {
      work()
    } catch (error) {
      if (!(error instanceof AdmitError) || isToldOf(error)) throw error
    }
  }
  const ask = (frame: RecipientFrame): Promise<void> => {
    wanted++
    return send(frame)
  }
  using askAgain = createAskAgain(deps, partner, ask, abort)

  const take = async (frame: SenderFrame): Promise<void> => {
    if (frame.t === 'resumed') {
      if (unanswered > 0 && --unanswered === 0) skipping = false
      return
    }
    if (skipping && frame.t === 'statement') passing(() => admission.hide(partner, frame))
    if (skipping && frame.t !== 'notice') return
    let what: Parameters<FeedSink['onAdmitted']>[0] = 'content'
    switch (frame.t) {
      case 'statement': {
        const feed = placeOf(frame.jws)?.feed
        if (feed !== undefined && waiting.has(feed))
          return passing(
            () => admission.passOver(partner, frame),
            ({ stage }) => stage === 'evidence',
          )
        const ack = admission.statement(partner, opened(frame))
        await send({ t: 'ack', jws: ack })
        deps.onStep('admit:acknowledged')
        if (refusedFeed === undefined || feed === refusedFeed) failures = 0
        break
      }
      case 'pending': {
        // Not asked for, or more than anybody sends: not kept, and asked for again if a key comes.
        const { pendingQuorum } = deps.roster.witnessPolicy
        const isFull = pending.size >= MOST_PENDING || pendingChars() >= MOST_PENDING_CHARS
        if (pendingQuorum === true && which === 'feed' && !isFull)
          pending.set(frame.statement, frame.closed)
        return
      }
      case 'notice':
        admission.notice(partner, frame)
        break
      case 'head':
        what = admission.head(partner, frame) ? 'proof' : 'known'
        break
      case 'body': {
        if (wanted === 0) return
        wanted--
        const ack = admission.body(partner, frame)
        if (ack !== null) await send({ t: 'ack', jws: ack })
        break
      }
    }
    admission.reopen(partner)
    sink.onAdmitted(what, waiting.size > 0)
    askAgain.check()
  }

  /** Its successors in its feed cannot be admitted either; after a pause the sender is asked to start again from our head. */
  const stop = (frame: SenderFrame): void => {
    if (frame.t === 'statement') {
      passing(() => admission.passOver(partner, frame))
      refusedFeed = placeOf(frame.jws)?.feed
    }
    if (frame.t === 'statement' && refusedFeed !== undefined && waiting.size < MOST_WAITING)
      waiting.add(refusedFeed)
    else if (frame.t !== 'notice') skipping = true
    if (!isDue) resumeIn(Math.min(1_000 * 2 ** failures++, 60_000))
  }

  const end = () => channel.abort(new Error('the node is closing'))
  signal.addEventListener('abort', end, { once: true })
  try {
    await resume()
    askAgain.check()
    for await (const bytes of channel.frames) {
      if (signal.aborted || !sink.mayReceive()) break
      let frame: SenderFrame | null = null
      try {
        frame = readFrame(bytes, partner)
        await take(frame)
      } catch (error) {
        if (!(error instanceof AdmitError)) throw error
        // Two streams share one stored checkpoint: when the other has moved it on, start from there.
        if (error.code === 'CHECKPOINT_BASE' || error.code === 'CHECKPOINT_ROLLBACK') {
          if (skipping) continue
          if (!isDue && rebased.take(partner.nation)) await resume()
          else {
            skipping = true
            if (!isDue) resumeIn(REBASE_MS)
          }
          continue
        }
        // Nothing of this log is admitted now, but what it takes back is hidden: it may go on.
        if (error.code === 'ORIGIN_FORKED' || error.code === 'ORIGIN_UNPROVEN') {
          if (barred !== error.code) {
            barred = error.code
            deps.journal.refused({ from: partner.nation, code: error.code, message: error.message })
          }
          sink.onRefused(error.message)
          awaitStanding()
          continue
        }
        deps.journal.refused({ from: partner.nation, code: error.code, message: error.message })
        const stopped = frame?.t === 'statement' ? frame.jws : null
        if (stopped !== null || error.stage === 'evidence') sink.onStopped(error.message, stopped)
        if (error.stage === 'evidence') throw error
        sink.onRefused(error.message)
        if (frame !== null) stop(frame)
      }
    }
  } finally {
    signal.removeEventListener('abort', end)
    clearTimeout(timer)
  }
}

/** What a parser says of a frame repeats what stands there: none of it is passed on. */
function readFrame(bytes: Uint8Array, { nation }: Partner): SenderFrame {
  try {
    return decodeFrame(bytes, SenderFrame)
  } catch (error) {
    const where = error instanceof z.ZodError ? whereMalformed(error) : 'malformed'
    throw new AdmitError('evidence', 'FRAME_FORM', `a frame of ${nation} is ${where}`)
  }
}
