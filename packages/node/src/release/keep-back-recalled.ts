import type { Nation, NationRecall } from '@entente/schema'
import type { Deps } from '../deps.ts'
import { keepBack } from '../nation-recalls/kept-back.ts'
import { forgetBands } from './band-standings.ts'

/**
 * Our own root, or another node of ours, recalls: it stays back from everybody until a person lets it go again, and what is held is dropped. Inside a
 * transaction.
 */
export function keepBackRecalled(
  { db, partners, origin: own }: Deps,
  { digest, origin, recall: { records, purge } }: NationRecall,
): void {
  const given = db.prepare(
    "SELECT DISTINCT recipient FROM entry_out JOIN (SELECT feed, recipient FROM feed_out UNION ALL SELECT feed, recipient FROM closed_out) USING (feed) WHERE record = ? AND opening ->> '$[1].op' = 'put'",
  )
  for (const record of new Set(records)) {
    const recipients = given.all(record).map((row) => row['recipient'] as Nation)
    // Let go already where another node of ours has said so before the word came: it must be put again, by that name.
    for (const nation of new Set([...partners.keys(), ...recipients]))
      if (!keepBack(db, nation, record, digest))
        db.prepare('DELETE FROM held WHERE recipient = ? AND record = ?').run(nation, record)

    // Where this node says so, another may have given it to anybody, and here nobody knows to whom: all are asked for proof.
    if (purge)
      for (const nation of origin === own ? [...partners.keys(), ...recipients] : recipients)
        db.prepare('INSERT OR IGNORE INTO root_recall_out(digest, recipient) VALUES (?, ?)').run(
          digest,
          nation,
        )
    db.prepare('UPDATE entry_out SET body = NULL WHERE record = ?').run(record)
    db.prepare('DELETE FROM waiting WHERE record = ?').run(record)
    forgetBands(db, record, { untilMs: Infinity })
    if (recipients.length > 0)
      db.prepare('INSERT OR IGNORE INTO dirty(record) VALUES (?)').run(record)
  }
}
