import { hash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { canonicalJson } from '@entente/schema'
import { nowMs } from './child.ts'
import { makeRows, plainRecord } from './records.ts'

const batchSize = 256

/**
 * The work that no sharing of records can go without, in one process and without a network: canonical JSON, SHA-256 of
 * every field and of the whole, and a durable, searchable copy at both ends, with the node's own pragmas and batches.
 * @returns ms from plain objects to the last commit
 */
export function measureFloor(count: number, seed: number): number {
  const folder = mkdtempSync(join(tmpdir(), 'entente-floor-'))
  try {
    using sender = openStore(join(folder, 'sender.sqlite'))
    using recipient = openStore(join(folder, 'recipient.sqlite'))
    const records = makeRows(count, seed).map((row) => ({
      id: `record-${row['row']}`,
      fields: plainRecord(row),
    }))
    const startMs = nowMs()
    for (let i = 0; i < records.length; i += batchSize) {
      const sent = records
        .slice(i, i + batchSize)
        .map((record) => ({ record, text: canonicalJson(record) }))
      sender.put(sent)
      recipient.put(sent.map(({ text }) => ({ record: JSON.parse(text) as FloorRecord, text })))
    }
    return nowMs() - startMs
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

interface FloorRecord {
  readonly id: string
  readonly fields: Readonly<Record<string, unknown>>
}
interface Store extends Disposable {
  readonly put: (batch: readonly { readonly record: FloorRecord; readonly text: string }[]) => void
}

function openStore(path: string): Store {
  const db = openDurable(path)
  db.exec(
    `CREATE TABLE record(id TEXT PRIMARY KEY, title TEXT NOT NULL, digest TEXT NOT NULL, digests TEXT NOT NULL, json TEXT NOT NULL) STRICT;
     CREATE VIRTUAL TABLE record_text USING fts5(title, body, tokenize = 'unicode61 remove_diacritics 2');
     INSERT INTO record_text(record_text, rank) VALUES('secure-delete', 1)`,
  )
  const insert = db.prepare('INSERT INTO record VALUES (?, ?, ?, ?, ?)')
  const insertText = db.prepare('INSERT INTO record_text(rowid, title, body) VALUES (?, ?, ?)')
  return {
    put: (batch) => {
      db.exec('BEGIN IMMEDIATE')
      for (const { record, text } of batch) {
        const { id, fields } = record
        const digests = Object.entries(fields).map(([field, value]) =>
          hash('sha256', canonicalJson([id, field, value]), 'base64url'),
        )
        const title = String(fields['title'])
        const digest = hash('sha256', text, 'base64url')
        const { lastInsertRowid } = insert.run(id, title, digest, digests.join(' '), text)
        insertText.run(lastInsertRowid, title, bodyOf(fields))
      }
      db.exec('COMMIT')
    },
    [Symbol.dispose]: () => db.close(),
  }
}

const bodyOf = (fields: Record<string, unknown>): string =>
  Object.values(fields)
    .map((value) =>
      typeof value === 'string' ? value : canonicalJson(value).replaceAll(/[{}[\]":,]/g, ' '),
    )
    .join(' ')

/** A database with the node's pragmas. */
function openDurable(path: string): DatabaseSync {
  const db = new DatabaseSync(path)
  db.exec(
    'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON; PRAGMA cache_size = -32768',
  )
  return db
}

/** Times small durable commits on this disk, with the node's pragmas. */
export interface CommitProbe extends Disposable {
  /** Makes one commit. @returns how long it took, ms */
  readonly commit: () => number
}

export function createCommitProbe(): CommitProbe {
  const folder = mkdtempSync(join(tmpdir(), 'entente-commit-'))
  const db = openDurable(join(folder, 'commit.sqlite'))
  db.exec('CREATE TABLE row(json TEXT NOT NULL) STRICT')
  const insert = db.prepare('INSERT INTO row VALUES (?)')
  const json = 'x'.repeat(1_000)
  return {
    commit: () => {
      const startMs = nowMs()
      insert.run(json)
      return nowMs() - startMs
    },
    [Symbol.dispose]: () => {
      db.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
