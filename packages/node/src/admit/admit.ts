import { type Nation, peekJws, type Release } from '@entente/schema'
import { openCheckpoint, parseTlogProof } from '@entente/tlog'
import { giveAcknowledgement } from '../acknowledge/give-acknowledgement.ts'
import type { Deps, Partner } from '../deps.ts'
import type { BodyFrame, HeadFrame, NoticeFrame, StatementFrame } from '../feed/frames.ts'
import { standingOf } from '../gossip/standing.ts'
import { statementHash } from '../log/leaf.ts'
import type { View } from '../view/view.ts'
import { type CheckedEntry, checkEntries, type Refused } from './body.ts'
import { AdmitError } from './codes.ts'
import { admitEvidence, type ProvenCheckpoint } from './evidence.ts'
import { createHoldings } from './holdings.ts'
import { type AdmittedStatement, admitStatement, asStatementError, openLeaf } from './statement.ts'

/** The one door in: nothing of a partner reaches the view by any other way. */
export interface Admission {
  /** @returns the acknowledgement to send back @throws {AdmitError} */
  readonly statement: (partner: Partner, frame: StatementFrame) => string
  /** Hides what a narrowing statement names, before its quorum. @throws {AdmitError} */
  readonly notice: (partner: Partner, frame: NoticeFrame) => void
  /** Nothing new, still in sync. @throws {AdmitError} */
  readonly head: (partner: Partner, frame: HeadFrame) => void
  /** A body that had been refused, sent once more. @returns a new acknowledgement, or null */
  readonly body: (partner: Partner, frame: BodyFrame) => string | null
}

