import type { Entry, Fragment, Role } from '@entente/schema'
import type { Deps, Partner } from '../deps.ts'
import { type GivenRecord, noteLeft } from '../retransfer/left-records.ts'
import type { View } from '../view/view.ts'
import type { CheckedEntry } from './body.ts'
import { isClosed } from './closed-view.ts'
import { largestCheckpoint } from './evidence.ts'

type Put = Extract<Entry, { op: 'put' }>
type Drop = Extract<Entry, { op: 'drop' }>
type OpeningOf<E extends Entry> = readonly [salt: string, entry: E]

/** Where a word on a record stands. */
export interface Place {
  readonly partner: Partner
  readonly feed: string
  readonly dataset: string
  readonly seq: number
}

/**
 * What is held of partners, and with it the view. For each record of a feed the word with the highest seq counts,
 * whatever came in between; what a notice hid stays hidden until a put with a higher seq. Inside a transaction.
 */
export interface Holdings {
  /** @param digest of the opened entry */
  readonly put: (place: Place, opening: OpeningOf<Put>, fragment: Fragment, digest: string) => void
  readonly drop: (place: Place, opening: OpeningOf<Drop>) => void
  /** Whether something has been said of a record since. */
  readonly hasLater: (place: Place, record: string) => boolean
  /** Whether all of a record is hidden by a word that stands no earlier: to put it in this place would show it again. */
  readonly isHidden: (place: Place, record: string) => boolean
  /** A notice: hides now what the drop will take away in its place. */
  readonly hide: (place: Place, entry: Drop) => void
  readonly quarantine: (place: Place, bad: Extract<CheckedEntry, { ok: false }>) => void
  /**
   * Takes back for good what one statement put and is still the latest word on its record, or only the entries named by
   * digest. @returns what went
   */
  readonly recall: (place: Place, entries: readonly string[]) => readonly GivenRecord[]
  /** Lets fields go, or all of a record, that may be held no longer though nobody took them back. */
  readonly lose: (feed: string, record: string, fields: readonly string[] | 'all') => void
  /** Brings the view in line with all that is held of a partner. */
  readonly showAll: (partner: Partner) => void
  /** Takes back all that a feed has given: it is replaced. */
  readonly close: (feed: string) => void
  /** Takes an entry out of quarantine. @returns false when it is not there: dropped or replaced since */
  readonly release: (feed: string, seq: number, entry: string) => boolean
}

interface Held {
  readonly fragment: Fragment
  readonly authority: Readonly<Record<string, string>>
  /** Who here may read a field, where the sender limits it. */
  readonly roles: Readonly<Record<string, readonly Role[]>>
}

