import {
  Acknowledgement,
  acknowledgementType,
  type Fragment,
  type Opening,
  openJws,
  peekJws,
  toHex,
} from '@entente/schema'
import { formatBase64, formatTlogProof } from '@entente/tlog'
import type { Deps, Partner } from '../deps.ts'
import type { Publisher } from '../log/publisher.ts'
import type { LoggedStatement, ReleaseLog } from '../log/release-log.ts'
import type { Channel } from '../ports/transport.ts'
import {
  decodeFrame,
  encodeFrame,
  RecipientFrame,
  type SenderFrame,
  type StatementFrame,
} from './frames.ts'

export interface FeedSource {
  readonly deps: Deps
  readonly log: ReleaseLog
  readonly publisher: Publisher
  /** `control`: control feeds; `feed`: dataset feeds. */
  readonly which: 'control' | 'feed'
  /** False while this node must serve no body. */
  readonly mayServe: () => boolean
  /** Digest of the policy in force now, or null. */
  readonly policyDigest: () => string | null
  /** Calls back whenever something may have become sendable. */
  readonly onNews: (listener: () => void) => () => void
  /** A partner acknowledged. */
  readonly onAcknowledged: () => void
}

/** A partner with nothing new still gets a proof of that, when the checkpoint was cosigned again. */
const heartbeatMs = 600_000

interface OutFeed {
  readonly feed: string
  readonly dataset: string
  readonly seq: number
}

/**
 * Streams this node's statements to the one nation they name, for as long as the channel lives. The recipient is who
 * the handshake says it is. Statements below the published size go in feed order; a narrowing statement that is not
 * published yet goes at once as a notice. Bodies go only if the recipient may have them now.
 */
