import { type Entry, type Nation, peekJws, type Release, statementKeyAt } from '@entente/schema'
import { isWithdrawn } from '../consents/consent-statements.ts'
import type { Deps, Partner } from '../deps.ts'
import type { BodyFrame, StatementFrame } from '../feed/frames.ts'
import { isNationRecalled } from '../nation-recalls/recalled-records.ts'
import type { Acknowledge } from './acknowledge.ts'
import { type CheckedEntry, checkEntries, type Refused } from './body.ts'
import { AdmitError } from './codes.ts'
import type { Consented } from './consented.ts'
import type { Holdings, Place } from './holdings.ts'
import type { Recalls } from './recall.ts'
import type { OnTaken } from './taken.ts'
import { countEntries } from './tally.ts'

/** Takes in what a release puts and drops. */
export interface Releases {
  /** Third commit. @returns the acknowledgement @throws {AdmitError} `ENTRY_UNKNOWN` */
  readonly admit: (
    partner: Partner,
    feed: string,
    release: Release,
    frame: StatementFrame,
  ) => string
  /** Hides what a narrowing release names, before its quorum. @returns by which openings something was hidden */
  readonly hide: (
    partner: Partner,
    feed: string,
    release: Release,
    openings: StatementFrame['openings'],
  ) => StatementFrame['openings']
  /** A body that had been refused, sent once more. @returns a new acknowledgement, or null */
  readonly again: (partner: Partner, frame: BodyFrame) => string | null
}

