import {
  answerDueMs,
  canonicalJson,
  digestOf,
  MOST_BODY_CHARS,
  type Nation,
  RequestBody,
  type Statement,
} from '@entente/schema'
import type { Deps } from '../deps.ts'
import { NodeError } from '../errors.ts'

/**
 * `request`: what we asked of others (`mine`) and they of us (`theirs`), by number. `body`: what is asked; null where it cannot be read.
 * `decided`: what a person of ours has said; `answer`: what was answered, or came as the answer.
 */
export const requestTables = `
CREATE TABLE IF NOT EXISTS request(id INTEGER PRIMARY KEY, statement TEXT NOT NULL UNIQUE, side TEXT NOT NULL, nation TEXT NOT NULL, ask TEXT NOT NULL, body TEXT, asked_ms INTEGER NOT NULL, arrived_ms INTEGER NOT NULL, due_ms INTEGER NOT NULL, decided TEXT, decided_ms INTEGER, decided_by TEXT, reason TEXT, answer TEXT, answered_ms INTEGER) STRICT;
CREATE INDEX IF NOT EXISTS request_due ON request(due_ms) WHERE side = 'theirs' AND answer IS NULL;
`

/** Requests of one nation that wait for their answer at once: more are not taken before some have been answered. */
export const MOST_OPEN = 256

/** One of ours that is overdue by more than this, the nation asked leaves unanswered: it keeps us from asking nothing else. */
const GIVEN_UP_MS = 86_400_000

export type Decision = 'approve' | 'deny'

/** One request, with its clocks (ms). */
export interface StoredRequest {
  readonly id: number
  /** Digest of its statement: names it at both ends. */
  readonly statement: string
  readonly side: 'mine' | 'theirs'
  /** Who is asked, or who asks. */
  readonly nation: Nation
  readonly ask: RequestBody['ask']
  /** Null: it cannot be read. */
  readonly body: RequestBody | null
  readonly askedMs: number
  /** When it came in here; of our own, when it was made. */
  readonly arrivedMs: number
  /** When its answer goes; of our own, when it is to be expected. */
  readonly dueMs: number
  readonly decided: Decision | null
  readonly decidedMs: number | null
  readonly decidedBy: string | null
  readonly reason: string | null
  readonly answer: Decision | null
  readonly answeredMs: number | null
}

export interface RequestStore {
  readonly all: () => readonly StoredRequest[]
  readonly byId: (id: number) => StoredRequest | null
  /**
   * The nation asked takes another one of ours: else it would refuse the statement that asks, and with it our control feed to it from there on.
   * Inside a transaction.
   * @throws {NodeError} `REQUEST_FLOOD`
   */
  readonly mustTakeMine: (nation: Nation) => void
  /** Notes one of ours. Inside a transaction. @returns its number */
  readonly noteMine: (statement: string, nation: Nation, body: RequestBody, atMs: number) => number
  /** A request came in. Inside a transaction. @returns false: too many of this nation wait already */
  readonly take: (
    nation: Nation,
    statement: string,
    request: Statement<'request'>,
    body: unknown,
  ) => boolean
  /** An answer to one of ours came. Inside a transaction. @returns false: we asked that nation nothing of that name */
  readonly takeAnswer: (nation: Nation, about: string, decision: Decision) => boolean
  readonly decide: (
    id: number,
    said: { readonly decision: Decision; readonly by: string; readonly reason: string },
  ) => void
  readonly noteAnswer: (id: number, decision: Decision, atMs: number) => void
  /** Those whose answer is due by now, oldest first. */
  readonly due: (atMs: number) => readonly StoredRequest[]
  /** When the next answer is due; infinite: none is awaited. */
  readonly nextDue: () => number
}

