import {
  type Asked,
  type Nation,
  type Purge,
  peekJws,
  type Statement,
  statementType,
} from '@entente/schema'
import { openCheckpoint, parseTlogProof } from '@entente/tlog'
import { forgetDeleted } from '../adapters/sqlite-database.ts'
import type { Deps, Partner } from '../deps.ts'
import type {
  BodyFrame,
  HeadFrame,
  NoticeFrame,
  PolicyFrame,
  StatementFrame,
} from '../feed/frames.ts'
import { standingOf } from '../gossip/standing.ts'
import { statementHash } from '../log/leaf.ts'
import type { GivenRecord } from '../retransfer/left-records.ts'
import type { View } from '../view/view.ts'
import { acknowledgeFor } from './acknowledge.ts'
import { reopenWhenReached } from './closed-view.ts'
import { AdmitError } from './codes.ts'
import { createConsented } from './consented.ts'
import { admitEvidence, type ProvenCheckpoint } from './evidence.ts'
import { admitHistory } from './history.ts'
import { createHoldings } from './holdings.ts'
import type { Refuse } from './place.ts'
import { takePolicy } from './policy.ts'
import { createRecalls } from './recall.ts'
import { createReleases } from './release.ts'
import { checkReleaser, takeReleaser } from './releaser.ts'
import { closeReplaced, hideReplaced } from './reset.ts'
import { createSays } from './says.ts'
import { type AdmittedStatement, admitStatement, asStatementError, openLeaf } from './statement.ts'
import type { OnTaken } from './taken.ts'

/** The one door in: nothing of a partner reaches the view by any other way. */
export interface Admission {
  /** @returns the acknowledgement to send back @throws {AdmitError} */
  readonly statement: (partner: Partner, frame: StatementFrame) => string
  /** Hides what a narrowing statement names, before its quorum. @throws {AdmitError} */
  readonly notice: (partner: Partner, frame: NoticeFrame) => void
  /** Hides what a statement takes back that is not admitted now; does nothing of another. @throws {AdmitError} */
  readonly hide: (partner: Partner, frame: StatementFrame) => void
  /**
   * Of a statement that is refused, or waits behind one that was: what it takes back is hidden, and its checkpoint and policy are taken, on
   * which other feeds rest. @throws {AdmitError}
   */
  readonly passOver: (partner: Partner, frame: StatementFrame) => void
  /** Nothing new, still in sync. @returns whether it says more than what was held @throws {AdmitError} */
  readonly head: (partner: Partner, frame: HeadFrame) => boolean
  /** Several of them, one after the other, from our receiver. @returns as `admitHistory` @throws {AdmitError} */
  readonly history: (partner: Partner, frames: readonly HeadFrame[]) => number
  /** By itself, from our receiver. @throws {AdmitError} */
  readonly policy: (partner: Partner, frame: PolicyFrame) => void
  /** A body that had been refused, sent once more. @returns a new acknowledgement, or null */
  readonly body: (partner: Partner, frame: BodyFrame) => string | null
  /** Shows a partner's values again after a recovery, once all its feeds have come to where they were. */
  readonly reopen: (partner: Partner) => void
}

/** What partners say to us rather than give us. Called inside the transaction that admits it. */
export interface AdmissionEvents {
  readonly onSubscribe: (nation: Nation, dataset: string, asked: Asked) => void
  readonly onCatalogueRequest?: (nation: Nation, isAsked: boolean) => void
  /** @returns false when it names no recall of ours to that nation: it is kept */
  readonly onPurge: (nation: Nation, purge: Purge) => boolean
  /** A partner asks for something. @returns false: too much of it waits already */
  readonly onRequest?: (
    nation: Nation,
    statement: string,
    request: Statement<'request'>,
    body: unknown,
  ) => boolean
  /** @returns false when it answers no request of ours to that nation */
  readonly onAnswer?: (nation: Nation, answer: Statement<'answer'>) => boolean
  /** A partner has given us a consent, or withdrawn one. @param seal the one that is given */
  readonly onConsent?: (nation: Nation, consent: Statement<'consent'>, seal: string | null) => void
  /** A recall took these records of a partner back; some may have been dropped before. */
  readonly onRecalled?: (
    nation: Nation,
    recall: { readonly feed: string; readonly seq: number; readonly purge: boolean },
    records: readonly GivenRecord[],
  ) => void
  /** A checkpoint of this origin was shown, and admitted or refused. */
  readonly onCheckpoint?: (origin: string) => void
  /** What our other nodes may take in from here. */
  readonly onTaken?: OnTaken
}