export function createAdmission(
  deps: Deps,
  view: View,
  events: {
    readonly onSubscribe: (nation: Nation, dataset: string, subscribed: boolean) => void
    /** A checkpoint of this origin was shown, and admitted or refused. */
    readonly onCheckpoint?: (origin: string) => void
  },
): Admission {
  const { db } = deps
  const holdings = createHoldings(deps, view)
  const bodySeq = (feed: string): number =>
    (db.prepare('SELECT body_seq FROM feed_in WHERE feed = ?').get(feed)?.['body_seq'] as
      | number
      | undefined) ?? -1

  const note = (partner: Partner, feed: string, { code, message }: Refused): void =>
    deps.journal.refused({ from: partner.nation, code, message: `${feed.slice(0, 8)}: ${message}` })

  /** An id belongs to one originator: a partner cannot speak of our record, or of another's, under its own name. */
  const ownerChecked = (partner: Partner, each: CheckedEntry): CheckedEntry => {
    if (!each.ok || each.entry.op === 'drop') return each
    const { record } = each.entry
    const other =
      db.prepare('SELECT 1 FROM record WHERE id = ?').get(record) ??
      db
        .prepare('SELECT 1 FROM view_row WHERE record = ? AND originator <> ?')
        .get(record, partner.nation)
    if (other === undefined) return each
    const { digest, opening } = each
    const message = 'the id is that of another nation’s record'
    return { ok: false, digest, opening, code: 'FRAGMENT_IDENTITY', message }
  }

  /** Third commit: values into the view, bad ones into quarantine, the acknowledgement signed. */
  const admitBodies = (
    partner: Partner,
    feed: string,
    release: Release,
    checked: readonly CheckedEntry[],
  ): string =>
    db.transact(() => {
      const place = { partner, feed, dataset: release.dataset, seq: release.seq }
      for (const given of checked) {
        const each = ownerChecked(partner, given)
        // What the statement does not name is nobody's word: noted, not kept.
        if (!each.ok && !release.entries.includes(each.digest)) note(partner, feed, each)
        else if (!each.ok) holdings.quarantine(place, each)
        else if (each.entry.op === 'drop') holdings.drop(place, each.entry)
        else if (each.fragment !== null) holdings.put(place, each.entry, each.fragment)
      }
      const named = new Set(release.entries)
      const unopened = named.size - checked.filter(({ digest }) => named.delete(digest)).length
      db.prepare('UPDATE feed_in SET body_seq = ?, unopened = unopened + ? WHERE feed = ?').run(
        release.seq,
        unopened,
        feed,
      )
      return giveAcknowledgement(deps, partner, feed)
    })

  const admitSubscribe = (partner: Partner, { statement, feed }: AdmittedStatement): string =>
    db.transact(() => {
      if (statement.kind === 'subscribe') {
        const { dataset, action } = statement.payload
        events.onSubscribe(partner.nation, dataset, action === 'subscribe')
      }
      db.prepare('UPDATE feed_in SET body_seq = ? WHERE feed = ?').run(statement.payload.seq, feed)
      return giveAcknowledgement(deps, partner, feed)
    })

  /** Nothing of a log that has two histories, or may have, is admitted; what it takes back is hidden all the same. */
  const mustStand = ({ nation, log }: Partner): void => {
    const policy = deps.roster.witnessPolicy
    const standing = standingOf({ db, nowMs: deps.clock.nowMs(), policy }, log.origin)
    if (standing.kind === 'good') return
    const [code, words] =
      standing.kind === 'forked'
        ? ([
            'ORIGIN_FORKED',
            `the log of ${nation} has signed two histories: nothing of it is admitted any more; see entente log evidence`,
          ] as const)
        : ([
            'ORIGIN_UNPROVEN',
            `the log of ${nation} has not proven since ${new Date(standing.sinceMs).toISOString()} that size ${standing.size} is one history with what we hold: nothing of it is admitted until it does`,
          ] as const)
    throw new AdmitError('evidence', code, words)
  }
  const hide = (
    partner: Partner,
    frame: Pick<NoticeFrame, 'jws' | 'salt' | 'proof' | 'openings'>,
  ): void =>
    asStatementError(partner, () => {
      const { index, hashes, checkpoint: note } = parseTlogProof(frame.proof)
      const { checkpoint } = openCheckpoint(note, partner.log, deps.verify)
      const leaf = { jws: frame.jws, salt: frame.salt, index, hashes }
      const statement = openLeaf(deps, partner, leaf, checkpoint)
      if (statement.kind !== 'release' || statement.payload.effect !== 'narrow')
        throw new AdmitError(
          'statement',
          'STATEMENT_KIND',
          `a notice of ${partner.nation} does not narrow`,
        )
      const release = statement.payload
      const feed = release.feed ?? statementHash(frame.jws)
      const row = db.prepare('SELECT sender, dataset, seq FROM feed_in WHERE feed = ?').get(feed)
      if (row?.['sender'] !== partner.nation || (row?.['seq'] as number) >= release.seq) return
      const drops = checkEntries(deps, partner, release, frame.openings, [])
      const place = { partner, feed, dataset: row?.['dataset'] as string, seq: release.seq }
      db.transact(() => {
        for (const each of drops)
          if (each.ok && each.entry.op === 'drop') holdings.hide(place, each.entry)
      })
    })
  /** Whatever comes of it, gossip looks at the log again. */
  const evidence = (...given: [Partner, string, StatementFrame['base']]): ProvenCheckpoint => {
    try {
      return admitEvidence(deps, ...given)
    } finally {
      events.onCheckpoint?.(given[0].log.origin)
    }
  }
  const narrows = ({ jws }: StatementFrame): boolean =>
    (peekJws(jws).payload as { readonly effect?: unknown }).effect === 'narrow'

  return {
    statement: (partner, frame) => {
      try {
        mustStand(partner)
      } catch (error) {
        if (asStatementError(partner, () => narrows(frame))) hide(partner, frame)
        throw error
      }
      const { checkpoint } = asStatementError(partner, () => parseTlogProof(frame.proof))
      const proven = evidence(partner, checkpoint, frame.base)
      const admitted = admitStatement(deps, partner, frame, proven)
      const { statement, feed } = admitted
      const { seq } = statement.payload
      // Sent again after a crash or a lost acknowledgement: nothing is done twice.
      if (seq <= bodySeq(feed)) return giveAcknowledgement(deps, partner, feed)
      if (statement.kind === 'subscribe') return admitSubscribe(partner, admitted)
      const checked = checkEntries(deps, partner, statement.payload, frame.openings, frame.bodies)
      // Nobody could ask for such an entry again by name: the whole frame is asked for again.
      const unknown = checked.find((each) => !each.ok && each.code === 'ENTRY_UNKNOWN')
      if (unknown?.ok === false)
        throw new AdmitError(
          'statement',
          'ENTRY_UNKNOWN',
          `statement ${seq} of feed ${feed.slice(0, 8)} from ${partner.nation}: ${unknown.message}`,
        )
      const jws = admitBodies(partner, feed, statement.payload, checked)
      deps.journal.admitted({
        from: partner.nation,
        feed,
        seq,
        refused: checked.filter(({ ok }) => !ok).length,
      })
      deps.onStep('admit:body')
      return jws
    },
    notice: hide,
    head: (partner, frame) => {
      mustStand(partner)
      evidence(partner, frame.checkpoint, frame.base)
    },
    body: (partner, { feed, seq, opening, body }) => {
      const row = db
        .prepare('SELECT jws FROM statement_in WHERE feed = ? AND seq = ? AND sender = ?')
        .get(feed, seq, partner.nation)
      if (row === undefined) return null
      // Verified when it was admitted.
      const release = peekJws(row['jws'] as string).payload as unknown as Release
      const [given] = checkEntries(deps, partner, release, [opening], [body])
      if (given === undefined) return null
      const checked = ownerChecked(partner, given)
      return db.transact(() => {
        if (!holdings.release(feed, seq, checked.digest)) return null
        const place = { partner, feed, dataset: release.dataset, seq }
        if (!checked.ok) holdings.quarantine(place, checked)
        else if (checked.entry.op === 'put' && checked.fragment !== null)
          holdings.put(place, checked.entry, checked.fragment)
        return giveAcknowledgement(deps, partner, feed)
      })
    },
  }
}
