import { type Nation, type Opening, type Purge, peekJws, type Release } from '@entente/schema'
import type { Deps } from '../deps.ts'
import { NodeError } from '../errors.ts'
import type { LoggedStatement, ReleaseLog } from '../log/release-log.ts'
import { keepBack, letGo } from '../nation-recalls/kept-back.ts'
import { unprovenDownstream } from '../retransfer/unproven.ts'
import { forgetBands } from './band-standings.ts'
import { appendToControlFeed, type SealedPlace } from './control-feed.ts'

/**
 * `recall_out`: what we recalled, and what its recipient says it purged. `recalled_out`: what stays back until a person lets it
 * go again. `recall_unproven`: of how many nations that it had handed on to the recipient lacks proof. `purge_given`: recalls of others
 * that we have answered; `purge_open`: of how many nations our answer said that they had not proven theirs.
 */
export const recallTables = `
CREATE TABLE IF NOT EXISTS recall_out(feed TEXT NOT NULL, seq INTEGER NOT NULL, recipient TEXT NOT NULL, statement TEXT NOT NULL, idx INTEGER NOT NULL, purge INTEGER NOT NULL, purged INTEGER, PRIMARY KEY(feed, seq)) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS recalled_out(recipient TEXT NOT NULL, record TEXT NOT NULL, PRIMARY KEY(recipient, record)) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS purge_given(feed TEXT NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY(feed, seq)) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS recall_unproven(feed TEXT NOT NULL, seq INTEGER NOT NULL, recipient TEXT NOT NULL, unproven INTEGER NOT NULL, PRIMARY KEY(feed, seq)) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS purge_open(feed TEXT NOT NULL, seq INTEGER NOT NULL, unproven INTEGER NOT NULL, PRIMARY KEY(feed, seq)) STRICT, WITHOUT ROWID;
`

export interface RecallRequest {
  /** Leaf of the release. */
  readonly index: number
  /** Digests of entries; none: every put of the release. */
  readonly entries?: readonly string[]
  readonly purge: boolean
  readonly reason: string
}

/**
 * Recalls what a release gave and its recipient still holds by it. What is recalled stays back, whatever the policy says,
 * until somebody lets it go again; one statement, sent as a notice at once.
 * @throws {NodeError} `LEAF_UNKNOWN`, `RECALL_REFUSED`
 */
export function sealRecall(deps: Deps, log: ReleaseLog, request: RecallRequest): SealedRecall {
  const sealed = deps.db.transact(() => appendRecall(deps, log, request))
  log.noteHead()
  return sealed
}

export type SealedRecall = SealedPlace & { readonly recipient: Nation; readonly records: number }

/** The same inside the caller's transaction, which calls `log.noteHead` when it is committed. @throws as `sealRecall` */
export function appendRecall(
  deps: Deps,
  log: ReleaseLog,
  { index, entries = [], purge, reason }: RecallRequest,
): SealedRecall {
  const { db } = deps
  const statement = log.statement(index)
  if (statement === null)
    throw new NodeError(
      'LEAF_UNKNOWN',
      `leaf ${index} is not in the log of this node, or has been erased; ${anotherNode}`,
    )
  const { recipient, dataset, release, feed } = releaseOf(statement)
  const strange = entries.find((entry) => !release.entries.includes(entry))
  if (strange !== undefined)
    throw new NodeError('RECALL_REFUSED', `the release at leaf ${index} has no entry ${strange}`)
  const said = {
    dataset,
    release: { feed, seq: release.seq, statement: statement.hash },
    entries: [...new Set(entries)].sort(),
    purge,
    reason,
  }
  const place = appendToControlFeed(deps, log, 'recall', recipient, said)
  db.prepare(
    'INSERT INTO recall_out(feed, seq, recipient, statement, idx, purge) VALUES (?, ?, ?, ?, ?, ?)',
  ).run(place.feed, place.seq, recipient, place.statement, place.index, purge ? 1 : 0)
  return {
    ...place,
    recipient,
    records: takeBack(deps, index, feed, recipient, entries, place.statement),
  }
}

const anotherNode = 'what another node of the nation released is recalled by its record (--record)'

function releaseOf(statement: LoggedStatement) {
  const { index, kind, hash, jws } = statement
  const release = peekJws(jws).payload as unknown as Release
  if (kind !== 'release' || release.effect !== 'widen')
    throw new NodeError(
      'RECALL_REFUSED',
      `leaf ${index} of this log released nothing: only a put is recalled; ${anotherNode}`,
    )
  const { recipient, dataset } = release
  return { release, recipient, dataset, feed: release.feed ?? hash }
}

/**
 * From here on the recipient holds none of it, and gets none of it again. Where an older value of the record went before, it may
 * hold that still, for what is recalled may never have arrived: then the record is decided again, which drops it.
 * @param statement digest of the recall
 * @param atMs when it was recalled, of a recall that is put back: bands that began to stand later are of what came after it
 * @returns how many records it held by it
 */
