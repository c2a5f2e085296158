import type { Entry, Fragment, Nation, Opening } from '@entente/schema'
import type { Database } from '../adapters/sqlite-database.ts'
import type { LoggedStatement } from '../log/release-log.ts'
import { bodyOf } from '../release/control-feed.ts'
import type { FeedSource } from './serve-feed.ts'

/** Fields of which records were ever opened to the recipient of a feed. */
export const feedTables = `
CREATE TABLE IF NOT EXISTS opened_out(feed TEXT NOT NULL, record TEXT NOT NULL, fields TEXT NOT NULL, PRIMARY KEY(feed, record)) STRICT, WITHOUT ROWID;
`

/** Opened entries of one statement, and the fragment of each put. */
export interface Bodies {
  readonly openings: Opening[]
  /** Of a statement of the control feed: what goes beside it. */
  readonly bodies: unknown[]
}

/**
 * What of a statement its recipient may have now: each put that is still the latest word on its record, was decided
 * under the policy in force, and has not run out; and each drop of something that was opened to it. The rest stays
 * unopened: counted, never named. What is opened is taken down before it is sent.
 * @param isAhead it goes closed, without the key: then nothing has been opened yet
 */
export function currentBodies(
  source: FeedSource,
  recipient: Nation,
  statement: LoggedStatement,
  isAhead = false,
): Bodies {
  const { deps, mayServe, ground } = source
  const { db, clock } = deps
  if (hasBody(statement.kind)) {
    const body = bodyOf(deps, statement.index)
    return { openings: [], bodies: body === null ? [] : [body] }
  }
  const openings: Opening[] = []
  const bodies: unknown[] = []
  const policy = ground()
  const held = db.prepare(
    'SELECT digest, policy, valid_until FROM held WHERE recipient = ? AND record = ? AND NOT EXISTS (SELECT 1 FROM dirty WHERE dirty.record = held.record)',
  )
  const rows = db
    .prepare('SELECT feed, record, opening, body FROM entry_out WHERE idx = ?')
    .all(statement.index)
  const opened = createOpened(db, rows[0]?.['feed'] as string)
  for (const row of rows) {
    const opening = JSON.parse(row['opening'] as string) as Opening
    if (opening[1].op === 'drop') {
      if (!opened.has(opening[1])) continue
      openings.push(opening)
      bodies.push(null)
      continue
    }
    if (row['body'] === null || !mayServe()) continue
    const now = held.get(recipient, row['record'] as string)
    const until = now?.['valid_until'] as number | null | undefined
    if (now?.['policy'] !== policy || now?.['digest'] !== opening[1].digest) continue
    if (until != null && until <= clock.nowMs()) continue
    openings.push(opening)
    bodies.push(JSON.parse(row['body'] as string) as Fragment)
  }
  if (!isAhead) opened.note(openings)
  return { openings, bodies }
}

/** Kinds of the control feed beside which something travels. */
const hasBody = (kind: string): boolean => kind === 'request' || kind === 'consent'

/** What a feed has opened to its recipient, whether or not it arrived. */
function createOpened(db: Database, feed: string) {
  const known = db.prepare('SELECT fields FROM opened_out WHERE feed = ? AND record = ?')
  const fieldsOf = (record: string): readonly string[] => {
    const row = known.get(feed, record)
    return row === undefined ? [] : (JSON.parse(row['fields'] as string) as string[])
  }
  return {
    has: ({ record, fields }: Extract<Entry, { op: 'drop' }>): boolean => {
      const opened = fieldsOf(record)
      return fields === undefined
        ? opened.length > 0
        : fields.some((field) => opened.includes(field))
    },
    note: (openings: readonly Opening[]): void => {
      const fresh = openings.flatMap(([, entry]) => {
        if (entry.op === 'drop') return []
        const opened = fieldsOf(entry.record)
        const all = new Set([...opened, ...entry.fields])
        return all.size === opened.length ? [] : [[entry.record, JSON.stringify([...all])] as const]
      })
      if (fresh.length === 0) return
      const put = db.prepare(
        'INSERT OR REPLACE INTO opened_out(feed, record, fields) VALUES (?, ?, ?)',
      )
      db.transact(() => {
        for (const [record, fields] of fresh) put.run(feed, record, fields)
      })
    },
  }
}

/** One entry of a statement, if its recipient may have it now. */
export function currentBody(
  source: FeedSource,
  recipient: Nation,
  statement: LoggedStatement,
  entry: string,
): { readonly opening: Opening; readonly body: Fragment } | null {
  const row = source.deps.db
    .prepare('SELECT opening FROM entry_out WHERE idx = ? AND digest = ?')
    .get(statement.index, entry)
  if (row === undefined) return null
  const [salt] = JSON.parse(row['opening'] as string) as Opening
  const { openings, bodies } = currentBodies(source, recipient, statement)
  const at = openings.findIndex((opening) => opening[0] === salt)
  const [opening, body] = [openings[at], bodies[at]]
  return opening === undefined || body == null ? null : { opening, body: body as Fragment }
}

/**
 * Whether a body here must be decided again before it may go: its record has changed, it was decided under another
 * policy than the one in force, or its time has run out. Sending the statement without it would be for good.
 */
export function isUndecided(
  { deps, ground }: FeedSource,
  recipient: Nation,
  statement: LoggedStatement,
): boolean {
  return (
    deps.db
      .prepare(
        'SELECT 1 FROM entry_out JOIN held USING (record) WHERE idx = ? AND body IS NOT NULL AND recipient = ? AND (policy IS NOT ? OR valid_until <= ? OR record IN (SELECT record FROM dirty)) LIMIT 1',
      )
      .get(statement.index, recipient, ground(), deps.clock.nowMs()) !== undefined
  )
}
