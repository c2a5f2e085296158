import {
  type Approve,
  canonicalJson,
  type Deny,
  digestApproval,
  digestOf,
  digestOpening,
  type Entry,
  type Erase,
  type Nation,
  type PolicyInForce,
  type Purge,
  peekJws,
  type Recall,
  type Release,
  type Reset,
} from '@entente/schema'
import { loseStanding, noteStanding } from '../approvals/approval-store.ts'
import { storeWords } from '../approvals/kept-words.ts'
import type { BackedLeaf } from '../backup/backed-leaf.ts'
import type { Deps } from '../deps.ts'
import { restoreBands } from './band-standings.ts'
import { forgetDecisions } from './forget-decisions.ts'
import { noteHandedOn } from './handed-on.ts'
import { addInputs } from './keep-inputs.ts'
import { replaceFeed } from './reset-feed.ts'
import { takeBack } from './seal-recall.ts'

/**
 * `policy_lost`, `register_lost`: editions that the log has committed to and whose signed file is not here. `reset_due`: feeds of which nobody
 * knows here what their recipient holds.
 */
export const restoreTables = `
CREATE TABLE IF NOT EXISTS policy_lost(digest TEXT PRIMARY KEY, idx INTEGER NOT NULL, edition INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS register_lost(digest TEXT PRIMARY KEY, idx INTEGER NOT NULL, edition INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS reset_due(recipient TEXT NOT NULL, dataset TEXT NOT NULL, PRIMARY KEY(recipient, dataset)) STRICT, WITHOUT ROWID;
`

type Opened = BackedLeaf & { readonly statement: NonNullable<BackedLeaf['statement']> }
type InFeed = Opened & { readonly feed: string; readonly seq: number }

/**
 * Brings what the releaser keeps in line with leaves that have been put back: feeds, what each recipient holds, policies,
 * recalls. Inside the transaction that puts them back.
 */
export function restoreReleases(deps: Deps, leaves: readonly BackedLeaf[]): void {
  const opened = leaves.filter((leaf): leaf is Opened => leaf.statement !== null)
  const inFeeds = opened.filter((leaf): leaf is InFeed => leaf.feed !== null && leaf.seq !== null)
  const feeds = [...Map.groupBy(inFeeds, ({ feed }) => feed).values()]
  // Leaves of one checkpoint are shuffled: the order of a feed is its own. A feed comes before what replaces it.
  for (const feed of feeds) feed.sort((a, b) => a.seq - b.seq)
  feeds.sort(([a], [b]) => (a?.index ?? 0) - (b?.index ?? 0))
  for (const feed of feeds) for (const leaf of feed) restoreInFeed(deps, leaf)
  for (const leaf of opened) restoreBeside(deps, leaf)
  // Bands are of one value for all feeds: they come back in the order of the log.
  for (const { inputs, openings = [], sources = [] } of opened.toSorted(
    (a, b) => a.index - b.index,
  ))
    if (inputs !== undefined) restoreBands(deps, inputs, openings, sources)
  // What was taken back is so whatever was put before.
  for (const leaf of opened) if (leaf.kind === 'recall') restoreRecall(deps, leaf)
  for (const leaf of opened)
    if (leaf.kind === 'erase') forgetDecisions(deps, payloadOf<Erase>(leaf).leaves)
}

const payloadOf = <T>({ statement }: Opened): T => peekJws(statement.jws).payload as unknown as T

function restoreInFeed(deps: Deps, leaf: InFeed): void {
  const { db } = deps
  const { kind, feed, seq, hash } = leaf
  const { recipient } = payloadOf<Release>(leaf)
  const isData = kind === 'release' || kind === 'reset'
  const dataset = isData ? payloadOf<Release>(leaf).dataset : ''
  const [before] = db
    .prepare('SELECT feed FROM feed_out WHERE recipient = ? AND dataset = ?')
    .all(recipient, dataset)
  const old = before?.['feed'] as string | undefined
  if (kind === 'reset' && old !== undefined && old !== feed) {
    // Its own word on which feed that was is in the statement; the log has one for each dataset.
    const { replaces } = payloadOf<Reset>(leaf)
    if (replaces.feed === old) replaceFeed(deps, { recipient, dataset, old, feed })
  }
  db.prepare(
    'INSERT INTO feed_out(feed, recipient, dataset, seq, last) VALUES (?, ?, ?, ?, ?) ON CONFLICT(feed) DO UPDATE SET seq = excluded.seq, last = excluded.last',
  ).run(feed, recipient, dataset, seq, hash)
  if (kind === 'release') restoreRelease(deps, leaf)
}