const refusalOf =
  ({ nation }: Partner): Refuse =>
  (code, message) =>
    new AdmitError('statement', code, `statement of ${nation}: ${message}`)

const purgePending = ({ nation }: Partner): AdmitError =>
  new AdmitError(
    'statement',
    'PURGE_PENDING',
    `what ${nation} recalled is deleted, but a reader still holds the log beside the database: it is tried again`,
  )

export function createAdmission(deps: Deps, view: View, events: AdmissionEvents): Admission {
  const { db } = deps
  const { onTaken } = events
  const acknowledge = acknowledgeFor(deps)
  const holdings = createHoldings(deps, view)
  const recalls = createRecalls(deps, holdings, ({ nation }, { purge }, { feed, seq }, records) =>
    events.onRecalled?.(nation, { feed, seq, purge }, records),
  )
  const consented = createConsented(deps, holdings)
  const releases = createReleases(deps, holdings, recalls, consented, acknowledge, onTaken)
  const says = createSays(deps, consented, events)
  const bodySeq = (feed: string): number =>
    (db.prepare('SELECT body_seq FROM feed_in WHERE feed = ?').get(feed)?.['body_seq'] as
      | number
      | undefined) ?? -1

  /** What a statement without bodies does. Inside a transaction. */
  const take = (
    partner: Partner,
    { statement, feed, hash, index }: AdmittedStatement,
    bodies: readonly unknown[],
  ): void => {
    const { seq } = statement.payload
    switch (statement.kind) {
      case 'subscribe': {
        events.onSubscribe(partner.nation, statement.payload.dataset, statement.payload)
        return
      }
      case 'catalogue-request':
        events.onCatalogueRequest?.(partner.nation, statement.payload.action === 'subscribe')
        return
      case 'catalogue':
        db.prepare(
          'INSERT OR REPLACE INTO catalogue_in(sender, datasets, at_ms) VALUES (?, ?, ?)',
        ).run(partner.nation, JSON.stringify(statement.payload.datasets), statement.payload.at)
        return
      case 'recall':
        recalls.apply(partner, statement.payload, { feed, seq, hash })
        return
      case 'purge':
        // Of a word that only a thief has said, or of nothing: it takes nothing from what stands behind it.
        if (!events.onPurge(partner.nation, statement.payload)) keep(partner, feed, seq, 'purge')
        return
      case 'releaser':
        takeReleaser(deps, partner, statement.payload, index, refusalOf(partner))
        return
      case 'consent':
        says.consent(partner, statement.payload, bodies[0])
        return
      case 'request':
        says.request(partner, hash, statement.payload, bodies[0])
        return
      case 'answer':
        says.answer(partner, statement.payload)
        return
      case 'unknown':
        // Nothing acts on these yet: they stand in their feed, and `status` counts them.
        keep(partner, feed, seq, statement.name)
    }
  }
  const keep = ({ nation }: Partner, feed: string, seq: number, kind: string): void => {
    db.prepare('INSERT OR IGNORE INTO kept_in(feed, seq, sender, kind) VALUES (?, ?, ?, ?)').run(
      feed,
      seq,
      nation,
      kind,
    )
  }

  const admitOther = (
    partner: Partner,
    admitted: AdmittedStatement,
    bodies: readonly unknown[],
  ): string => {
    const { statement, feed } = admitted
    const { seq } = statement.payload
    db.transact(() => take(partner, admitted, bodies))
    // The word that it is purged comes after the last byte has gone.
    if (statement.kind === 'recall' && statement.payload.purge && !forgetDeleted(db))
      throw purgePending(partner)
    return db.transact(() => {
      db.prepare('UPDATE feed_in SET body_seq = ? WHERE feed = ?').run(seq, feed)
      onTaken?.(partner.log.origin, { kind: 'statement', feed, seq, policy: undefined })
      return acknowledge(partner, feed)
    })
  }

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
  /** Hides, or purges, what a statement takes back, wherever its chain stands. */
  const hideNotice = (
    partner: Partner,
    { jws, salt, proof, openings }: Omit<NoticeFrame, 't'>,
  ): void => {
    const done = hideNamed(partner, { jws, salt, proof, openings })
    if (done === null || done.seq <= bodySeq(done.feed)) return
    const { feed, seq } = done
    const frame = { jws, salt, proof, openings: done.openings }
    onTaken?.(partner.log.origin, { kind: 'notice', feed, seq, frame })
  }
  /** @returns what was carried out, or null: nothing of it concerns what is held here */
  const hideNamed = (
    partner: Partner,
    frame: Omit<NoticeFrame, 't'>,
  ): (Pick<NoticeFrame, 'openings'> & { readonly feed: string; readonly seq: number }) | null =>
    asStatementError(partner, () => {
      const { index, hashes, checkpoint: note } = parseTlogProof(frame.proof)
      const { checkpoint } = openCheckpoint(note, partner.log, deps.verify)
      const leaf = { jws: frame.jws, salt: frame.salt, index, hashes }
      const statement = openLeaf(deps, partner, leaf, checkpoint)
      const hash = statementHash(frame.jws)
      const { seq } = statement.payload
      const feed = statement.payload.feed ?? hash
      const place = { feed, seq, openings: [] }
      if (statement.kind === 'release' && statement.payload.effect === 'narrow') {
        const openings = releases.hide(partner, feed, statement.payload, frame.openings)
        return openings.length === 0 ? null : { feed, seq, openings }
      }
      if (statement.kind === 'reset') {
        const { dataset } = statement.payload
        checkReleaser(deps, partner, dataset, index, refusalOf(partner))
      }
      if (statement.kind === 'reset') {
        return hideReplaced(deps, holdings, partner, statement.payload, feed) ? place : null
      }
      if (statement.kind === 'consent' && statement.payload.action === 'withdraw') {
        const { payload } = statement
        db.transact(() => says.consent(partner, payload, undefined))
        return place
      }
      if (statement.kind !== 'recall')
        throw new AdmitError(
          'statement',
          'STATEMENT_KIND',
          `a notice of ${partner.nation} does not narrow`,
        )
      const { payload } = statement
      if (seq <= bodySeq(feed)) return place
      db.transact(() => recalls.apply(partner, payload, { feed, seq, hash }))
      // Our receiver counts on what this node says that it has carried out.
      if (payload.purge && !forgetDeleted(db) && !deps.isReceiver) throw purgePending(partner)
      return place
    })
  /** Whatever comes of it, gossip looks at the log again. */
  const evidence = (...given: [Partner, string, StatementFrame['base']]): ProvenCheckpoint => {
    try {
      return admitEvidence(deps, ...given, onTaken)
    } finally {
      events.onCheckpoint?.(given[0].log.origin)
    }
  }
  const takesBack = ({ jws }: StatementFrame): boolean => {
    const { typ, payload } = peekJws(jws)
    if (typ === statementType('recall') || typ === statementType('reset')) return true
    const { effect, action } = payload as { readonly effect?: unknown; readonly action?: unknown }
    return effect === 'narrow' || (typ === statementType('consent') && action === 'withdraw')
  }

  const hide = (partner: Partner, frame: StatementFrame): void => {
    if (asStatementError(partner, () => takesBack(frame))) hideNotice(partner, frame)
  }

  return {
    hide,
    passOver: (partner, frame) => {
      hide(partner, frame)
      mustStand(partner)
      const { checkpoint } = asStatementError(partner, () => parseTlogProof(frame.proof))
      const proven = evidence(partner, checkpoint, frame.base)
      const { policy } = frame
      if (policy !== undefined)
        asStatementError(partner, () =>
          takePolicy(deps, partner, policy, proven, refusalOf(partner)),
        )
    },
    statement: (partner, frame) => {
      try {
        mustStand(partner)
      } catch (error) {
        hide(partner, frame)
        throw error
      }
      const { checkpoint } = asStatementError(partner, () => parseTlogProof(frame.proof))
      const proven = evidence(partner, checkpoint, frame.base)
      const admitted = admitStatement(deps, partner, frame, proven, (reset, feed) =>
        closeReplaced(deps, holdings, partner, reset, feed),
      )
      const { statement, feed } = admitted
      // Sent again after a crash or a lost acknowledgement: nothing is done twice.
      if (statement.payload.seq <= bodySeq(feed)) return acknowledge(partner, feed)
      if (statement.kind !== 'release') return admitOther(partner, admitted, frame.bodies)
      const jws = releases.admit(partner, feed, statement.payload, frame)
      deps.onStep('admit:body')
      return jws
    },
    notice: hideNotice,
    head: (partner, frame) => {
      mustStand(partner)
      return evidence(partner, frame.checkpoint, frame.base).isNews
    },
    history: (partner, frames) => {
      mustStand(partner)
      try {
        return admitHistory(deps, partner, frames)
      } finally {
        events.onCheckpoint?.(partner.log.origin)
      }
    },
    policy: (partner, { checkpoint, policy }) => {
      mustStand(partner)
      const proven = evidence(partner, checkpoint, { size: 0, hashes: [] })
      asStatementError(partner, () => takePolicy(deps, partner, policy, proven, refusalOf(partner)))
    },
    body: releases.again,
    reopen: (partner) => reopenWhenReached(deps, holdings, partner),
  }
}
