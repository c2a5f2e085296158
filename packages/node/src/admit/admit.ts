import {
  type Acknowledgement,
  acknowledgementType,
  type Entry,
  type Fragment,
  type Nation,
  peekJws,
  type Release,
  signJws,
} from '@entente/schema'
import { openCheckpoint, parseTlogProof } from '@entente/tlog'
import type { Deps, Partner } from '../deps.ts'
import type { BodyFrame, HeadFrame, NoticeFrame, StatementFrame } from '../feed/frames.ts'
import { statementHash } from '../log/leaf.ts'
import type { View } from '../view/view.ts'
import { type CheckedEntry, checkEntries } from './body.ts'
import { AdmitError } from './codes.ts'
import { admitEvidence } from './evidence.ts'
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
  events: { readonly onSubscribe: (nation: Nation, dataset: string, subscribed: boolean) => void },
): Admission {
  const { db } = deps

  const acknowledge = (partner: Partner, feed: string): string => {
    const row = db.prepare('SELECT body_seq, unopened FROM feed_in WHERE feed = ?').get(feed)
    const seq = row?.['body_seq'] as number
    const statement = db
      .prepare('SELECT jws FROM statement_in WHERE feed = ? AND seq = ?')
      .get(feed, seq)
    const refused = db
      .prepare('SELECT seq, entry, code FROM quarantine WHERE feed = ? ORDER BY seq, entry')
      .all(feed)
      .map((each) => ({
        seq: each['seq'] as number,
        entry: each['entry'] as string,
        code: each['code'] as string,
      }))
    const ack: Acknowledgement = {
      feed,
      seq,
      statement: statementHash(statement?.['jws'] as string),
      by: deps.nation,
      to: partner.nation,
      at: deps.clock.nowMs(),
      refused,
      unopened: row?.['unopened'] as number,
    }
    const jws = signJws(acknowledgementType, ack, deps.signStatement)
    db.prepare(
      'INSERT INTO ack_given(feed, seq, jws) VALUES (?, ?, ?) ON CONFLICT(feed) DO UPDATE SET seq = excluded.seq, jws = excluded.jws',
    ).run(feed, seq, jws)
    return jws
  }

  /** Third commit: values into the view, bad ones into quarantine, the acknowledgement signed. */
  const admitBodies = (
    partner: Partner,
    admitted: AdmittedStatement,
    release: Release,
    checked: readonly CheckedEntry[],
  ): string =>
    db.transact(() => {
      const { feed } = admitted
      for (const each of checked) {
        if (each.ok) apply(partner, feed, release, each.entry, each.fragment)
        else quarantine(partner, feed, release.seq, each)
      }
      const unopened =
        release.entries.length -
        checked.filter((each) => release.entries.includes(each.digest)).length
      db.prepare('UPDATE feed_in SET body_seq = ?, unopened = unopened + ? WHERE feed = ?').run(
        release.seq,
        unopened,
        feed,
      )
      return acknowledge(partner, feed)
    })

  const quarantine = (
    partner: Partner,
    feed: string,
    seq: number,
    bad: Extract<CheckedEntry, { ok: false }>,
  ): void => {
    deps.journal.refused({
      from: partner.nation,
      code: bad.code,
      message: `entry ${bad.digest.slice(0, 8)} of ${feed.slice(0, 8)}/${seq}: ${bad.message}`,
    })
    db.prepare(
      'INSERT INTO quarantine(feed, seq, entry, opening, code, tries) VALUES (?, ?, ?, ?, ?, 0) ON CONFLICT DO UPDATE SET code = excluded.code, tries = tries + 1',
    ).run(feed, seq, bad.digest, JSON.stringify(bad.opening), bad.code)
  }

  const apply = (
    partner: Partner,
    feed: string,
    release: Release,
    entry: Entry,
    fragment: Fragment | null,
  ): void => {
    if (entry.op === 'drop') {
      drop(partner, feed, release.seq, entry)
      return
    }
    db.prepare(
      'INSERT INTO held_in(feed, record, seq, digest, json, authority) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET seq = excluded.seq, digest = excluded.digest, json = excluded.json, authority = excluded.authority',
    ).run(
      feed,
      entry.record,
      release.seq,
      entry.digest,
      JSON.stringify(fragment),
      JSON.stringify(
        Object.fromEntries(entry.fields.map((field, i) => [field, entry.authority[i] ?? ''])),
      ),
    )
    db.prepare('DELETE FROM quarantine WHERE feed = ? AND seq < ? AND opening LIKE ?').run(
      feed,
      release.seq,
      `%${entry.record}%`,
    )
    // A put with a higher seq lifts what a notice or a drop hid before.
    db.prepare('DELETE FROM hidden_in WHERE feed = ? AND record = ? AND seq < ?').run(
      feed,
      entry.record,
      release.seq,
    )
    show(partner, feed, release.dataset, entry.record)
  }

  const drop = (
    partner: Partner,
    feed: string,
    seq: number,
    entry: Extract<Entry, { op: 'drop' }>,
  ): void => {
    const dataset = db.prepare('SELECT dataset FROM feed_in WHERE feed = ?').get(feed)?.[
      'dataset'
    ] as string
    const held = db
      .prepare('SELECT seq, json FROM held_in WHERE feed = ? AND record = ?')
      .get(feed, entry.record)
    if (held !== undefined && (held['seq'] as number) < seq) {
      const fragment = JSON.parse(held['json'] as string) as Fragment
      const left =
        entry.fields === undefined
          ? []
          : fragment.disclosures.filter(([, field]) => !entry.fields?.includes(field))
      if (left.length === 0)
        db.prepare('DELETE FROM held_in WHERE feed = ? AND record = ?').run(feed, entry.record)
      else
        db.prepare('UPDATE held_in SET json = ? WHERE feed = ? AND record = ?').run(
          JSON.stringify({ ...fragment, disclosures: left }),
          feed,
          entry.record,
        )
    }
    db.prepare('DELETE FROM hidden_in WHERE feed = ? AND record = ? AND seq <= ?').run(
      feed,
      entry.record,
      seq,
    )
    show(partner, feed, dataset, entry.record)
  }

  /** Brings the view in line with what is held of one record and not hidden. */
  const show = (partner: Partner, feed: string, dataset: string, record: string): void => {
    const row = db
      .prepare('SELECT json, authority FROM held_in WHERE feed = ? AND record = ?')
      .get(feed, record)
    const hidden = db
      .prepare('SELECT fields FROM hidden_in WHERE feed = ? AND record = ?')
      .get(feed, record)
    const hides =
      hidden === undefined ? [] : (JSON.parse(hidden['fields'] as string) as string[] | 'all')
    if (row === undefined || hides === 'all') {
      view.removeForeign(feed, record)
      return
    }
    const fragment = JSON.parse(row['json'] as string) as Fragment
    const disclosures = fragment.disclosures.filter(([, field]) => !hides.includes(field))
    if (disclosures.length === 0) view.removeForeign(feed, record)
    else
      view.putForeign({
        feed,
        sender: partner.nation,
        dataset,
        fragment: { ...fragment, disclosures },
        authority: JSON.parse(row['authority'] as string) as Record<string, string>,
        provenAtMs: deps.clock.nowMs(),
      })
  }

  const admitSubscribe = (partner: Partner, admitted: AdmittedStatement): string => {
    const { statement, feed } = admitted
    const jws = db.transact(() => {
      if (statement.kind === 'subscribe')
        events.onSubscribe(
          partner.nation,
          statement.payload.dataset,
          statement.payload.action === 'subscribe',
        )
      db.prepare('UPDATE feed_in SET body_seq = ? WHERE feed = ?').run(statement.payload.seq, feed)
      return acknowledge(partner, feed)
    })
    return jws
  }

  const bodySeq = (feed: string): number =>
    (db.prepare('SELECT body_seq FROM feed_in WHERE feed = ?').get(feed)?.['body_seq'] as
      | number
      | undefined) ?? -1

  return {
    statement: (partner, frame) => {
      const { checkpoint } = asStatementError(partner, () => parseTlogProof(frame.proof))
      const proven = admitEvidence(deps, partner, checkpoint, frame.base)
      const admitted = admitStatement(deps, partner, frame, proven)
      const { statement } = admitted
      let jws: string
      if (statement.payload.seq <= bodySeq(admitted.feed)) jws = acknowledge(partner, admitted.feed)
      else if (statement.kind === 'subscribe') jws = admitSubscribe(partner, admitted)
      else {
        const checked = checkEntries(deps, partner, statement.payload, frame.openings, frame.bodies)
        jws = admitBodies(partner, admitted, statement.payload, checked)
        const refused = checked.filter((each) => !each.ok).length
        deps.journal.admitted({
          from: partner.nation,
          feed: admitted.feed,
          seq: statement.payload.seq,
          refused,
        })
      }
      deps.onStep('admit:body')
      return jws
    },
    notice: (partner, frame) =>
      asStatementError(partner, () => {
        const { index, hashes, checkpoint: note } = parseTlogProof(frame.proof)
        const { checkpoint } = openCheckpoint(note, partner.log, deps.verify)
        const statement = openLeaf(
          deps,
          partner,
          { jws: frame.jws, salt: frame.salt, index, hashes },
          checkpoint,
        )
        if (statement.kind !== 'release' || statement.payload.effect !== 'narrow')
          throw new AdmitError(
            'statement',
            'STATEMENT_KIND',
            `a notice of ${partner.nation} does not narrow`,
          )
        const release = statement.payload
        const feed = release.feed ?? statementHash(frame.jws)
        const row = db.prepare('SELECT sender, dataset, seq FROM feed_in WHERE feed = ?').get(feed)
        if (
          row === undefined ||
          row['sender'] !== partner.nation ||
          (row['seq'] as number) >= release.seq
        )
          return
        const drops = checkEntries(
          deps,
          partner,
          release,
          frame.openings,
          frame.openings.map(() => null),
        )
        db.transact(() => {
          for (const each of drops)
            if (each.ok && each.entry.op === 'drop')
              hide(partner, feed, row['dataset'] as string, release.seq, each.entry)
        })
      }),
    head: (partner, frame) => {
      admitEvidence(deps, partner, frame.checkpoint, frame.base)
    },
    body: (partner, frame) => {
      const row = db
        .prepare('SELECT jws FROM statement_in WHERE feed = ? AND seq = ? AND sender = ?')
        .get(frame.feed, frame.seq, partner.nation)
      if (row === undefined) return null
      const release = releaseOf(row['jws'] as string)
      const [checked] = checkEntries(deps, partner, release, [frame.opening], [frame.body])
      const waiting =
        checked === undefined
          ? undefined
          : db
              .prepare('SELECT 1 FROM quarantine WHERE feed = ? AND seq = ? AND entry = ?')
              .get(frame.feed, frame.seq, checked.digest)
      if (checked === undefined || waiting === undefined) return null
      return db.transact(() => {
        if (!checked.ok) quarantine(partner, frame.feed, frame.seq, checked)
        else {
          db.prepare('DELETE FROM quarantine WHERE feed = ? AND seq = ? AND entry = ?').run(
            frame.feed,
            frame.seq,
            checked.digest,
          )
          const newer = db
            .prepare('SELECT 1 FROM held_in WHERE feed = ? AND record = ? AND seq > ?')
            .get(frame.feed, checked.entry.record, frame.seq)
          if (newer === undefined)
            apply(partner, frame.feed, release, checked.entry, checked.fragment)
        }
        return acknowledge(partner, frame.feed)
      })
    },
  }

  function hide(
    partner: Partner,
    feed: string,
    dataset: string,
    seq: number,
    entry: Extract<Entry, { op: 'drop' }>,
  ): void {
    const before = db
      .prepare('SELECT fields FROM hidden_in WHERE feed = ? AND record = ?')
      .get(feed, entry.record)
    const already =
      before === undefined ? [] : (JSON.parse(before['fields'] as string) as string[] | 'all')
    const fields =
      entry.fields === undefined || already === 'all'
        ? 'all'
        : [...new Set([...already, ...entry.fields])]
    db.prepare(
      'INSERT INTO hidden_in(feed, record, seq, fields) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET seq = excluded.seq, fields = excluded.fields',
    ).run(feed, entry.record, seq, JSON.stringify(fields))
    show(partner, feed, dataset, entry.record)
  }
}

/** A release that was verified when it was admitted. */
function releaseOf(jws: string): Release {
  return peekJws(jws).payload as unknown as Release
}
