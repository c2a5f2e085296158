import { peekJws, toHex } from '@entente/schema'
import { formatBase64, formatTlogProof } from '@entente/tlog'
import { takeAcknowledgement } from '../acknowledge/take-acknowledgement.ts'
import type { Deps, Partner } from '../deps.ts'
import type { PublishedLog } from '../log/published-log.ts'
import type { LoggedStatement, ReleaseLog } from '../log/release-log.ts'
import type { Resent } from '../network/resent.ts'
import type { Channel } from '../ports/transport.ts'
import { currentBodies, currentBody, isUndecided } from './bodies.ts'
import {
  decodeFrame,
  encodeFrame,
  RecipientFrame,
  type SenderFrame,
  type StatementFrame,
} from './frames.ts'
import { closePending, formatPendingKey, MOST_PENDING, MOST_PENDING_CHARS } from './pending.ts'
import { hasAlert, urgentStatements } from './urgent.ts'

export interface FeedSource {
  readonly deps: Deps
  readonly log: ReleaseLog
  readonly publisher: { readonly published: () => PublishedLog }
  /** `control`: control feeds; `feed`: dataset feeds. */
  readonly which: 'control' | 'feed'
  /** False while this node must serve no body. */
  readonly mayServe: () => boolean
  /** Digest of the policy in force now, or null. */
  readonly ground: () => string | null
  /** Calls back whenever something may have become sendable. */
  readonly onNews: (listener: () => void) => () => void
  /** A partner acknowledged. */
  readonly onAcknowledged: () => void
  /** Paces what goes to a partner that had it before. */
  readonly resent?: Resent
  /** Everything that may go now is sent: a bundle is full. */
  readonly onIdle?: () => void
}

/** A partner with nothing new still gets a proof of that, when the checkpoint was cosigned again. */
const heartbeatMs = 600_000

/** How far one stream has come; a `resume` starts a new one. */
interface Position {
  /** Next seq to send, by feed. */
  readonly next: Map<string, number>
  readonly policies: Set<number>
  /** Sent ahead of the quorum, by statement: what was closed, and with which key. */
  readonly pending: Map<
    string,
    { readonly content: string; readonly key: Uint8Array; readonly chars: number }
  >
  pendingChars: number
  /** Size of the checkpoint that the recipient was shown last. */
  shown: number
  headAtMs: number
  /** Leaves below have been looked through for what takes away. */
  lookedTo: number
  /** So have, behind a pause, the statements of each feed below this seq. */
  readonly lookedBehind: Map<string, number>
}

/** What decides when a statement may go. */
interface InFeed {
  readonly feed: string | null
  readonly seq: number
  readonly effect?: 'widen' | 'narrow'
  readonly policy?: number
}
const placeOf = ({ jws }: LoggedStatement) => peekJws(jws).payload as unknown as InFeed

/**
 * Streams this node's statements to the one nation they name, for as long as the channel lives. The recipient is who
 * the handshake says it is. Statements below the published size go in feed order, alerts first; a narrowing statement that would come
 * late in its place goes at once as a notice, on the control stream, where no bodies are. Bodies go only if the recipient may have them now.
 */
