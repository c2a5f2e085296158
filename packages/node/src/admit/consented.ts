import { letsHandOn } from '@entente/policy'
import {
  ConsentError,
  type Entry,
  type Fragment,
  identityOf,
  openConsent,
  type SealedConsent,
} from '@entente/schema'
import { isWithdrawn } from '../consents/consent-statements.ts'
import type { Deps } from '../deps.ts'
import type { Holdings, Place } from './holdings.ts'

/** Fields of another nation's record that somebody handed on to us, each with the consent it rests on, and when that runs out. */
export const consentedTables = `
CREATE TABLE IF NOT EXISTS consented_in(feed TEXT NOT NULL, record TEXT NOT NULL, field TEXT NOT NULL, kind TEXT NOT NULL, consent TEXT NOT NULL, nation TEXT NOT NULL, until_ms INTEGER NOT NULL, seal TEXT NOT NULL, PRIMARY KEY(feed, record, field)) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS consented_in_until ON consented_in(until_ms);
`

/** What is held by the word of a nation that is not its sender, and ends with that word, whatever the sender says. */
export interface Consented {
  /** A put by consents was admitted. Inside its transaction. */
  readonly note: (place: Place, entry: Extract<Entry, { op: 'put' }>, fragment: Fragment) => void
  /** Lets go what rests on a consent that its nation has withdrawn. Inside a transaction. */
  readonly withdrawn: (nation: string, consent: string) => void
  /** Lets go what ran out by now. @returns whether something did */
  readonly expire: () => boolean
  /** Lets go what rests on consents of people who are officers no longer. */
  readonly recheck: () => void
  readonly nextEnd: () => number
}

export function createConsented(deps: Deps, holdings: Pick<Holdings, 'lose'>): Consented {
  const { db, clock, nation, roster, verify } = deps
  const lose = (where: string, ...args: (string | number)[]): boolean => {
    const rows = db
      .prepare(`SELECT feed, record, kind, field FROM consented_in WHERE ${where}`)
      .all(...args)
    const byRecord = Map.groupBy(
      rows,
      (row) => `${row['feed'] as string} ${row['record'] as string}`,
    )
    for (const fields of byRecord.values()) {
      const [feed, record] = [fields[0]?.['feed'] as string, fields[0]?.['record'] as string]
      const names = fields.map((row) => row['field'] as string)
      for (const name of names)
        db.prepare('DELETE FROM consented_in WHERE feed = ? AND record = ? AND field = ?').run(
          feed,
          record,
          name,
        )
      const left = db
        .prepare('SELECT field FROM consented_in WHERE feed = ? AND record = ?')
        .all(feed, record)
        .map((row) => row['field'] as string)
      // Without a field that names it nothing of a record is held.
      const identity = identityOf(fields[0]?.['kind'] as Parameters<typeof identityOf>[0])
      const isNamed = left.some((name) => identity.includes(name))
      holdings.lose(feed, record, isNamed ? names : 'all')
      if (!isNamed)
        db.prepare('DELETE FROM consented_in WHERE feed = ? AND record = ?').run(feed, record)
    }
    return rows.length > 0
  }
  return {
    note: ({ partner, feed }, { digest: named }, { head, disclosures, consents }) => {
      db.prepare('DELETE FROM consented_in WHERE feed = ? AND record = ?').run(feed, head.id)
      if (consents === undefined) return
      const opened = consents
        .map((seal) => openConsent(seal, roster.members, verify))
        .filter(({ digest, consent }) => !isWithdrawn(deps, consent.nation, digest))
      const put = db.prepare(
        'INSERT INTO consented_in(feed, record, field, kind, consent, nation, until_ms, seal) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
      )
      // What ran out since it was checked is noted with its end all the same, and ends at once.
      const to = { holder: partner.nation, recipient: nation, atMs: 0 }
      for (const [, field] of disclosures) {
        const about = { originator: head.originator, record: head.id, head: named, field }
        const best = longest(opened.filter((each) => letsHandOn(each, about, to)))
        // Checked before: a value that nothing would end is not held.
        if (best === undefined) throw new Error(`no consent lets ${field} of ${head.id} be held`)
        const { digest, consent, seal } = best
        put.run(feed, head.id, field, head.kind, digest, consent.nation, consent.until, seal)
      }
    },
    withdrawn: (from, consent) => void lose('nation = ? AND consent = ?', from, consent),
    expire: () => {
      const atMs = clock.nowMs()
      const due = db.prepare('SELECT 1 FROM consented_in WHERE until_ms <= ? LIMIT 1').get(atMs)
      return due !== undefined && db.transact(() => lose('until_ms <= ?', atMs))
    },
    recheck: () => {
      const seals = db.prepare('SELECT DISTINCT consent, nation, seal FROM consented_in').all()
      for (const { consent, nation: from, seal } of seals)
        if (!isGood(seal as string))
          db.transact(() => lose('nation = ? AND consent = ?', from as string, consent as string))
    },
    nextEnd: () =>
      (db.prepare('SELECT MIN(until_ms) AS next FROM consented_in').get()?.['next'] as
        | number
        | null) ?? Infinity,
  }

  function isGood(seal: string): boolean {
    try {
      const { digest, consent } = openConsent(seal, roster.members, verify)
      return !isWithdrawn(deps, consent.nation, digest)
    } catch (error) {
      if (error instanceof ConsentError) return false
      throw error
    }
  }
}

const longest = (consents: readonly SealedConsent[]): SealedConsent | undefined =>
  [...consents].sort((a, b) => b.consent.until - a.consent.until)[0]
