import {
  Acknowledgement,
  acknowledgementType,
  JwsError,
  keyBytes,
  openJws,
  unrevokedKeys,
} from '@entente/schema'
import type { Deps, Partner } from '../deps.ts'
import type { View } from '../view/view.ts'
import type { Holdings } from './holdings.ts'

/** Partners whose values are not shown, since this database may lack what they have taken back; and what opens them again. */
export const closedViewTables = `
CREATE TABLE IF NOT EXISTS closed_view(sender TEXT PRIMARY KEY, known INTEGER NOT NULL DEFAULT 0) STRICT;
CREATE TABLE IF NOT EXISTS reopen_at(feed TEXT PRIMARY KEY, sender TEXT NOT NULL, seq INTEGER NOT NULL) STRICT;
`

/** Takes all that partners have given out of the view, until each of their feeds has come to where it was. In a transaction. */
export function closeForeign({ db, partners }: Deps, view: View): void {
  for (const { feed, record } of db.prepare('SELECT feed, record FROM held_in').all())
    view.removeForeign(feed as string, record as string)
  db.exec('DELETE FROM reopen_at')
  for (const nation of partners.keys())
    db.prepare('INSERT OR REPLACE INTO closed_view(sender, known) VALUES (?, 0)').run(nation)
}

export const isClosed = ({ db }: Pick<Deps, 'db'>, nation: string): boolean =>
  db.prepare('SELECT 1 FROM closed_view WHERE sender = ?').get(nation) !== undefined

/** Whether the partner has still to tell what we acknowledged last. */
export const mustAskWhere = ({ db }: Deps, nation: string): boolean =>
  db.prepare('SELECT 1 FROM closed_view WHERE sender = ? AND known = 0').get(nation) !== undefined

/** Notes our own last word on each feed of a partner, as the partner shows it: what is not ours counts for nothing. */
export function noteWhere(deps: Deps, partner: Partner, acknowledgements: readonly string[]): void {
  const { db, nation } = deps
  db.transact(() => {
    for (const jws of acknowledgements) {
      const ack = openOwn(deps, jws)
      if (ack?.by !== nation || ack.to !== partner.nation) continue
      db.prepare(
        'INSERT INTO reopen_at(feed, sender, seq) VALUES (?, ?, ?) ON CONFLICT(feed) DO UPDATE SET seq = max(seq, excluded.seq)',
      ).run(ack.feed, partner.nation, ack.seq)
    }
    db.prepare('UPDATE closed_view SET known = 1 WHERE sender = ?').run(partner.nation)
  })
}

function openOwn({ self, verify }: Deps, jws: string): Acknowledgement | null {
  for (const key of unrevokedKeys(self.member))
    try {
      return Acknowledgement.parse(openJws(jws, acknowledgementType, keyBytes(key), verify))
    } catch (error) {
      if (!(error instanceof JwsError)) throw error
    }
  return null
}

/** Shows a partner's values again once every feed has come to where we had acknowledged it. Outside of a transaction. */
export function reopenWhenReached({ db }: Deps, holdings: Holdings, partner: Partner): void {
  const waits = db
    .prepare(
      'SELECT known, EXISTS (SELECT 1 FROM reopen_at LEFT JOIN feed_in USING (feed) WHERE reopen_at.sender = closed_view.sender AND coalesce(body_seq, -1) < reopen_at.seq AND feed NOT IN (SELECT feed FROM closed_in)) AS behind FROM closed_view WHERE sender = ?',
    )
    .get(partner.nation)
  if (waits === undefined || waits['known'] !== 1 || waits['behind'] !== 0) return
  db.transact(() => {
    db.prepare('DELETE FROM closed_view WHERE sender = ?').run(partner.nation)
    db.prepare('DELETE FROM reopen_at WHERE sender = ?').run(partner.nation)
    holdings.showAll(partner)
  })
}