export function createRequestStore({ db, clock, roster }: Deps): RequestStore {
  const due = (atMs: number): number => answerDueMs(atMs, roster.witnessPolicy)
  const rows = (where: string, ...args: (string | number)[]) =>
    db
      .prepare(`SELECT * FROM request WHERE ${where} ORDER BY id`)
      .all(...args)
      .map(storedOf)
  const insert = db.prepare(
    'INSERT OR IGNORE INTO request(statement, side, nation, ask, body, asked_ms, arrived_ms, due_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
  )
  return {
    all: () => rows('1'),
    byId: (id) => rows('id = ?', id)[0] ?? null,
    mustTakeMine: (nation) => {
      const open = db
        .prepare(
          "SELECT COUNT(*) AS n, MIN(due_ms) AS due FROM request WHERE side = 'mine' AND nation = ? AND answer IS NULL AND due_ms >= ?",
        )
        .get(nation, clock.nowMs() - GIVEN_UP_MS)
      if ((open?.['n'] as number) < MOST_OPEN) return
      throw new NodeError(
        'REQUEST_FLOOD',
        `${nation} has ${MOST_OPEN} requests of ours to answer and takes no more: the first of them is due at ${new Date(open?.['due'] as number).toISOString()}. See entente request list`,
      )
    },
    noteMine: (statement, nation, body, atMs) =>
      Number(
        insert.run(statement, 'mine', nation, body.ask, canonicalJson(body), atMs, atMs, due(atMs))
          .lastInsertRowid,
      ),
    take: (nation, statement, { ask, at }, body) => {
      const open = db
        .prepare(
          "SELECT COUNT(*) AS n FROM request WHERE side = 'theirs' AND nation = ? AND answer IS NULL AND statement <> ?",
        )
        .get(nation, statement)?.['n'] as number
      if (open >= MOST_OPEN) return false
      const parsed = RequestBody.safeParse(body)
      const isRead = parsed.success && parsed.data.ask === ask
      const text = isRead ? canonicalJson(parsed.data) : null
      const kept = text !== null && text.length <= MOST_BODY_CHARS ? text : null
      const now = clock.nowMs()
      insert.run(statement, 'theirs', nation, ask, kept, at, now, due(now))
      return true
    },
    takeAnswer: (nation, about, decision) =>
      db
        .prepare(
          "UPDATE request SET answer = ?, answered_ms = ? WHERE statement = ? AND nation = ? AND side = 'mine' AND (answer IS NULL OR answer = 'deny')",
        )
        .run(decision, clock.nowMs(), about, nation).changes > 0 ||
      db
        .prepare("SELECT 1 FROM request WHERE statement = ? AND nation = ? AND side = 'mine'")
        .get(about, nation) !== undefined,
    decide: (id, { decision, by, reason }) => {
      db.prepare(
        'UPDATE request SET decided = ?, decided_ms = ?, decided_by = ?, reason = ? WHERE id = ?',
      ).run(decision, clock.nowMs(), by, reason, id)
    },
    noteAnswer: (id, decision, atMs) => {
      db.prepare('UPDATE request SET answer = ?, answered_ms = ? WHERE id = ?').run(
        decision,
        atMs,
        id,
      )
    },
    due: (atMs) =>
      rows(
        "id IN (SELECT id FROM request WHERE side = 'theirs' AND answer IS NULL AND due_ms <= ?)",
        atMs,
      ),
    nextDue: () =>
      (db
        .prepare("SELECT MIN(due_ms) AS due FROM request WHERE side = 'theirs' AND answer IS NULL")
        .get()?.['due'] as number | null) ?? Infinity,
  }

  function storedOf(row: Record<string, unknown>): StoredRequest {
    const body = row['body'] as string | null
    return {
      id: row['id'] as number,
      statement: row['statement'] as string,
      side: row['side'] as StoredRequest['side'],
      nation: row['nation'] as Nation,
      ask: row['ask'] as RequestBody['ask'],
      body: body === null ? null : (JSON.parse(body) as RequestBody),
      askedMs: row['asked_ms'] as number,
      arrivedMs: row['arrived_ms'] as number,
      dueMs: row['due_ms'] as number,
      decided: row['decided'] as Decision | null,
      decidedMs: row['decided_ms'] as number | null,
      decidedBy: row['decided_by'] as string | null,
      reason: row['reason'] as string | null,
      answer: row['answer'] as Decision | null,
      answeredMs: row['answered_ms'] as number | null,
    }
  }
}

/** Whether what came beside a statement is what it names. A value without a canonical form is not. */
export function isBody({ hash }: Pick<Deps, 'hash'>, body: unknown, digest: string): boolean {
  try {
    return digestOf(body as RequestBody, hash) === digest
  } catch {
    return false
  }
}
