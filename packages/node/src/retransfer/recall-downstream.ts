import {
  type Inputs,
  type Nation,
  type Opening,
  peekJws,
  type RetransferConsent,
} from '@entente/schema'
import type { Deps } from '../deps.ts'
import type { ReleaseLog } from '../log/release-log.ts'
import { appendRecall } from '../release/seal-recall.ts'
import type { GivenRecord } from './left-records.ts'

/**
 * `recall_due`: records that a partner has recalled, and of which it is to be looked at whether they were handed on; `head`: as which fragment. `recall_down`: recalls
 * of ours that one of a partner made us say.
 */
export const downstreamTables = `
CREATE TABLE IF NOT EXISTS recall_due(feed TEXT NOT NULL, seq INTEGER NOT NULL, nation TEXT NOT NULL, record TEXT NOT NULL, purge INTEGER NOT NULL, head TEXT NOT NULL DEFAULT '', PRIMARY KEY(feed, seq, record)) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS recall_down(feed TEXT NOT NULL, seq INTEGER NOT NULL, out_feed TEXT NOT NULL, out_seq INTEGER NOT NULL, PRIMARY KEY(feed, seq, out_feed, out_seq)) STRICT, WITHOUT ROWID;
`

/** A recall took this of a nation's records back. Inside the transaction that does so. */
export function noteRecalled(
  { db }: Pick<Deps, 'db'>,
  nation: Nation,
  recall: { readonly feed: string; readonly seq: number; readonly purge: boolean },
  records: readonly GivenRecord[],
): void {
  const due = db.prepare(
    'INSERT OR IGNORE INTO recall_due(feed, seq, nation, record, purge, head) VALUES (?, ?, ?, ?, ?, ?)',
  )
  for (const { record, head } of records)
    due.run(recall.feed, recall.seq, nation, record, recall.purge ? 1 : 0, head)
}

/**
 * Recalls what was handed on, by its originator's consent, of a record that its originator has recalled: as it came, and in records made
 * of it. Before anything of it is decided again, so that it is recalled and not only dropped. @returns whether something was sealed
 */
export function recallDownstream(
  deps: Deps,
  log: ReleaseLog,
  recordsFrom: (record: string) => readonly string[],
): boolean {
  const { db } = deps
  const rows = db.prepare('SELECT * FROM recall_due ORDER BY feed, seq, record').all()
  if (rows.length === 0) return false
  for (const row of rows) {
    const [feed, seq] = [row['feed'] as string, row['seq'] as number]
    const [nation, record] = [row['nation'] as Nation, row['record'] as string]
    const given = { record, head: row['head'] as string }
    db.transact(() => {
      for (const id of new Set([record, ...recordsFrom(record)]))
        for (const put of putsOf(deps, id, nation, given)) {
          const out = appendRecall(deps, log, {
            index: put.index,
            entries: [put.entry],
            purge: row['purge'] === 1,
            reason: `recalled by its originator, ${nation}`,
          })
          db.prepare(
            'INSERT OR IGNORE INTO recall_down(feed, seq, out_feed, out_seq) VALUES (?, ?, ?, ?)',
          ).run(feed, seq, out.feed, out.seq)
        }
      db.prepare('DELETE FROM recall_due WHERE feed = ? AND seq = ? AND record = ?').run(
        feed,
        seq,
        record,
      )
    })
    log.noteHead()
  }
  return true
}

/**
 * The last put of a record to each other nation, where it rests on a consent over the fragment that was recalled. Dropped since or not: the
 * originator's own drop may have come before its recall, and only a recall asks for proof.
 */
function putsOf(
  { db }: Deps,
  id: string,
  originator: Nation,
  { record, head }: GivenRecord,
): readonly { readonly index: number; readonly entry: string }[] {
  const consents = new Set(
    db
      .prepare('SELECT digest, seal FROM consent WHERE record = ?')
      .all(record)
      .filter(({ seal }) => {
        // Its seal was good when it was installed.
        const { payload } = peekJws(seal as string)
        return head === '' || (payload as unknown as RetransferConsent).head === head
      })
      .map(({ digest }) => digest as string),
  )
  const holders = db.prepare(
    'SELECT DISTINCT recipient FROM entry_out JOIN feed_out USING (feed) WHERE record = ? AND recipient <> ?',
  )
  return holders.all(id, originator).flatMap(({ recipient }) => {
    const entries = db
      .prepare(
        'SELECT idx, digest, opening FROM entry_out JOIN feed_out USING (feed) WHERE recipient = ? AND record = ? ORDER BY entry_out.seq DESC',
      )
      .all(recipient as string, id)
    const put = entries.find((row) => {
      const [, entry] = JSON.parse(row['opening'] as string) as Opening
      return entry.op === 'put'
    })
    if (put === undefined) return []
    const index = put['idx'] as number
    const inputs = db.prepare('SELECT json FROM decision_inputs WHERE idx = ?').get(index)
    const read = inputs === undefined ? null : (JSON.parse(inputs['json'] as string) as Inputs)
    const isUnderConsent = read?.consents?.some((digest) => consents.has(digest)) === true
    return isUnderConsent ? [{ index, entry: put['digest'] as string }] : []
  })
}
