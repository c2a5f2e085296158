import { hash } from 'node:crypto'
import { canonicalJson } from '@entente/schema'
import { openDurable } from './durable.ts'

/** Records in one commit. */
export const batchSize = 256

export interface PlainRecord {
  readonly id: string
  readonly fields: Readonly<Record<string, unknown>>
}

/** The barest durable and searchable store of records: no label, no history, no policy. */
export interface PlainStore extends Disposable {
  /** @param batch records, each with its canonical JSON; one commit */
  readonly put: (batch: readonly { readonly record: PlainRecord; readonly text: string }[]) => void
}

export function openPlainStore(path: string): PlainStore {
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
        const title = String(fields['title'] ?? Object.values(fields)[0])
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
