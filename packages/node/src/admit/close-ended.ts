import { furtherNodesOf, type Nation, peekJws } from '@entente/schema'
import type { Deps, Partner } from '../deps.ts'
import type { View } from '../view/view.ts'

/**
 * Closes the feeds of logs that partners have ended: the roster names another log of theirs now, whose feeds begin with statement 0. What
 * the old ones had given is taken back until it is put again; their statements stay as evidence. A log whose key is revoked has not ended:
 * what it said up to the last good leaf stays, and `hideRevoked` hides the rest.
 * @returns how many feeds of each nation were closed now
 */
export function closeEnded(deps: Deps, view: View): ReadonlyMap<Nation, number> {
  const closed = new Map<Nation, number>()
  deps.db.transact(() => {
    for (const partner of deps.partners.values())
      for (const feed of feedsOfEndedLogs(deps, partner)) {
        close(deps, view, feed)
        closed.set(partner.nation, (closed.get(partner.nation) ?? 0) + 1)
      }
  })
  return closed
}

function feedsOfEndedLogs({ db }: Deps, { nation, log, member }: Partner): readonly string[] {
  const further = furtherNodesOf(member.nodes, [])
  const going = new Set([log.origin, ...further.map(({ origin }) => origin)])
  return db
    .prepare(
      'SELECT feed_in.feed, jws FROM feed_in JOIN statement_in ON statement_in.feed = feed_in.feed AND statement_in.seq = 0 WHERE feed_in.sender = ?',
    )
    .all(nation)
    .filter(({ jws }) => !going.has((peekJws(jws as string).payload as { origin: string }).origin))
    .map(({ feed }) => feed as string)
}

function close({ db }: Deps, view: View, feed: string): void {
  for (const { record } of db.prepare('SELECT record FROM held_in WHERE feed = ?').all(feed))
    view.removeForeign(feed, record as string)
  for (const table of ['held_in', 'dropped_in', 'hidden_in', 'quarantine', 'feed_in'])
    db.prepare(`DELETE FROM ${table} WHERE feed = ?`).run(feed)
}