export function createHoldings(deps: Deps, view: View): Holdings {
  const { db, clock, journal } = deps

  const hiddenFields = (feed: string, record: string): readonly string[] | 'all' => {
    const row = db
      .prepare('SELECT fields FROM hidden_in WHERE feed = ? AND record = ?')
      .get(feed, record)
    return row === undefined ? [] : (JSON.parse(row['fields'] as string) as string[] | 'all')
  }
  /**
   * Bodies refused earlier are no longer wanted once there is a later word on their record. What is hidden altogether stays so until
   * a put or a drop of all of it: a drop of some fields gives nothing back.
   */
  const forgetOlder = ({ feed, seq }: Place, record: string, isPartial = false): void => {
    db.prepare('DELETE FROM quarantine WHERE feed = ? AND record = ? AND seq < ?').run(
      feed,
      record,
      seq,
    )
    db.prepare(
      'DELETE FROM hidden_in WHERE feed = ? AND record = ? AND seq <= ? AND NOT (? AND fields = \'"all"\')',
    ).run(feed, record, seq, isPartial ? 1 : 0)
    if (!isPartial)
      db.prepare('DELETE FROM dropped_in WHERE feed = ? AND record = ? AND seq < ?').run(
        feed,
        record,
        seq,
      )
  }
  const heldOf = (feed: string, record: string): Held | null => {
    const row = db
      .prepare('SELECT json, authority, roles FROM held_in WHERE feed = ? AND record = ?')
      .get(feed, record)
    if (row === undefined) return null
    return {
      fragment: JSON.parse(row['json'] as string) as Fragment,
      authority: JSON.parse(row['authority'] as string) as Held['authority'],
      roles: JSON.parse(row['roles'] as string) as Held['roles'],
    }
  }
  const heldDigest = (feed: string, record: string) =>
    db.prepare('SELECT digest FROM held_in WHERE feed = ? AND record = ?').get(feed, record)?.[
      'digest'
    ]
  /** A recall that comes later still finds what had been handed on of it. */
  const letGo = (feed: string, record: string): void => {
    noteLeft(db, feed, record)
    db.prepare('DELETE FROM held_in WHERE feed = ? AND record = ?').run(feed, record)
  }
  /** What our receiver passes on is no younger than the quorum's word on it, whenever it comes to this node. */
  const provenAtMs = ({ log }: Partner): number => {
    const nowMs = clock.nowMs()
    return deps.isReceiver
      ? nowMs
      : Math.min(nowMs, largestCheckpoint(deps, log.origin)?.seenMs ?? 0)
  }
  /** Brings the view in line with what is held of one record and not hidden. */
  const show = (
    { partner, feed, dataset }: Place,
    record: string,
    held: Held | null = heldOf(feed, record),
  ): void => {
    const hides = isClosed(deps, partner.nation) ? 'all' : hiddenFields(feed, record)
    const disclosures =
      hides === 'all'
        ? []
        : (held?.fragment.disclosures.filter(([, field]) => !hides.includes(field)) ?? [])
    if (held === null || disclosures.length === 0) {
      view.removeForeign(feed, record)
      return
    }
    view.putForeign({
      feed,
      sender: partner.nation,
      dataset,
      fragment: { ...held.fragment, disclosures },
      authority: held.authority,
      roles: held.roles,
      provenAtMs: provenAtMs(partner),
    })
  }

  return {
    put: (place, opening, { consents, ...fragment }, digest) => {
      const { feed, seq } = place
      const [, entry] = opening
      const authority = Object.fromEntries(
        entry.fields.map((field, i) => [field, entry.authority[i] ?? '']),
      )
      const { roles = {} } = entry
      if (heldDigest(feed, entry.record) !== entry.digest) noteLeft(db, feed, entry.record)
      const { changes } = db
        .prepare(
          'INSERT INTO held_in(feed, record, seq, digest, json, authority, roles, entry, opening, consents) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET seq = excluded.seq, digest = excluded.digest, json = excluded.json, authority = excluded.authority, roles = excluded.roles, entry = excluded.entry, opening = excluded.opening, consents = excluded.consents WHERE excluded.seq >= held_in.seq',
        )
        .run(
          feed,
          entry.record,
          seq,
          entry.digest,
          JSON.stringify(fragment),
          JSON.stringify(authority),
          JSON.stringify(roles),
          digest,
          JSON.stringify(opening),
          consents === undefined ? '' : JSON.stringify(consents),
        )
      forgetOlder(place, entry.record)
      // A later word may be held already: then that is what is shown.
      show(place, entry.record, changes > 0 ? { fragment, authority, roles } : undefined)
    },
    drop: (place, opening) => {
      const { feed, seq } = place
      const [, entry] = opening
      db.prepare(
        'INSERT OR IGNORE INTO dropped_in(feed, record, seq, opening) VALUES (?, ?, ?, ?)',
      ).run(feed, entry.record, seq, JSON.stringify(opening))
      const held = db
        .prepare('SELECT json FROM held_in WHERE feed = ? AND record = ? AND seq < ?')
        .get(feed, entry.record, seq)
      if (held !== undefined) {
        const fragment = JSON.parse(held['json'] as string) as Fragment
        const left =
          entry.fields === undefined
            ? []
            : fragment.disclosures.filter(([, field]) => !entry.fields?.includes(field))
        if (left.length === 0) letGo(feed, entry.record)
        else
          db.prepare('UPDATE held_in SET json = ? WHERE feed = ? AND record = ?').run(
            JSON.stringify({ ...fragment, disclosures: left }),
            feed,
            entry.record,
          )
      }
      forgetOlder(place, entry.record, entry.fields !== undefined)
      show(place, entry.record)
    },
    hasLater: ({ feed, seq }, record) =>
      db
        .prepare(
          'SELECT 1 FROM held_in WHERE feed = ?1 AND record = ?2 AND seq > ?3 UNION ALL SELECT 1 FROM dropped_in WHERE feed = ?1 AND record = ?2 AND seq > ?3',
        )
        .get(feed, record, seq) !== undefined,
    isHidden: ({ feed, seq }, record) =>
      db
        .prepare(
          'SELECT 1 FROM hidden_in WHERE feed = ? AND record = ? AND seq >= ? AND fields = \'"all"\'',
        )
        .get(feed, record, seq) !== undefined,
    hide: (place, entry) => {
      const { feed, seq } = place
      const already = hiddenFields(feed, entry.record)
      const fields =
        entry.fields === undefined || already === 'all'
          ? 'all'
          : [...new Set([...already, ...entry.fields])]
      db.prepare(
        'INSERT INTO hidden_in(feed, record, seq, fields) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET seq = max(seq, excluded.seq), fields = excluded.fields',
      ).run(feed, entry.record, seq, JSON.stringify(fields))
      show(place, entry.record)
    },
    quarantine: ({ partner, feed, seq }, bad) => {
      const message = `entry ${bad.digest.slice(0, 8)} of ${feed.slice(0, 8)}/${seq}: ${bad.message}`
      journal.refused({ from: partner.nation, code: bad.code, message })
      db.prepare(
        'INSERT INTO quarantine(feed, seq, entry, record, code) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET code = excluded.code',
      ).run(feed, seq, bad.digest, bad.opening[1].record, bad.code)
    },
    recall: ({ feed, seq }, entries) => {
      const named = (entry: string) =>
        entries.length === 0 || entry === '' || entries.includes(entry)
      const rows = db.prepare(
        'SELECT record, entry, digest FROM held_in WHERE feed = ? AND seq = ?',
      )
      const gone = rows.all(feed, seq).filter((row) => named(row['entry'] as string))
      for (const row of gone) {
        const record = row['record'] as string
        db.prepare('DELETE FROM held_in WHERE feed = ? AND record = ?').run(feed, record)
        view.removeForeign(feed, record)
      }
      const refused = db.prepare('SELECT entry FROM quarantine WHERE feed = ? AND seq = ?')
      const drop = db.prepare('DELETE FROM quarantine WHERE feed = ? AND seq = ? AND entry = ?')
      for (const row of refused.all(feed, seq).filter((row) => named(row['entry'] as string)))
        drop.run(feed, seq, row['entry'] as string)
      return gone.map((row) => ({ record: row['record'] as string, head: row['digest'] as string }))
    },
    lose: (feed, record, fields) => {
      const held = heldOf(feed, record)
      const row = db.prepare('SELECT sender, dataset FROM feed_in WHERE feed = ?').get(feed)
      const partner = deps.partners.get(row?.['sender'] as string)
      if (held === null) return
      const left =
        fields === 'all'
          ? []
          : held.fragment.disclosures.filter(([, field]) => !fields.includes(field))
      if (left.length === 0 || partner === undefined) {
        letGo(feed, record)
        view.removeForeign(feed, record)
        return
      }
      db.prepare('UPDATE held_in SET json = ? WHERE feed = ? AND record = ?').run(
        JSON.stringify({ ...held.fragment, disclosures: left }),
        feed,
        record,
      )
      show({ partner, feed, dataset: row?.['dataset'] as string, seq: 0 }, record)
    },
    showAll: (partner) => {
      const rows = db
        .prepare(
          'SELECT feed, dataset, record FROM held_in JOIN feed_in USING (feed) WHERE sender = ?',
        )
        .all(partner.nation)
      for (const row of rows) {
        const place = { partner, feed: row['feed'] as string, dataset: row['dataset'] as string }
        show({ ...place, seq: 0 }, row['record'] as string)
      }
    },
    close: (feed) => {
      for (const row of db.prepare('SELECT record FROM held_in WHERE feed = ?').all(feed)) {
        noteLeft(db, feed, row['record'] as string)
        view.removeForeign(feed, row['record'] as string)
      }
      for (const table of ['held_in', 'dropped_in', 'hidden_in', 'quarantine'])
        db.prepare(`DELETE FROM ${table} WHERE feed = ?`).run(feed)
    },
    release: (feed, seq, entry) =>
      db
        .prepare('DELETE FROM quarantine WHERE feed = ? AND seq = ? AND entry = ?')
        .run(feed, seq, entry).changes > 0,
  }
}
