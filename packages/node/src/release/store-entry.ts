import { canonicalJson, type Opening } from '@entente/schema'
import { loseStanding, noteStanding } from '../approvals/approval-store.ts'
import type { Deps } from '../deps.ts'
import { noteAlert } from './alert-out.ts'
import { newBandsOf, stand } from './band-standings.ts'
import { noteHandedOn } from './handed-on.ts'
import type { PlannedChange } from './plan.ts'

/** One change with the body that will lie in the outbox. */
export interface Item {
  readonly change: PlannedChange
  readonly body: string | null
}

/** An entry of a sealed statement, and its place. */
interface StoredEntry extends Item {
  readonly opening: Opening
  readonly digest: string
  readonly index: number
  readonly feed: string
  readonly seq: number
  readonly policy: string
  readonly atMs: number
  readonly effect: 'widen' | 'narrow'
}

/** Lays an entry into the outbox, and notes what its recipient holds from now on. Inside the transaction that seals it. */
export function storeEntry({ db }: Deps, entry: StoredEntry): void {
  const { change, body, opening, digest, index, feed, seq, effect } = entry
  const { recipient, id, dataset, composition, source, held } = change
  // Any word on a record replaces the body that lay ready before: only the latest put is ever served.
  db.prepare(
    'UPDATE entry_out SET body = NULL WHERE feed = ? AND record = ? AND body IS NOT NULL',
  ).run(feed, id)
  db.prepare(
    'INSERT INTO entry_out(idx, digest, feed, seq, record, opening, body) VALUES (?, ?, ?, ?, ?, ?, ?)',
  ).run(index, digest, feed, seq, id, canonicalJson(opening), body)
  noteAlert(db, { feed, seq, record: id, isReady: body !== null })
  if (source !== null)
    db.prepare('INSERT OR IGNORE INTO source_version(digest, json) VALUES (?, ?)').run(
      source.digest,
      source.json,
    )
  if (effect === 'widen') {
    const withheld = composition.decisions.size - composition.fields.length
    db.prepare(
      'INSERT OR REPLACE INTO held(recipient, record, dataset, digest, fields, roles, withheld, policy, valid_until) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
    ).run(
      recipient,
      id,
      dataset,
      composition.digest,
      JSON.stringify(composition.levels),
      JSON.stringify(composition.roles),
      withheld,
      entry.policy,
      composition.validUntil,
    )
    noteHandedOn(db, recipient, id, composition.consents)
    if (change.ground !== '') noteStanding({ db }, recipient, id, composition.approvals)
    if (source !== null)
      for (const field of newBandsOf(change)) stand({ db }, source, field, entry.atMs)
    db.prepare('DELETE FROM waiting WHERE recipient = ? AND record = ?').run(recipient, id)
    return
  }
  const dropped = change.change.drop
  loseStanding({ db }, recipient, id, dropped === 'all' ? null : dropped)
  if (dropped === 'all' || dropped === null || held === null) {
    db.prepare('DELETE FROM held WHERE recipient = ? AND record = ?').run(recipient, id)
    return
  }
  const left = Object.fromEntries(
    Object.entries(held.fields).filter(([field]) => !dropped.includes(field)),
  )
  const lost = Object.keys(held.fields).length - Object.keys(left).length
  db.prepare(
    'UPDATE held SET fields = ?, withheld = withheld + ? WHERE recipient = ? AND record = ?',
  ).run(JSON.stringify(left), lost, recipient, id)
}
