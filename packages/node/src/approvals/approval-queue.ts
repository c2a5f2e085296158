import { type Pending, subjectOf } from '@entente/policy'
import { type ApprovalSubject, digestOf, fromBase64url, type Nation, toHex } from '@entente/schema'
import type { Deps } from '../deps.ts'

/** One line of the queue, as it is kept: what waits is composed again when it is shown. */
export interface QueueRow {
  readonly id: string
  readonly recipient: Nation
  readonly record: string
  readonly field: string
  readonly dataset: string
  readonly sinceMs: number
  readonly refused: boolean
  readonly heldUntilMs: number | null
  readonly holdReason: string | null
}

export interface QueueFilter {
  readonly record?: string | undefined
  readonly recipient?: Nation | undefined
  readonly dataset?: string | undefined
}

/** Name of what waits: the same subject always has the same, another value or edition another. 16 hex digits. */
export const queueId = (subject: ApprovalSubject): string =>
  toHex(fromBase64url(digestOf(subjectOf(subject))) ?? new Uint8Array()).slice(0, 16)

/** What waits for officers, since when. */
export interface ApprovalQueue {
  /** All that waits of one record for one nation; what waits no more goes. Inside the transaction of the decision. */
  readonly note: (
    at: { readonly recipient: Nation; readonly record: string; readonly dataset: string },
    pending: readonly Pending[],
    atMs: number,
  ) => void
  /** Nations for whom something of a record waits. */
  readonly recipientsOf: (record: string) => readonly Nation[]
  /** Oldest first. */
  readonly rows: (filter: QueueFilter) => readonly QueueRow[]
  /** @returns how many were there to be put aside */
  readonly hold: (ids: readonly string[], untilMs: number, reason: string) => number
  /** What waits and is neither refused nor put aside: how many, since when, and how many since before a moment. */
  readonly count: (
    atMs: number,
    overdueBeforeMs: number,
  ) => { readonly waiting: number; readonly sinceMs: number | null; readonly overdue: number }
}

export function createApprovalQueue({ db }: Pick<Deps, 'db'>): ApprovalQueue {
  return {
    note: ({ recipient, record, dataset }, pending, atMs) => {
      const known = db
        .prepare('SELECT id FROM approval_queue WHERE record = ? AND recipient = ?')
        .all(record, recipient)
        .map((row) => row['id'] as string)
      if (known.length === 0 && pending.length === 0) return
      const ids = new Set<string>()
      const add = db.prepare(
        'INSERT INTO approval_queue(id, recipient, record, field, dataset, since_ms, refused) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT(id) DO UPDATE SET refused = excluded.refused, dataset = excluded.dataset',
      )
      for (const { subject, refused } of pending) {
        const id = queueId(subject)
        ids.add(id)
        add.run(id, recipient, record, subject.field, dataset, atMs, refused ? 1 : 0)
      }
      const remove = db.prepare('DELETE FROM approval_queue WHERE id = ?')
      for (const id of known) if (!ids.has(id)) remove.run(id)
    },
    recipientsOf: (record) =>
      db
        .prepare('SELECT DISTINCT recipient FROM approval_queue WHERE record = ?')
        .all(record)
        .map((row) => row['recipient'] as Nation),
    rows: ({ record, recipient, dataset }) =>
      db
        .prepare(
          'SELECT * FROM approval_queue WHERE record = coalesce(?, record) AND recipient = coalesce(?, recipient) AND dataset = coalesce(?, dataset) ORDER BY since_ms, record, recipient, field',
        )
        .all(record ?? null, recipient ?? null, dataset ?? null)
        .map((row) => ({
          id: row['id'] as string,
          recipient: row['recipient'] as Nation,
          record: row['record'] as string,
          field: row['field'] as string,
          dataset: row['dataset'] as string,
          sinceMs: row['since_ms'] as number,
          refused: row['refused'] === 1,
          heldUntilMs: row['hold_until'] as number | null,
          holdReason: row['hold_reason'] as string | null,
        })),
    hold: (ids, untilMs, reason) => {
      const hold = db.prepare(
        'UPDATE approval_queue SET hold_until = ?, hold_reason = ? WHERE id = ?',
      )
      return ids.reduce((sum, id) => sum + Number(hold.run(untilMs, reason, id).changes), 0)
    },
    count: (atMs, overdueBeforeMs) => {
      const row = db
        .prepare(
          'SELECT COUNT(*) AS n, MIN(since_ms) AS since, SUM(since_ms < ?) AS overdue FROM approval_queue WHERE refused = 0 AND coalesce(hold_until, 0) <= ?',
        )
        .get(overdueBeforeMs, atMs)
      return {
        waiting: row?.['n'] as number,
        sinceMs: row?.['since'] as number | null,
        overdue: (row?.['overdue'] as number | null) ?? 0,
      }
    },
  }
}