function restoreRelease(deps: Deps, leaf: InFeed): void {
  const { db, hash } = deps
  const { index, feed, seq, inputs, openings = [], held = [], sources = [] } = leaf
  const { recipient, dataset, entries } = payloadOf<Release>(leaf)
  if (openings.length < entries.length)
    db.prepare('INSERT OR IGNORE INTO reset_due(recipient, dataset) VALUES (?, ?)').run(
      recipient,
      dataset,
    )
  if (inputs !== undefined) addInputs(db, index, inputs)
  for (const json of sources)
    db.prepare('INSERT OR IGNORE INTO source_version(digest, json) VALUES (?, ?)').run(
      digestOf(JSON.parse(json), hash),
      json,
    )
  const holds = db.prepare(
    'INSERT OR REPLACE INTO held(recipient, record, dataset, digest, fields, roles, withheld, policy, valid_until) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
  )
  for (const opening of openings) {
    const [, entry] = opening
    // The body is made again when it is put again: what is held is known by its digest.
    db.prepare(
      'INSERT INTO entry_out(idx, digest, feed, seq, record, opening) VALUES (?, ?, ?, ?, ?, ?)',
    ).run(index, digestOpening(opening, hash), feed, seq, entry.record, canonicalJson(opening))
    if (entry.op === 'drop') dropHeld(deps, recipient, entry)
    else {
      const known = held.find(
        ({ record, digest }) => record === entry.record && digest === entry.digest,
      )
      const exact = Object.fromEntries(entry.fields.map((field) => [field, 'exact']))
      holds.run(
        recipient,
        entry.record,
        dataset,
        entry.digest,
        JSON.stringify(known?.fields ?? exact),
        JSON.stringify(entry.roles ?? {}),
        known?.withheld ?? 0,
        known?.policy ?? inputs?.policy ?? '',
        known?.validUntil ?? inputs?.validUntil ?? null,
      )
      noteHandedOn(db, recipient, entry.record, entry.consents ?? [])
      const rests = (inputs?.approvals ?? []).filter(([record]) => record === entry.record)
      const standing = Object.fromEntries(rests.map(([, field, abouts]) => [field, abouts]))
      noteStanding(deps, recipient, entry.record, standing)
    }
  }
}

function dropHeld(
  { db }: Deps,
  recipient: Nation,
  { record, fields }: Extract<Entry, { op: 'drop' }>,
) {
  loseStanding({ db }, recipient, record, fields ?? null)
  const row = db
    .prepare('SELECT fields FROM held WHERE recipient = ? AND record = ?')
    .get(recipient, record)
  if (row === undefined) return
  const levels = Object.entries(JSON.parse(row['fields'] as string) as Record<string, string>)
  const left = fields === undefined ? [] : levels.filter(([field]) => !fields.includes(field))
  if (left.length === 0)
    db.prepare('DELETE FROM held WHERE recipient = ? AND record = ?').run(recipient, record)
  else
    db.prepare('UPDATE held SET fields = ? WHERE recipient = ? AND record = ?').run(
      JSON.stringify(Object.fromEntries(left)),
      recipient,
      record,
    )
}

function restoreBeside({ db }: Deps, leaf: Opened): void {
  const { index, kind, word, acks } = leaf
  if (kind === 'policy' || kind === 'register') {
    const { edition, digest } = payloadOf<PolicyInForce>(leaf)
    const signed = leaf[kind]
    if (signed !== undefined)
      db.prepare(
        `INSERT OR IGNORE INTO ${kind}_edition(edition, digest, idx, signed) VALUES (?, ?, ?, ?)`,
      ).run(edition, digest, index, JSON.stringify(signed))
    else
      db.prepare(`INSERT OR IGNORE INTO ${kind}_lost(digest, idx, edition) VALUES (?, ?, ?)`).run(
        digest,
        index,
        edition,
      )
  }
  if ((kind === 'approve' || kind === 'deny') && word !== undefined) {
    const { about, seal = '' } = payloadOf<Approve | Deny>(leaf)
    if (digestApproval(word.opening) === about)
      storeWords(db, [{ ...word, about, decision: kind, seal, index }])
  }
  if (kind === 'ack' && acks !== undefined)
    db.prepare(
      'INSERT OR IGNORE INTO ack_period(idx, until_ms, given, received) VALUES (?, ?, ?, ?)',
    ).run(index, acks.until, JSON.stringify(acks.given), JSON.stringify(acks.received))
  if (kind === 'purge') {
    const { recall, unproven = 0 } = payloadOf<Purge>(leaf)
    db.prepare('INSERT OR REPLACE INTO purge_open(feed, seq, unproven) VALUES (?, ?, ?)').run(
      recall.feed,
      recall.seq,
      unproven,
    )
    db.prepare('INSERT OR IGNORE INTO purge_given(feed, seq) VALUES (?, ?)').run(
      recall.feed,
      recall.seq,
    )
  }
}

function restoreRecall(deps: Deps, leaf: Opened): void {
  const { db } = deps
  const { recipient, release, entries, purge, at } = payloadOf<Recall>(leaf)
  db.prepare(
    'INSERT OR IGNORE INTO recall_out(feed, seq, recipient, statement, idx, purge) VALUES (?, ?, ?, ?, ?, ?)',
  ).run(leaf.feed, leaf.seq, recipient, leaf.hash, leaf.index, purge ? 1 : 0)
  const row = db
    .prepare('SELECT idx FROM statement WHERE feed = ? AND seq = ?')
    .get(release.feed, release.seq)
  if (row !== undefined)
    takeBack(deps, row['idx'] as number, release.feed, recipient, entries, leaf.hash, at)
}