export async function serveFeed(
  source: FeedSource,
  channel: Channel,
  partner: Partner,
): Promise<void> {
  const { deps, log, publisher, which } = source
  const { db, clock } = deps
  const recipient = partner.nation
  const noticed = new Set<string>()
  const ended = new AbortController()
  let position: Position | null = null
  let wakeUp: () => void = () => {}
  /** Counts what has become sendable, so that a long feed sees that something more urgent has. */
  let newsCount = 0

  const paused = () =>
    db.prepare('SELECT 1 FROM paused WHERE nation = ?').get(recipient) !== undefined
  const send = (frame: SenderFrame) => channel.send(encodeFrame(frame), { signal: ended.signal })
  const feeds = () =>
    db
      .prepare(
        `SELECT feed, seq FROM feed_out WHERE recipient = ? AND dataset ${which === 'control' ? '=' : '<>'} '' ORDER BY dataset`,
      )
      .all(recipient)
      .map((row) => ({ feed: row['feed'] as string, last: row['seq'] as number }))
  const proofOf = ({ index }: LoggedStatement, size: number, checkpoint: string) =>
    formatTlogProof({ index, hashes: log.inclusion(index, size), checkpoint })
  /** Consistency from what the recipient was shown last; from now on that is this size. */
  const baseOf = (at: Position, size: number) => {
    const from = Math.min(at.shown, size)
    at.shown = size
    return {
      size: from,
      hashes: from === 0 || from === size ? [] : log.consistency(from, size).map(formatBase64),
    }
  }
  const policyOf = (
    at: Position,
    index: number | undefined,
    size: number,
  ): StatementFrame['policy'] => {
    const logged = index === undefined || at.policies.has(index) ? null : log.statement(index)
    if (logged === null) return undefined
    at.policies.add(logged.index)
    const hashes = log.inclusion(logged.index, size).map(formatBase64)
    return { jws: logged.jws, salt: toHex(logged.salt), index: logged.index, hashes }
  }

  const sendNotice = async (statement: LoggedStatement): Promise<void> => {
    noticed.add(statement.hash)
    const { size, note } = log.head()
    const { openings } = currentBodies(source, recipient, statement)
    await send({
      t: 'notice',
      jws: statement.jws,
      salt: toHex(statement.salt),
      proof: proofOf(statement, size, note ?? ''),
      openings,
    })
  }
  /** The priority lane: on the control stream, behind which no bodies queue, goes at once what takes away. */
  const sendUrgent = async (at: Position): Promise<void> => {
    const from = at.lookedTo
    at.lookedTo = publisher.published().size
    for (const statement of urgentStatements(db, log, recipient, at.lookedTo, from)) {
      if (noticed.has(statement.hash)) continue
      await sendNotice(statement)
      if (position !== at || ended.signal.aborted) return
    }
  }
  /** What takes away and stands behind puts of a paused partner. */
  const sendBehindPause = async (at: Position): Promise<void> => {
    if (!paused()) return
    for (const { feed, last } of feeds())
      for (
        let seq = Math.max(at.next.get(feed) ?? 0, at.lookedBehind.get(feed) ?? 0);
        seq <= last;
        seq++
      ) {
        const statement = log.statementInFeed(feed, seq)
        if (statement !== null && statement.index >= publisher.published().size) break
        at.lookedBehind.set(feed, seq + 1)
        if (statement === null || noticed.has(statement.hash)) continue
        if (placeOf(statement).effect !== 'narrow') continue
        await sendNotice(statement)
        if (position !== at || ended.signal.aborted) return
      }
  }

  /** The key, if all that was sent ahead may still be had, and nothing else may; else openings and bodies themselves. */
  const contentOf = (
    at: Position,
    statement: LoggedStatement,
  ): Pick<StatementFrame, 'openings' | 'bodies' | 'key'> => {
    const current = currentBodies(source, recipient, statement)
    const ahead = at.pending.get(statement.hash)
    at.pending.delete(statement.hash)
    at.pendingChars -= ahead?.chars ?? 0
    if (ahead === undefined || ahead.content !== JSON.stringify(current)) return current
    return { openings: [], bodies: [], key: formatPendingKey(ahead.key) }
  }

  /** What widens and waits for its quorum goes ahead, closed, where the coalition has said so. */
  const sendPending = async (at: Position, feed: string, last: number): Promise<void> => {
    for (let seq = at.next.get(feed) ?? 0; seq <= last; seq++) {
      const statement = log.statementInFeed(feed, seq)
      if (statement === null || ended.signal.aborted || at.pending.size >= MOST_PENDING) return
      if (at.pendingChars >= MOST_PENDING_CHARS) return
      const isAhead = at.pending.has(statement.hash) || statement.index < publisher.published().size
      if (placeOf(statement).effect !== 'widen' || isAhead) continue
      if (paused() || isUndecided(source, recipient, statement)) return
      const content = JSON.stringify(currentBodies(source, recipient, statement, true))
      const key = deps.randomBytes(32)
      const closed = closePending(content, statement.hash, key)
      at.pending.set(statement.hash, { content, key, chars: closed.length })
      at.pendingChars += closed.length
      await send({ t: 'pending', statement: statement.hash, closed })
      if (position !== at) return
    }
  }

  const isUrgent = (at: Position, { feed }: { readonly feed: string }): boolean =>
    which === 'feed' && hasAlert(db, feed, at.next.get(feed) ?? 0)
  /** Feeds that still have an alert to send come first. */
  const inOrder = (at: Position) => {
    const all = feeds().map((one) => ({ ...one, urgent: isUrgent(at, one) }))
    return [...all.filter(({ urgent }) => urgent), ...all.filter(({ urgent }) => !urgent)]
  }

  /** @returns `moved`: a resume has moved the stream meanwhile; `overtaken`: an alert of another feed goes first */
  const sendFeed = async (
    at: Position,
    feed: string,
    last: number,
  ): Promise<'done' | 'moved' | 'overtaken'> => {
    let seen = newsCount
    for (let seq = at.next.get(feed) ?? 0; seq <= last; seq++) {
      const done = await source.resent?.turn(recipient, feed, seq, ended.signal)
      if (position !== at) return 'moved'
      const published = publisher.published()
      const statement = log.statementInFeed(feed, seq)
      if (statement === null || statement.index >= published.size || ended.signal.aborted) break
      const { effect, policy: index } = placeOf(statement)
      if (effect === 'widen' && (paused() || isUndecided(source, recipient, statement))) break
      const policy = policyOf(at, index, published.size)
      deps.onStep('feed:sending')
      at.next.set(feed, seq + 1)
      const sent = send({
        t: 'statement',
        jws: statement.jws,
        salt: toHex(statement.salt),
        proof: proofOf(statement, published.size, published.note),
        base: baseOf(at, published.size),
        ...(policy === undefined ? {} : { policy }),
        ...contentOf(at, statement),
      })
      done?.()
      await sent
      deps.onStep('feed:sent')
      if (position !== at) return 'moved'
      if (which === 'feed' && newsCount !== seen) {
        seen = newsCount
        const others = feeds().filter((other) => other.feed !== feed)
        if (others.some((other) => isUrgent(at, other)) && !isUrgent(at, { feed }))
          return 'overtaken'
      }
    }
    return 'done'
  }

  /** Everything that may go now; then, if the recipient has not seen the newest checkpoint, that. */
  const sendAll = async (at: Position): Promise<void> => {
    if (which === 'feed') await sendBehindPause(at)
    else await sendUrgent(at)
    for (let again = true; again; ) {
      again = false
      for (const { feed, last } of inOrder(at)) {
        const done = await sendFeed(at, feed, last)
        if (done === 'moved') return
        again = done === 'overtaken'
        if (again) break
      }
    }
    if (which === 'feed' && deps.roster.witnessPolicy.pendingQuorum === true)
      for (const { feed, last } of feeds()) await sendPending(at, feed, last)
    const { size, note } = publisher.published()
    // Somebody may have set the clock back.
    const isDue = size > at.shown || Math.abs(clock.nowMs() - at.headAtMs) > heartbeatMs
    if (which === 'control' || size === 0 || !isDue || position !== at) return
    at.headAtMs = clock.nowMs()
    await send({ t: 'head', checkpoint: note, base: baseOf(at, size) })
  }

  const pump = async (): Promise<void> => {
    while (!ended.signal.aborted) {
      let isNews = false
      const news = new Promise<void>((resolve) => {
        wakeUp = () => {
          isNews = true
          resolve()
        }
      })
      // A node that may have lost state says nothing about its log.
      if (position !== null && source.mayServe()) await sendAll(position)
      if (position !== null && !isNews) source.onIdle?.()
      await news
    }
  }

  const resume = async ({
    checkpoint,
    feeds: heads,
  }: Extract<RecipientFrame, { t: 'resume' }>): Promise<void> => {
    const isOurs =
      checkpoint === null ||
      (checkpoint.size <= log.head().size &&
        formatBase64(log.rootAt(checkpoint.size)) === checkpoint.root)
    if (!isOurs) {
      const message = `${recipient} holds a checkpoint of our log at size ${checkpoint.size} that is not ours`
      deps.journal.refused({ from: recipient, code: 'FOREIGN_HEAD', message })
      throw new Error('the recipient holds another history of this log')
    }
    const next = new Map<string, number>()
    // Thousands may be named that nobody gave to this nation: they are not looked up.
    const given = new Set(feeds().map(({ feed }) => feed))
    for (const { feed, seq, hash } of heads)
      if (given.has(feed) && log.hashInFeed(feed, seq) === hash) next.set(feed, seq + 1)
    // What was told ahead may have come while nothing was taken.
    noticed.clear()
    // Queued before the pump can send from the new position, and after all it sent from the old one.
    const told = send({ t: 'resumed' })
    position = {
      next,
      policies: new Set(),
      pending: new Map(),
      pendingChars: 0,
      shown: checkpoint?.size ?? 0,
      headAtMs: 0,
      lookedTo: 0,
      lookedBehind: new Map(),
    }
    await told
  }

  const again = async ({
    feed,
    seq,
    entry,
  }: Extract<RecipientFrame, { t: 'again' }>): Promise<void> => {
    const own = db
      .prepare('SELECT 1 FROM feed_out WHERE feed = ? AND recipient = ?')
      .get(feed, recipient)
    const statement = own === undefined || paused() ? null : log.statementInFeed(feed, seq)
    const current = statement === null ? null : currentBody(source, recipient, statement, entry)
    // Unknown, another's and forbidden get the same answer: none.
    if (current !== null) await send({ t: 'body', feed, seq, ...current })
  }

  const stopListening = source.onNews(() => {
    newsCount++
    wakeUp()
  })
  const pumping = pump().catch((error: unknown) => {
    if (!ended.signal.aborted)
      channel.abort(error instanceof Error ? error : new Error(String(error)))
  })
  try {
    for await (const bytes of channel.frames) {
      const frame = decodeFrame(bytes, RecipientFrame)
      if (frame.t === 'resume') await resume(frame)
      else if (frame.t === 'again') await again(frame)
      else {
        // What is known or refused makes nothing sendable.
        if (takeAcknowledgement(deps, log, partner, frame.jws) !== 'kept') continue
        source.onAcknowledged()
      }
      wakeUp()
    }
  } finally {
    ended.abort()
    stopListening()
    wakeUp()
    await pumping
  }
}
