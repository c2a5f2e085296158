import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { readingsOf } from './readings.ts'

/** Bytes that somebody may read, and where they were found. */
export interface Evidence {
  readonly place: string
  readonly bytes: Uint8Array
}

export interface Sighting {
  readonly place: string
  readonly needle: string
}

/** Evidence read in every way, to be searched more than once. */
export interface ReadEvidence {
  readonly place: string
  readonly texts: readonly string[]
}

export const readAll = (evidence: Iterable<Evidence>): ReadEvidence[] =>
  [...evidence].map(({ place, bytes }) => ({ place, texts: [...readingsOf(bytes)] }))

/** Looks for every needle in every reading of every piece of evidence. */
export function findAll(evidence: Iterable<Evidence>, needles: Iterable<string>): Sighting[] {
  return findIn(readAll(evidence), needles)
}

export function findIn(read: readonly ReadEvidence[], needles: Iterable<string>): Sighting[] {
  const wanted = [...new Set([...needles].map((needle) => needle.toLowerCase()))]
  return read.flatMap(({ place, texts }) =>
    wanted
      .filter((needle) => texts.some((text) => text.includes(needle)))
      .map((needle) => ({ place, needle })),
  )
}

export const textEvidence = (place: string, ...values: readonly unknown[]): Evidence => ({
  place,
  bytes: Buffer.from(
    values.map((value) => (typeof value === 'string' ? value : JSON.stringify(value))).join('\n'),
  ),
})

/** Every file below a folder: raw, and a SQLite database table by table as well. */
export function* folderEvidence(folder: string): Generator<Evidence> {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const path = join(entry.parentPath, entry.name)
    yield { place: entry.name, bytes: readFileSync(path) }
    if (entry.name.endsWith('.db')) yield* databaseEvidence(path)
  }
}

/** All values of all tables, shadow tables of the text index included, and the terms of the index decoded. */
function* databaseEvidence(path: string): Generator<Evidence> {
  using db = open(path)
  const tables = db
    .prepare("SELECT name, sql FROM sqlite_master WHERE type = 'table' ORDER BY name")
    .all()
  for (const { name, sql } of tables) {
    yield tableEvidence(db, String(name))
    if (!/fts5/i.test(String(sql))) continue
    // Terms lie prefix-compressed in the shadow tables.
    const terms = `terms_of_${String(name)}`
    db.exec(`CREATE VIRTUAL TABLE temp."${terms}" USING fts5vocab(main, "${String(name)}", 'row')`)
    yield tableEvidence(db, terms)
  }
}

function tableEvidence(db: DatabaseSync, name: string): Evidence {
  const parts: Uint8Array[] = []
  for (const row of db.prepare(`SELECT * FROM "${name}"`).iterate())
    for (const value of Object.values(row)) {
      parts.push(value instanceof Uint8Array ? value : Buffer.from(String(value)), newline)
    }
  return { place: `table ${name}`, bytes: Buffer.concat(parts) }
}
const newline = Buffer.from('\n')

function open(path: string): DatabaseSync & Disposable {
  const db = new DatabaseSync(path, { readOnly: true })
  return Object.assign(db, { [Symbol.dispose]: () => db.close() })
}