export function takeBack(
  { db }: Pick<Deps, 'db'>,
  index: number,
  feed: string,
  recipient: Nation,
  entries: readonly string[],
  statement: string,
  atMs = Infinity,
): number {
  const rows = db
    .prepare('SELECT digest, record, opening FROM entry_out WHERE idx = ?')
    .all(index)
    .filter((row) => entries.length === 0 || entries.includes(row['digest'] as string))
  // In any feed: one that was begun anew, or that of another dataset, gives the same record.
  const later = db.prepare(
    "SELECT 1 FROM entry_out WHERE idx > ?1 AND record = ?2 AND opening ->> '$[1].op' = 'put' AND feed IN (SELECT feed FROM feed_out WHERE recipient = ?3 UNION ALL SELECT feed FROM closed_out WHERE recipient = ?3)",
  )
  const before = db.prepare(
    'SELECT opening FROM entry_out WHERE idx < ? AND feed = ? AND record = ? ORDER BY seq DESC LIMIT 1',
  )
  const mayHoldOlder = (record: string): boolean => {
    const row = before.get(index, feed, record)
    if (row === undefined) return false
    const [, entry] = JSON.parse(row['opening'] as string) as Opening
    return entry.op === 'put' || entry.fields !== undefined
  }
  let records = 0
  for (const row of rows) {
    const record = row['record'] as string
    const [, { op }] = JSON.parse(row['opening'] as string) as Opening
    db.prepare('UPDATE entry_out SET body = NULL WHERE idx = ? AND digest = ?').run(
      index,
      row['digest'] as string,
    )
    if (op !== 'put' || later.get(index, record, recipient) !== undefined) continue
    keepBack(db, recipient, record, statement)
    db.prepare('DELETE FROM waiting WHERE recipient = ? AND record = ?').run(recipient, record)
    // Bands of what was taken back do not go again, to anybody.
    forgetBands(db, record, { untilMs: atMs })
    const isHeld = db
      .prepare('SELECT 1 FROM held WHERE recipient = ? AND record = ?')
      .get(recipient, record)
    if (isHeld === undefined) continue
    records++
    if (mayHoldOlder(record))
      db.prepare('INSERT OR IGNORE INTO dirty(record) VALUES (?)').run(record)
    else db.prepare('DELETE FROM held WHERE recipient = ? AND record = ?').run(recipient, record)
  }
  return records
}

/** Lets what was recalled go again, as the policy says. @throws {NodeError} `RECALL_REFUSED` */
export function allowAgain(deps: Deps, recipient: Nation, record: string): void {
  const { db } = deps
  db.transact(() => {
    if (!letGo(deps, recipient, record))
      throw new NodeError('RECALL_REFUSED', `${record} is not recalled from ${recipient}`)
    db.prepare('INSERT OR IGNORE INTO dirty(record) VALUES (?)').run(record)
  })
}

/** A nation says that it purged what a recall of ours named. @returns false when it names none. Inside a transaction. */
export function notePurge(
  { db }: Deps,
  nation: Nation,
  { recall, purged, unproven = 0 }: Pick<Purge, 'recall' | 'purged' | 'unproven'>,
): boolean {
  const { changes } = db
    .prepare(
      'UPDATE recall_out SET purged = ? WHERE feed = ? AND seq = ? AND recipient = ? AND statement = ?',
    )
    .run(purged, recall.feed, recall.seq, nation, recall.statement)
  if (changes > 0)
    db.prepare(
      'INSERT OR REPLACE INTO recall_unproven(feed, seq, recipient, unproven) VALUES (?, ?, ?, ?)',
    ).run(recall.feed, recall.seq, nation, unproven)
  return changes > 0
}

/** Recalls of ours, or of our root, that asked a nation for a purge of which there is no proof yet, its own or of those it had handed on to. */
export const unprovenRecalls = ({ db }: Pick<Deps, 'db'>, nation: Nation): number =>
  (db
    .prepare(
      'SELECT COUNT(*) AS n FROM recall_out LEFT JOIN recall_unproven USING (feed, seq) WHERE recall_out.recipient = ? AND purge = 1 AND (purged IS NULL OR unproven > 0)',
    )
    .get(nation)?.['n'] as number) +
  (db
    .prepare(
      'SELECT COUNT(*) AS n FROM root_recall_out WHERE recipient = ? AND (purged IS NULL OR unproven > 0)',
    )
    .get(nation)?.['n'] as number)

/**
 * Answers every recall that asked for a purge and has been carried out to the last byte. Where it had been handed on, the answer says of
 * how many nations there is no proof yet, and is given again when that number has changed: the last one names none.
 * @returns whether something was sealed
 */
export function sealPurges(deps: Deps, log: ReleaseLog): boolean {
  const { db } = deps
  const due = db
    .prepare(
      'SELECT recall_in.feed, recall_in.seq, recall_in.sender, statement, purged, purge_open.unproven AS said, purge_given.seq IS NULL AS fresh FROM recall_in JOIN feed_in USING (feed) LEFT JOIN purge_given ON purge_given.feed = recall_in.feed AND purge_given.seq = recall_in.seq LEFT JOIN purge_open ON purge_open.feed = recall_in.feed AND purge_open.seq = recall_in.seq WHERE purge = 1 AND body_seq >= recall_in.seq AND (purge_given.seq IS NULL OR purge_open.unproven > 0) ORDER BY 1, 2',
    )
    .all()
    .map((row): Record<string, unknown> & { readonly unproven: number } => ({
      ...row,
      unproven: unprovenDownstream(deps, row['feed'] as string, row['seq'] as number),
    }))
    .filter((row) => row['fresh'] === 1 || row['said'] !== row.unproven)
  if (due.length === 0) return false
  db.transact(() => {
    for (const row of due) {
      const [feed, seq] = [row['feed'] as string, row['seq'] as number]
      const recall = { feed, seq, statement: row['statement'] as string }
      const { unproven } = row
      const said = { recall, purged: row['purged'] as number, ...(unproven > 0 && { unproven }) }
      appendToControlFeed(deps, log, 'purge', row['sender'] as Nation, said)
      db.prepare('INSERT OR IGNORE INTO purge_given(feed, seq) VALUES (?, ?)').run(feed, seq)
      db.prepare('INSERT OR REPLACE INTO purge_open(feed, seq, unproven) VALUES (?, ?, ?)').run(
        feed,
        seq,
        unproven,
      )
    }
  })
  log.noteHead()
  return true
}
