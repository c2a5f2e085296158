import { toHex } from '@entente/schema'
import type { Database } from '../adapters/sqlite-database.ts'
import type { Seen } from './step.ts'

const columns = 'size, root, note'
const seenOf = (row: Record<string, unknown> | undefined): Seen | null =>
  row === undefined
    ? null
    : {
        size: row['size'] as number,
        root: toHex(row['root'] as Uint8Array),
        note: row['note'] as string,
      }

/** What this node has of an origin at a size, from wherever: cosigned, admitted or heard and proven. */
export function knownAt(db: Database, origin: string, size: number): Seen | null {
  for (const table of ['partner_checkpoint', 'witnessed', 'seen_checkpoint']) {
    const row = db
      .prepare(`SELECT ${columns} FROM ${table} WHERE origin = ? AND size = ? AND note <> ''`)
      .get(origin, size)
    if (row !== undefined) return seenOf(row)
  }
  return null
}

export const largestWitnessed = (db: Database, origin: string): Seen | null =>
  seenOf(db.prepare(`SELECT ${columns} FROM witnessed WHERE origin = ?`).get(origin))

export const largestAdmitted = (db: Database, origin: string): Seen | null =>
  seenOf(
    db
      .prepare(
        `SELECT ${columns} FROM partner_checkpoint WHERE origin = ? ORDER BY size DESC LIMIT 1`,
      )
      .get(origin),
  )

export const heardAndProven = (db: Database, origin: string): Seen | null =>
  seenOf(db.prepare(`SELECT ${columns} FROM seen_checkpoint WHERE origin = ?`).get(origin))

/**
 * The largest of all that this node has of an origin. What it has cosigned itself may be the smaller: others made the quorum while
 * it was away.
 */
export const largestKnown = (db: Database, origin: string): Seen | null =>
  seenOf(
    db
      .prepare(
        `SELECT ${columns} FROM (
           SELECT 0 AS turn, ${columns} FROM witnessed WHERE origin = ?1
           UNION ALL SELECT 1, * FROM (SELECT ${columns} FROM partner_checkpoint WHERE origin = ?1 ORDER BY size DESC LIMIT 1)
           UNION ALL SELECT 2, ${columns} FROM seen_checkpoint WHERE origin = ?1
         ) WHERE size > 0 ORDER BY size DESC, turn LIMIT 1`,
      )
      .get(origin),
  )
