import { Acknowledgement, type Nation, peekJws, type Tally } from '@entente/schema'
import type { Database } from '../adapters/sqlite-database.ts'
import { entriesOf, sumTallies } from '../admit/tally.ts'

/** How many entries our statements of a feed name, up to one of them: our half of the tally. */
export const tallyOutTables = `
CREATE TABLE IF NOT EXISTS tally_out(feed TEXT PRIMARY KEY, seq INTEGER NOT NULL, entries INTEGER) STRICT;
`

/** Counts our own entries up to what has just been acknowledged; null for ever once a statement has been erased and none can say. */
export function countSent(db: Database, feed: string, seq: number): void {
  const before = db.prepare('SELECT seq, entries FROM tally_out WHERE feed = ?').get(feed)
  const from = (before?.['seq'] as number | undefined) ?? -1
  if (seq <= from) return
  let entries = before === undefined ? 0 : (before['entries'] as number | null)
  const rows = db.prepare(
    'SELECT jws FROM statement WHERE feed = ? AND seq > ? AND seq <= ? ORDER BY seq',
  )
  for (const { jws } of rows.all(feed, from, seq))
    entries = entries === null || jws === null ? null : entries + entriesOf(jws as string)
  db.prepare('INSERT OR REPLACE INTO tally_out(feed, seq, entries) VALUES (?, ?, ?)').run(
    feed,
    seq,
    entries,
  )
}

/** What became of all we have sent to a partner, by its own signed word, and whether it counts as many entries as we have sealed. */
export interface SentTally {
  readonly tally: Tally
  /** Datasets whose feed it counts otherwise than we do, with both counts. */
  readonly differs: readonly {
    readonly dataset: string
    readonly theirs: number
    readonly ours: number
  }[]
}

/** Null: it has given no tally yet. */
export function sentTally(db: Database, nation: Nation): SentTally | null {
  const rows = db
    .prepare(
      "SELECT feed_out.dataset AS dataset, jws, ack_received.seq AS seq, tally_out.seq AS counted, entries FROM feed_out JOIN ack_received USING (feed) LEFT JOIN tally_out USING (feed) WHERE recipient = ? AND dataset <> '' ORDER BY dataset",
    )
    .all(nation)
  const tallies: Tally[] = []
  const differs: { dataset: string; theirs: number; ours: number }[] = []
  for (const row of rows) {
    const { tally } = Acknowledgement.parse(peekJws(row['jws'] as string).payload)
    if (tally === undefined) continue
    tallies.push(tally)
    const ours = row['counted'] === row['seq'] ? (row['entries'] as number | null) : null
    if (ours !== null && !addsUp(tally, ours))
      differs.push({ dataset: row['dataset'] as string, theirs: tally.entries, ours })
  }
  return tallies.length === 0 ? null : { tally: sumTallies(tallies), differs }
}

const addsUp = (tally: Tally, ours: number): boolean =>
  tally.entries === ours &&
  tally.accepted + tally.refused + tally.unchanged + tally.unopened === ours
