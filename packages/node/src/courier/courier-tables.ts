import type { Nation } from '@entente/schema'
import { z } from 'zod'
import type { Database } from '../adapters/sqlite-database.ts'
import { RecipientFrame } from '../feed/frames.ts'
import type { CourierItem } from './items.ts'

/**
 * Bundles given to each nation; the last one taken in from each, with what it said of our log and what we answer; and the checkpoint
 * that is out to be cosigned.
 */
export const courierTables = `
CREATE TABLE IF NOT EXISTS courier_out(nation TEXT PRIMARY KEY, number INTEGER NOT NULL, at_ms INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS courier_in(nation TEXT PRIMARY KEY, number INTEGER NOT NULL, digest TEXT NOT NULL, at_ms INTEGER NOT NULL, taken_ms INTEGER NOT NULL, position TEXT NOT NULL, witnessed INTEGER NOT NULL, asked INTEGER NOT NULL, answer TEXT NOT NULL, proof TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS courier_asked(one INTEGER PRIMARY KEY CHECK(one = 1), size INTEGER NOT NULL, at_ms INTEGER NOT NULL) STRICT;
`

/** A proof of our own making. */
export type CourierProof = Extract<CourierItem, { readonly t: 'proof' }>

/** What a recipient says of one of the two kinds of feeds: `resume` first, then bodies that it asks for again. */
export const Position = z.strictObject({
  control: z.array(RecipientFrame),
  feed: z.array(RecipientFrame),
})
export type Position = z.infer<typeof Position>

/** The last bundle taken in from a nation. */
export interface LastTaken {
  readonly number: number
  readonly digest: string
  /** When it was made, by the clock of the sender, and when it was taken in, ms. */
  readonly atMs: number
  readonly takenMs: number
  readonly position: Position
  /** Size of our log that its witness has cosigned. */
  readonly witnessed: number
  /** Size of its log that it asked us to cosign; 0: none. */
  readonly asked: number
  /** What our witness answered: `<status>\n<body>`. */
  readonly answer: string
  /** What it asked our log to prove, with our proof, as an item of the next bundle; null: nothing. */
  readonly proof: CourierProof | null
}

export function lastTaken(db: Database, nation: Nation): LastTaken | null {
  const row = db.prepare('SELECT * FROM courier_in WHERE nation = ?').get(nation)
  if (row === undefined) return null
  return {
    number: row['number'] as number,
    digest: row['digest'] as string,
    atMs: row['at_ms'] as number,
    takenMs: row['taken_ms'] as number,
    position: Position.parse(JSON.parse(row['position'] as string)),
    witnessed: row['witnessed'] as number,
    asked: row['asked'] as number,
    answer: row['answer'] as string,
    proof: JSON.parse(row['proof'] as string) as CourierProof | null,
  }
}

export function noteTaken(db: Database, nation: Nation, taken: LastTaken): void {
  db.prepare(
    'INSERT OR REPLACE INTO courier_in(nation, number, digest, at_ms, taken_ms, position, witnessed, asked, answer, proof) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
  ).run(
    nation,
    taken.number,
    taken.digest,
    taken.atMs,
    taken.takenMs,
    JSON.stringify(taken.position),
    taken.witnessed,
    taken.asked,
    taken.answer,
    JSON.stringify(taken.proof),
  )
}

/** The last bundle given to a nation; number 0 before there is one. */
export function lastGiven(
  db: Database,
  nation: Nation,
): { readonly number: number; readonly atMs: number } {
  const row = db.prepare('SELECT number, at_ms FROM courier_out WHERE nation = ?').get(nation)
  return { number: (row?.['number'] as number) ?? 0, atMs: (row?.['at_ms'] as number) ?? 0 }
}

/** Numbers never go back: a recipient may have said that it holds more than this database remembers. */
export function noteGiven(db: Database, nation: Nation, number: number, atMs: number): void {
  db.prepare(
    'INSERT INTO courier_out(nation, number, at_ms) VALUES (?, ?, ?) ON CONFLICT(nation) DO UPDATE SET number = excluded.number, at_ms = excluded.at_ms WHERE excluded.number > courier_out.number',
  ).run(nation, number, atMs)
}

/** Size of the checkpoint that is out to be cosigned, and has no quorum yet; 0: none is. */
export function sizeAsked(db: Database, publishedSize: number): number {
  const size = db.prepare('SELECT size FROM courier_asked').get()?.['size'] as number | undefined
  return size !== undefined && size > publishedSize ? size : 0
}

/** Every witness is asked for the same checkpoint, until a quorum has cosigned it. */
export function noteAsked(db: Database, size: number, atMs: number): void {
  db.prepare('INSERT OR REPLACE INTO courier_asked(one, size, at_ms) VALUES (1, ?, ?)').run(
    size,
    atMs,
  )
}

export function forgetAsked(db: Database): void {
  db.exec('DELETE FROM courier_asked')
}
