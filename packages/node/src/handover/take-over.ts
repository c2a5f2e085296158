import { Nation, Selector, StatementPlace, signJws, statementType } from '@entente/schema'
import { z } from 'zod'
import type { Deps } from '../deps.ts'
import { statementHash } from '../log/leaf.ts'
import type { ReleaseLog } from '../log/release-log.ts'
import { KeptBack, takeKeptBack } from '../nation-recalls/kept-back.ts'
import { setSelection } from '../release/selection.ts'
import { setReleases } from './duty.ts'

/** What one node hands to another of its nation; `asks`: what each nation asks for of the dataset, empty for nothing. */
export const HandOverMessage = z.strictObject({
  dataset: z.string().min(1).max(100),
  /** Grows with each word of that node on this dataset; absent from an older version. */
  number: z.int().min(1).optional(),
  recipients: z
    .array(
      z.strictObject({
        nation: Nation,
        asks: z.array(Selector).max(1_000),
        head: StatementPlace.nullable(),
      }),
    )
    .max(300),
  /** What stays back from whom, and what a person has let go since; absent from an older version, from which nothing is taken. */
  recalls: z.array(KeptBack).max(100_000).optional(),
})
export type HandOverMessage = z.infer<typeof HandOverMessage>

/**
 * Takes a dataset over. To each nation that had a feed of it a new one begins, whose first statement names the old one and closes
 * it with all that it gave; everything is decided again here. The same word does nothing a second time, also where the dataset has been
 * handed on since.
 * @param peer the node that hands it over
 * @returns why it is not taken, or null
 */
export function takeOver(
  deps: Deps,
  log: ReleaseLog,
  message: HandOverMessage,
  peer: string,
): string | null {
  const { db } = deps
  const { dataset, number = 0, recalls } = message
  const last = db
    .prepare('SELECT number FROM handover_taken WHERE dataset = ? AND peer = ?')
    .get(dataset, peer)?.['number'] as number | undefined
  if (last !== undefined && number < last)
    return `HANDOVER_OLD: ${dataset} was taken by a later word of that node, number ${last}; hand it over there again`
  if (number === last) return null
  if (recalls === undefined)
    return `HANDOVER_RECALLS: that node does not say what of ${dataset} stays back, and what was recalled would go again: bring it to the present version`
  const known = db.prepare('SELECT head FROM handover_in WHERE dataset = ? AND recipient = ?')
  db.transact(() => {
    takeKeptBack(db, recalls)
    for (const { nation, asks, head } of message.recipients) {
      if (!deps.partners.has(nation)) continue
      setSelection(db, nation, dataset, asks)
      const text = head === null ? null : JSON.stringify(head)
      const before = known.get(dataset, nation)
      if (before !== undefined && before['head'] === text) continue
      db.prepare(
        'INSERT OR REPLACE INTO handover_in(dataset, recipient, head) VALUES (?, ?, ?)',
      ).run(dataset, nation, text)
      if (head !== null) beginAfter(deps, log, dataset, nation, head)
    }
    if (number > 0)
      db.prepare(
        'INSERT OR REPLACE INTO handover_taken(dataset, peer, number) VALUES (?, ?, ?)',
      ).run(dataset, peer, number)
    setReleases(db, dataset, true)
    db.prepare('DELETE FROM handover_out WHERE dataset = ?').run(dataset)
    db.prepare('DELETE FROM handover_told WHERE dataset = ?').run(dataset)
    db.prepare('INSERT OR IGNORE INTO dirty(record) SELECT id FROM record WHERE dataset = ?').run(
      dataset,
    )
  })
  log.noteHead()
  return null
}

function beginAfter(
  deps: Deps,
  log: ReleaseLog,
  dataset: string,
  recipient: Nation,
  replaces: StatementPlace,
): void {
  const { db } = deps
  const at = Math.max(deps.clock.nowMs(), log.lastAtMs())
  const reason = 'released by another node from here on'
  const payload = { origin: deps.origin, at, feed: null, seq: 0, prev: null, recipient, dataset }
  const jws = signJws(statementType('reset'), { ...payload, replaces, reason }, deps.signStatement)
  const feed = statementHash(jws)
  log.append([{ kind: 'reset', jws, salt: deps.randomBytes(32), atMs: at, feed, seq: 0 }])
  db.prepare('DELETE FROM feed_out WHERE recipient = ? AND dataset = ?').run(recipient, dataset)
  db.prepare(
    'INSERT INTO feed_out(feed, recipient, dataset, seq, last) VALUES (?, ?, ?, 0, ?)',
  ).run(feed, recipient, dataset, feed)
}

/** The other node has it: the feeds that ended with the hand-over are served no more. */
export function handedOver(deps: Deps, dataset: string, number: number): void {
  const { db } = deps
  db.transact(() => {
    const { changes } = db
      .prepare('UPDATE handover_out SET taken = 1 WHERE dataset = ? AND number = ?')
      .run(dataset, number)
    if (changes === 0) return
    db.prepare(
      "INSERT OR IGNORE INTO closed_out(feed, recipient, dataset, replaced_by) SELECT feed, recipient, dataset, '' FROM feed_out WHERE dataset = ?",
    ).run(dataset)
    db.prepare('DELETE FROM feed_out WHERE dataset = ?').run(dataset)
  })
}