export async function serveFeed(
  source: FeedSource,
  channel: Channel,
  partner: Partner,
): Promise<void> {
  const { deps, log, publisher, which } = source
  const { db } = deps
  const me = partner.nation
  /** Next seq to send, by feed. */
  const next = new Map<string, number>()
  const noticed = new Set<string>()
  let sentSize: number | null = null
  let headSent = 0
  let headAtMs = 0
  let wakeUp: () => void = () => {}
  const ended = new AbortController()

  const feeds = (): OutFeed[] =>
    db
      .prepare(
        `SELECT feed, dataset, seq FROM feed_out WHERE recipient = ? AND dataset ${which === 'control' ? '=' : '<>'} '' ORDER BY dataset`,
      )
      .all(me)
      .map((row) => ({
        feed: row['feed'] as string,
        dataset: row['dataset'] as string,
        seq: row['seq'] as number,
      }))
  const paused = () => db.prepare('SELECT 1 FROM paused WHERE nation = ?').get(me) !== undefined
  const send = (frame: SenderFrame) => channel.send(encodeFrame(frame), { signal: ended.signal })

  const base = (size: number) => {
    const from = Math.min(sentSize ?? 0, size)
    const hashes = from === 0 || from === size ? [] : log.consistency(from, size).map(formatBase64)
    sentSize = size
    return { size: from, hashes }
  }
  const proofOf = (statement: LoggedStatement, size: number, checkpoint: string) =>
    formatTlogProof({
      index: statement.index,
      hashes: log.inclusion(statement.index, size),
      checkpoint,
    })

  const openingsOf = (
    statement: LoggedStatement,
  ): { openings: Opening[]; bodies: (Fragment | null)[] } => {
    const rows = db
      .prepare('SELECT record, opening, body FROM entry_out WHERE idx = ?')
      .all(statement.index)
    const openings: Opening[] = []
    const bodies: (Fragment | null)[] = []
    const nowMs = deps.clock.nowMs()
    const policy = source.policyDigest()
    for (const row of rows) {
      const opening = JSON.parse(row['opening'] as string) as Opening
      if (opening[1].op === 'drop') {
        openings.push(opening)
        bodies.push(null)
        continue
      }
      if (row['body'] === null || !source.mayServe()) continue
      const held = db
        .prepare(
          'SELECT digest, policy, valid_until FROM held WHERE recipient = ? AND record = ? AND record NOT IN (SELECT record FROM dirty)',
        )
        .get(me, row['record'] as string)
      const until = held?.['valid_until'] as number | null | undefined
      // Served only if decided under the policy in force, still valid, and still the latest put.
      if (held === undefined || held['policy'] !== policy || held['digest'] !== opening[1].digest)
        continue
      if (until != null && until <= nowMs) continue
      openings.push(opening)
      bodies.push(JSON.parse(row['body'] as string) as Fragment)
    }
    return { openings, bodies }
  }

  /** A body here must be decided again before it may go: the policy or the record has changed. */
  const undecided = (statement: LoggedStatement): boolean =>
    db
      .prepare(
        'SELECT 1 FROM entry_out JOIN dirty USING (record) WHERE idx = ? AND body IS NOT NULL LIMIT 1',
      )
      .get(statement.index) !== undefined

  const policiesSent = new Set<number>()
  const policyOf = (statement: LoggedStatement, size: number): StatementFrame['policy'] => {
    const { policy } = peekJws(statement.jws).payload as { readonly policy?: number }
    if (policy === undefined || policiesSent.has(policy)) return undefined
    const logged = log.statement(policy)
    if (logged === null) return undefined
    policiesSent.add(policy)
    return {
      jws: logged.jws,
      salt: toHex(logged.salt),
      index: policy,
      hashes: log.inclusion(policy, size).map(formatBase64),
    }
  }

  const sendNotices = async (publishedSize: number): Promise<void> => {
    if (which === 'control') return
    const rows = db
      .prepare(
        'SELECT statement.idx FROM statement JOIN feed_out USING (feed) WHERE recipient = ? AND statement.idx >= ? ORDER BY statement.idx',
      )
      .all(me, paused() ? 0 : publishedSize)
    for (const row of rows) {
      const statement = log.statement(row['idx'] as number)
      if (statement === null || noticed.has(statement.hash)) continue
      const payload = peekJws(statement.jws).payload as {
        readonly effect?: string
        readonly feed: string | null
        readonly seq: number
      }
      const feed = payload.feed ?? statement.hash
      if (payload.effect !== 'narrow' || payload.seq < (next.get(feed) ?? 0)) continue
      noticed.add(statement.hash)
      const { size, note } = log.head()
      const { openings } = openingsOf(statement)
      await send({
        t: 'notice',
        jws: statement.jws,
        salt: toHex(statement.salt),
        proof: proofOf(statement, size, note ?? ''),
        openings,
      })
    }
  }

  const sendStatements = async (): Promise<boolean> => {
    let sent = false
    for (const { feed, seq: last } of feeds()) {
      for (let seq = next.get(feed) ?? 0; seq <= last; seq++) {
        const published = publisher.published()
        const statement = log.statementInFeed(feed, seq)
        if (statement === null || statement.index >= published.size || ended.signal.aborted) break
        const effect = (peekJws(statement.jws).payload as { readonly effect?: string }).effect
        if (effect === 'widen' && (paused() || !source.mayServe() || undecided(statement))) break
        const policy = policyOf(statement, published.size)
        deps.onStep('feed:sending')
        await send({
          t: 'statement',
          jws: statement.jws,
          salt: toHex(statement.salt),
          proof: proofOf(statement, published.size, published.note),
          base: base(published.size),
          ...(policy === undefined ? {} : { policy }),
          ...openingsOf(statement),
        })
        deps.onStep('feed:sent')
        headSent = published.size
        next.set(feed, seq + 1)
        sent = true
      }
    }
    return sent
  }

  const pump = async (): Promise<void> => {
    while (!ended.signal.aborted) {
      const news = new Promise<void>((resolve) => {
        wakeUp = resolve
      })
      if (sentSize !== null) {
        await sendNotices(publisher.published().size)
        const sent = await sendStatements()
        const published = publisher.published()
        const isDue = published.size > headSent || deps.clock.nowMs() - headAtMs > heartbeatMs
        if (which === 'feed' && !sent && isDue && published.size > 0) {
          headSent = published.size
          headAtMs = deps.clock.nowMs()
          await send({ t: 'head', checkpoint: published.note, base: base(published.size) })
        }
        if (sent) continue
      }
      await news
    }
  }

  const resume = async (frame: Extract<RecipientFrame, { t: 'resume' }>): Promise<void> => {
    next.clear()
    policiesSent.clear()
    headAtMs = 0
    const known = frame.checkpoint
    const size = log.head().size
    if (
      known !== null &&
      (known.size > size || formatBase64(log.rootAt(known.size)) !== known.root)
    ) {
      deps.journal.refused({
        from: me,
        code: 'FOREIGN_HEAD',
        message: `${me} holds a checkpoint of our log at size ${known.size} that is not ours`,
      })
      throw new Error('the recipient holds another history of this log')
    }
    for (const { feed, seq, hash } of frame.feeds) {
      const statement = log.statementInFeed(feed, seq)
      if (statement?.hash === hash) next.set(feed, seq + 1)
    }
    sentSize = known?.size ?? 0
    // Queued before the pump can run again: nothing from before follows it.
    await send({ t: 'resumed' })
  }

  const again = async (frame: Extract<RecipientFrame, { t: 'again' }>): Promise<void> => {
    const own = db
      .prepare('SELECT 1 FROM feed_out WHERE feed = ? AND recipient = ?')
      .get(frame.feed, me)
    const statement = own === undefined ? null : log.statementInFeed(frame.feed, frame.seq)
    if (statement === null || paused()) return
    const { openings, bodies } = openingsOf(statement)
    const row = db
      .prepare('SELECT opening FROM entry_out WHERE idx = ? AND digest = ?')
      .get(statement.index, frame.entry)
    const at = openings.findIndex(
      (opening) =>
        JSON.stringify(opening[0]) ===
        JSON.stringify(
          (JSON.parse((row?.['opening'] as string | undefined) ?? '[null]') as unknown[])[0],
        ),
    )
    const opening = openings[at]
    const body = bodies[at]
    if (opening !== undefined && body != null)
      await send({ t: 'body', feed: frame.feed, seq: frame.seq, opening, body })
  }

  const acknowledged = (jws: string): void => {
    const ack = Acknowledgement.parse(
      openJws(jws, acknowledgementType, partner.statementKey, deps.verify),
    )
    const statement = log.statementInFeed(ack.feed, ack.seq)
    const own = db
      .prepare('SELECT 1 FROM feed_out WHERE feed = ? AND recipient = ?')
      .get(ack.feed, me)
    if (
      ack.by !== me ||
      ack.to !== deps.nation ||
      own === undefined ||
      statement?.hash !== ack.statement
    ) {
      deps.journal.refused({
        from: me,
        code: 'ACK_FORM',
        message: `an acknowledgement of ${me} names no statement of ours`,
      })
      return
    }
    db.prepare(
      'INSERT INTO ack_received(feed, seq, jws, refused, unopened, at_ms) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT(feed) DO UPDATE SET seq = excluded.seq, jws = excluded.jws, refused = excluded.refused, unopened = excluded.unopened, at_ms = excluded.at_ms WHERE excluded.seq >= ack_received.seq',
    ).run(ack.feed, ack.seq, jws, ack.refused.length, ack.unopened, deps.clock.nowMs())
    deps.onStep('feed:acknowledged')
    source.onAcknowledged()
  }

  const stopListening = source.onNews(() => wakeUp())
  const pumping = pump().catch((error: unknown) => {
    if (!ended.signal.aborted)
      channel.abort(error instanceof Error ? error : new Error(String(error)))
  })
  try {
    for await (const bytes of channel.frames) {
      const frame = decodeFrame(bytes, RecipientFrame)
      if (frame.t === 'resume') await resume(frame)
      else if (frame.t === 'ack') acknowledged(frame.jws)
      else await again(frame)
      wakeUp()
    }
  } finally {
    ended.abort()
    stopListening()
    wakeUp()
    await pumping
  }
}
