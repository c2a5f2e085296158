import { type Nation, peekJws, statementKeyAt } from '@entente/schema'
import type { Deps, Partner } from '../deps.ts'
import type { View } from '../view/view.ts'

/**
 * Hides what partners had said, before we were told of it, with keys that were no longer theirs: fragments whose latest word is a
 * leaf after the last good one. They stay hidden until they are put again. Policies of such leaves are forgotten, and bodies
 * that were still wanted no longer are.
 * @returns how many fragments of each nation were hidden now
 */
export function hideRevoked(deps: Deps, view: View): ReadonlyMap<Nation, number> {
  const { db } = deps
  const hidden = new Map<Nation, number>()
  db.transact(() => {
    for (const partner of deps.partners.values()) {
      if (partner.member.revocations.length === 0) continue
      const count = hideOf(deps, view, partner)
      if (count > 0) hidden.set(partner.nation, count)
    }
  })
  return hidden
}

function hideOf({ db }: Deps, view: View, { nation, member, log }: Partner): number {
  const isRevoked = (origin: string, index: number) =>
    statementKeyAt(member, origin, index)?.revoked != null
  const statements = db
    .prepare('SELECT feed, seq, idx, jws FROM statement_in WHERE sender = ?')
    .all(nation)
    .filter((row) => isRevoked(originOf(row['jws'] as string), row['idx'] as number))
  const held = db.prepare(
    'SELECT record FROM held_in WHERE feed = ? AND seq = ? AND NOT EXISTS (SELECT 1 FROM hidden_in WHERE hidden_in.feed = held_in.feed AND hidden_in.record = held_in.record AND fields = \'"all"\')',
  )
  const hide = db.prepare(
    'INSERT INTO hidden_in(feed, record, seq, fields) VALUES (?, ?, ?, \'"all"\') ON CONFLICT DO UPDATE SET seq = max(seq, excluded.seq), fields = excluded.fields',
  )
  const unwant = db.prepare('DELETE FROM quarantine WHERE feed = ? AND seq = ?')
  let count = 0
  for (const row of statements) {
    const [feed, seq] = [row['feed'] as string, row['seq'] as number]
    unwant.run(feed, seq)
    for (const { record } of held.all(feed, seq)) {
      hide.run(feed, record as string, seq)
      view.removeForeign(feed, record as string)
      count++
    }
  }
  for (const origin of new Set([log.origin, ...member.nodes.map((node) => node.origin)]))
    for (const row of db.prepare('SELECT idx FROM partner_policy WHERE origin = ?').all(origin))
      if (isRevoked(origin, row['idx'] as number))
        db.prepare('DELETE FROM partner_policy WHERE origin = ? AND idx = ?').run(
          origin,
          row['idx'] as number,
        )
  return count
}

const originOf = (jws: string): string =>
  (peekJws(jws).payload as { readonly origin: string }).origin