export function createReleases(
  deps: Deps,
  holdings: Holdings,
  recalls: Recalls,
  consented: Pick<Consented, 'note'>,
  acknowledge: Acknowledge,
  onTaken: OnTaken = () => {},
): Releases {
  const { db } = deps
  const { hash, nation, roster, verify, clock } = deps
  /** As it stands now: consents run out. */
  const checking = () => ({
    hash,
    mayLack: !deps.isReceiver,
    consenting: {
      members: roster.members,
      verify,
      nation,
      nowMs: clock.nowMs(),
      isWithdrawn: (of: Nation, consent: string) => isWithdrawn(deps, of, consent),
    },
  })
  const put = (
    place: Place,
    { opening: [salt], entry, fragment, digest }: Extract<CheckedEntry, { ok: true }>,
  ): void => {
    if (entry.op !== 'put' || fragment === null) return
    holdings.put(place, [salt, entry], fragment, digest)
    consented.note(place, entry, fragment)
  }
  const note = (
    partner: Partner,
    feed: string,
    { code, message }: Pick<Refused, 'code' | 'message'>,
  ) =>
    deps.journal.refused({ from: partner.nation, code, message: `${feed.slice(0, 8)}: ${message}` })

  /** An id belongs to one originator: a partner cannot speak of our record, or of another's, under its own name. */
  const ownerChecked = (partner: Partner, each: CheckedEntry): CheckedEntry => {
    if (!each.ok || each.entry.op === 'drop') return each
    const { record } = each.entry
    const other =
      db.prepare('SELECT 1 FROM record WHERE id = ?').get(record) ??
      db
        .prepare('SELECT 1 FROM view_row WHERE record = ? AND originator <> ?')
        .get(record, each.fragment?.head.originator ?? partner.nation)
    if (other === undefined) return each
    const { digest, opening } = each
    const message = 'the id is that of another nation’s record'
    return { ok: false, digest, opening, code: 'FRAGMENT_IDENTITY', message }
  }

  /** Our receiver may have had to wait for a body of a statement that it had passed on: what was said of its record since counts. */
  const mayComeLate = (place: Place, each: CheckedEntry): boolean => {
    if (deps.isReceiver || !each.ok || each.entry.op === 'drop') return false
    const { partner, feed, seq } = place
    const originators = [partner.nation, each.fragment?.head.originator]
    return (
      !holdings.hasLater(place, each.entry.record) &&
      !holdings.isHidden(place, each.entry.record) &&
      !recalls.covers(partner, feed, seq, each.digest) &&
      !isNationRecalled(db, originators, each.entry)
    )
  }

  const holdsAlready = (feed: string, { record, digest }: Extract<Entry, { op: 'put' }>): boolean =>
    db.prepare('SELECT digest FROM held_in WHERE feed = ? AND record = ?').get(feed, record)?.[
      'digest'
    ] === digest

  /** Values into the view, bad ones into quarantine, the acknowledgement signed. */
  const admitBodies = (
    partner: Partner,
    feed: string,
    release: Release,
    given: readonly CheckedEntry[],
    policy: StatementFrame['policy'],
  ): string =>
    db.transact(() => {
      const place = { partner, feed, dataset: release.dataset, seq: release.seq }
      const isRecalled = (each: CheckedEntry) => {
        const { digest, opening } = each
        const [, entry] = opening
        if (entry.op !== 'put') return false
        const originator = each.ok ? each.fragment?.head.originator : undefined
        return (
          recalls.covers(partner, feed, release.seq, digest) ||
          isNationRecalled(db, [partner.nation, originator], entry)
        )
      }
      // A recalled put counts as never opened to us.
      const checked = given.filter((each) => !isRecalled(each))
      const recalled = given.length - checked.length
      if (recalled > 0) {
        const message = `${recalled} entries of statement ${release.seq} have been recalled`
        note(partner, feed, { code: 'RECALLED', message })
      }
      let unchanged = 0
      for (const one of checked) {
        const each = ownerChecked(partner, one)
        // What the statement does not name is nobody's word: noted, not kept.
        if (!each.ok && !release.entries.includes(each.digest)) note(partner, feed, each)
        else if (!each.ok) holdings.quarantine(place, each)
        else if (each.entry.op === 'drop') holdings.drop(place, [each.opening[0], each.entry])
        else if (each.fragment !== null) {
          if (holdsAlready(feed, each.entry)) unchanged++
          put(place, each)
        }
      }
      const named = new Set(release.entries)
      const unopened = named.size - checked.filter(({ digest }) => named.delete(digest)).length
      db.prepare('UPDATE feed_in SET body_seq = ?, unopened = unopened + ? WHERE feed = ?').run(
        release.seq,
        unopened,
        feed,
      )
      countEntries(db, feed, release, unchanged)
      onTaken(partner.log.origin, { kind: 'statement', feed, seq: release.seq, policy })
      return acknowledge(partner, feed)
    })

  return {
    admit: (partner, feed, release, frame) => {
      const checked = checkEntries(checking(), partner, release, frame.openings, frame.bodies)
      // Nobody could ask for such an entry again by name: the whole frame is asked for again.
      const unknown = checked.find((each) => !each.ok && each.code === 'ENTRY_UNKNOWN')
      if (unknown?.ok === false)
        throw new AdmitError(
          'statement',
          'ENTRY_UNKNOWN',
          `statement ${release.seq} of feed ${feed.slice(0, 8)} from ${partner.nation}: ${unknown.message}`,
        )
      const jws = admitBodies(partner, feed, release, checked, frame.policy)
      deps.journal.admitted({
        from: partner.nation,
        feed,
        seq: release.seq,
        refused: checked.filter(({ ok }) => !ok).length,
      })
      return jws
    },
    hide: (partner, feed, release, openings) => {
      const row = db
        .prepare('SELECT sender, dataset, body_seq FROM feed_in WHERE feed = ?')
        .get(feed)
      // A statement that has been admitted takes nothing away before its entries have been.
      if (row?.['sender'] !== partner.nation || (row?.['body_seq'] as number) >= release.seq)
        return []
      const drops = checkEntries(checking(), partner, release, openings, [])
      const place = { partner, feed, dataset: row?.['dataset'] as string, seq: release.seq }
      return db.transact(() =>
        drops.flatMap((each) => {
          if (!each.ok || each.entry.op !== 'drop') return []
          holdings.hide(place, each.entry)
          return [each.opening]
        }),
      )
    },
    again: (partner, { feed, seq, opening, body }) => {
      const row = db
        .prepare('SELECT jws, idx FROM statement_in WHERE feed = ? AND seq = ? AND sender = ?')
        .get(feed, seq, partner.nation)
      if (row === undefined) return null
      // Verified when it was admitted; its key may have been revoked since.
      const release = peekJws(row['jws'] as string).payload as unknown as Release
      const key = statementKeyAt(partner.member, release.origin, row['idx'] as number)
      if (key?.revoked != null) return null
      const [given] = checkEntries(checking(), partner, release, [opening], [body])
      if (given === undefined) return null
      const checked = ownerChecked(partner, given)
      return db.transact(() => {
        const place = { partner, feed, dataset: release.dataset, seq }
        if (!holdings.release(feed, seq, checked.digest) && !mayComeLate(place, checked))
          return null
        if (!checked.ok) holdings.quarantine(place, checked)
        else {
          put(place, checked)
          const entry = checked.digest
          onTaken(partner.log.origin, { kind: 'body', feed, seq, entry })
        }
        return acknowledge(partner, feed)
      })
    },
  }
}
