import {
  type Nation,
  openRootRecall,
  RootRecallError,
  type SignedRootRecall,
} from '@entente/schema'
import { forgetDeleted } from '../adapters/sqlite-database.ts'
import type { Deps } from '../deps.ts'
import { forgetBands } from '../release/band-standings.ts'
import type { GivenRecord } from '../retransfer/left-records.ts'
import { noteRecalled } from '../retransfer/recall-downstream.ts'
import type { View } from '../view/view.ts'

/** Recalls that roots have signed, whoever told them. */
export interface RootRecalls {
  /** All of them, as their roots signed them. */
  readonly seals: () => readonly string[]
  /**
   * Takes in those that are new; they count at once. What no root has signed is left out, and its bringer named.
   * @param from who brings them; null: our own people
   * @throws {RootRecallError} of the first bad one, when our own people bring it
   */
  readonly take: (seals: readonly string[], from: Nation | null) => readonly SignedRootRecall[]
  /** Called after every such change. */
  readonly on: (listener: (from: Nation | null) => void) => void
}

/** Of one frame; whoever sends more bad ones is not read on. */
const MOST_BAD = 16

export function createRootRecalls(deps: Deps, view: View): RootRecalls {
  const { db, journal, roster, verify } = deps
  const known = new Set(
    db
      .prepare('SELECT seal FROM root_recall')
      .all()
      .map(({ seal }) => seal as string),
  )
  const listeners = new Set<(from: Nation | null) => void>()

  const takeOne = (seal: string): SignedRootRecall | null => {
    const opened = openRootRecall(roster.members, seal, verify)
    const { digest, recall } = opened
    if (db.prepare('SELECT 1 FROM root_recall WHERE digest = ?').get(digest) !== undefined)
      return null
    db.transact(() => {
      const note = db.prepare('INSERT INTO root_recalled(record, nation, digest) VALUES (?, ?, ?)')
      for (const record of new Set(recall.records)) note.run(record, recall.nation, digest)
      const purged = recall.nation === deps.nation ? 0 : takeForeign(deps, view, opened)
      if (recall.nation === deps.nation) takeOwn(deps, opened)
      db.prepare(
        'INSERT INTO root_recall(digest, nation, seal, purge, purged, deleted) VALUES (?, ?, ?, ?, ?, 0)',
      ).run(digest, recall.nation, seal, recall.purge ? 1 : 0, purged)
    })
    known.add(seal)
    return opened
  }
  return {
    seals: () => [...known],
    on: (listener) => void listeners.add(listener),
    take: (seals, from) => {
      const taken: SignedRootRecall[] = []
      let bad = 0
      for (const seal of seals) {
        if (known.has(seal) || bad === MOST_BAD) continue
        try {
          const opened = takeOne(seal)
          if (opened !== null) taken.push(opened)
        } catch (error) {
          if (!(error instanceof RootRecallError) || from === null) throw error
          bad++
          const { code, message } = error
          journal.refused({ from, code, message: `${from} told a recall: ${message}` })
        }
      }
      if (taken.length === 0) return taken
      deleteRecalled(deps)
      for (const listener of listeners) listener(from)
      return taken
    },
  }
}

/** Tries to delete the last byte of what was recalled, while a reader may hold it; only then it is said to be purged. */
export function deleteRecalled({ db }: Pick<Deps, 'db'>): void {
  const due = db.prepare('SELECT 1 FROM root_recall WHERE deleted = 0').get()
  if (due !== undefined && forgetDeleted(db)) db.exec('UPDATE root_recall SET deleted = 1')
}

/** Lets go what the nation gave of its records, or others handed on. @returns how many fragments */
function takeForeign(
  deps: Deps,
  view: View,
  { digest, recall: { nation, records, purge } }: SignedRootRecall,
): number {
  const { db } = deps
  const held = db.prepare(
    "SELECT held_in.feed, digest AS head FROM held_in JOIN feed_in USING (feed) WHERE record = ?1 AND (sender = ?2 OR json ->> '$.head.originator' = ?2)",
  )
  const left = db.prepare(
    'SELECT DISTINCT head FROM left_in JOIN feed_in USING (feed) WHERE record = ? AND sender = ?',
  )
  const unwant = db.prepare(
    'DELETE FROM quarantine WHERE record = ? AND feed IN (SELECT feed FROM feed_in WHERE sender = ?)',
  )
  let count = 0
  const given: GivenRecord[] = []
  for (const record of new Set(records)) {
    const heads = new Set(left.all(record, nation).map(({ head }) => head as string))
    for (const row of held.all(record, nation)) {
      const feed = row['feed'] as string
      db.prepare('DELETE FROM held_in WHERE feed = ? AND record = ?').run(feed, record)
      view.removeForeign(feed, record)
      heads.add(row['head'] as string)
      count++
    }
    unwant.run(record, nation)
    // Under whatever head: all of it is recalled.
    if (heads.size > 0) given.push({ record, head: '' })
  }
  noteRecalled(deps, nation, { feed: digest, seq: 0, purge }, given)
  return count
}

/** Our own root recalls: it stays back from everybody until a person lets it go again, and what is held is dropped. */
function takeOwn(
  { db, partners }: Deps,
  { digest, recall: { records, purge } }: SignedRootRecall,
): void {
  const back = db.prepare('INSERT OR IGNORE INTO recalled_out(recipient, record) VALUES (?, ?)')
  const given = db.prepare(
    "SELECT DISTINCT recipient FROM entry_out JOIN (SELECT feed, recipient FROM feed_out UNION ALL SELECT feed, recipient FROM closed_out) USING (feed) WHERE record = ? AND opening ->> '$[1].op' = 'put'",
  )
  for (const record of new Set(records)) {
    const recipients = given.all(record).map((row) => row['recipient'] as Nation)
    for (const nation of new Set([...partners.keys(), ...recipients])) back.run(nation, record)
    if (purge)
      for (const nation of recipients)
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
