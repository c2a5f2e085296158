import type { Database } from '../../adapters/sqlite-database.ts'
import { formatStored, parseStored } from '../../ledger/record/stored-text.ts'
import { ImportError } from '../import-error.ts'
import type { Import, ImportStore } from './import-store.ts'
import { importOf, rowOf } from './stored-import.ts'

/** Imports and their rows in the tables of `importTables`. */
export function createImportStore(db: Database): ImportStore {
  const contradictory = `(detail ->> '$.code' IN ('DUPLICATE_KEY', 'CHANGED_SINCE')
    OR EXISTS (SELECT 1 FROM json_each(flags) WHERE value ->> '$.code' = 'CONTRADICTION'))`
  const get = (id: number): Import => {
    const row = db.prepare('SELECT * FROM import WHERE id = ?').get(id)
    if (row === undefined)
      throw new ImportError(
        'IMPORT_UNKNOWN',
        `there is no import ${id}; entente import list names them`,
      )
    return importOf(row)
  }
  const tally = (sql: string, id: number) =>
    db.prepare(sql).all(id) as { name: string; count: number }[]
  const record = (rows: readonly { name: string; count: number }[]) =>
    Object.fromEntries(rows.map(({ name, count }) => [name, count]))
  return {
    begin: (start) => {
      const { lastInsertRowid } = db
        .prepare(
          `INSERT INTO import (state, file, size, sha256, mapping, edition, digest, mapping_text, signatures, signed, options, strict, author, reason, staged_ms)
           VALUES ('reading', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        )
        .run(
          start.file,
          start.size,
          start.sha256,
          start.mapping,
          start.edition,
          start.digest,
          start.mappingText,
          JSON.stringify(start.signatures),
          start.signed ? 1 : 0,
          start.options,
          start.strict ? 1 : 0,
          start.author,
          start.reason,
          start.stagedAtMs,
        )
      return get(Number(lastInsertRowid))
    },
    get,
    list: () => db.prepare('SELECT * FROM import ORDER BY id').all().map(importOf),
    unfinished: ({ sha256, digest, options }) => {
      const row = db
        .prepare(
          "SELECT * FROM import WHERE sha256 = ? AND digest IS ? AND options = ? AND state = 'reading' ORDER BY id DESC LIMIT 1",
        )
        .get(sha256, digest, options)
      return row === undefined ? null : importOf(row)
    },
    setState: (id, state, { by, atMs, failure, missing } = {}) => {
      db.prepare(
        'UPDATE import SET state = ?, failure = coalesce(?, failure), missing = coalesce(?, missing) WHERE id = ?',
      ).run(state, failure ? JSON.stringify(failure) : null, missing ?? null, id)
      if (state === 'applying' || state === 'applied')
        db.prepare(
          'UPDATE import SET applied_by = coalesce(?, applied_by), applied_ms = coalesce(?, applied_ms) WHERE id = ?',
        ).run(by ?? null, atMs ?? null, id)
      if (state === 'undoing' || state === 'undone')
        db.prepare(
          'UPDATE import SET undone_by = coalesce(?, undone_by), undone_ms = coalesce(?, undone_ms) WHERE id = ?',
        ).run(by ?? null, atMs ?? null, id)
    },
    setInfo: (id, info) => {
      db.prepare('UPDATE import SET info = ? WHERE id = ?').run(JSON.stringify(info), id)
    },
    addRows: (id, rows) => {
      const insert = db.prepare(
        'INSERT INTO import_row (import, seq, row, outcome, key, rank, record, draft, detail, flags) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
      )
      for (const row of rows)
        insert.run(
          id,
          row.seq,
          row.row,
          row.outcome,
          row.key,
          row.rank,
          row.record,
          row.draft,
          row.detail && JSON.stringify(row.detail),
          row.flags.length > 0 ? JSON.stringify(row.flags) : null,
        )
    },
    standing: (id, key) => {
      const row = db
        .prepare(
          "SELECT * FROM import_row INDEXED BY import_row_key WHERE import = ? AND key = ? AND outcome <> 'refused' ORDER BY seq LIMIT 1",
        )
        .get(id, key)
      return row === undefined ? null : rowOf(row)
    },
    giveWay: (id, key, detail) => {
      db.prepare(
        `UPDATE import_row INDEXED BY import_row_key SET outcome = 'refused', rank = NULL, draft = NULL, record = NULL, detail = ?
         WHERE import = ? AND key = ? AND outcome <> 'refused'`,
      ).run(JSON.stringify(detail), id, key)
    },
    raise: (id, key, rank) => {
      db.prepare(
        'UPDATE import_row INDEXED BY import_row_key SET rank = ? WHERE import = ? AND key = ? AND rank IS NOT NULL',
      ).run(rank, id, key)
    },
    settle: (id) => {
      db.prepare("UPDATE import_row SET draft = NULL WHERE import = ? AND outcome = 'same'").run(id)
    },
    lastSeq: (id) =>
      (db.prepare('SELECT MAX(seq) AS n FROM import_row WHERE import = ?').get(id)?.['n'] as
        | number
        | null) ?? 0,
    counts: (id) => {
      const outcomes = record(
        tally(
          'SELECT outcome AS name, COUNT(*) AS count FROM import_row WHERE import = ? GROUP BY 1',
          id,
        ),
      )
      const none = { create: 0, update: 0, same: 0, refused: 0 }
      return {
        read: Object.values(outcomes).reduce((a, b) => a + b, 0),
        outcomes: { ...none, ...outcomes },
        results: record(
          tally(
            'SELECT result AS name, COUNT(*) AS count FROM import_row WHERE import = ? AND result IS NOT NULL GROUP BY 1',
            id,
          ),
        ),
        refusals: tally(
          "SELECT detail ->> '$.code' AS name, COUNT(*) AS count FROM import_row WHERE import = ? AND outcome = 'refused' GROUP BY 1 ORDER BY 2 DESC, 1",
          id,
        ).map(({ name, count }) => ({ code: name, count })),
        flags: tally(
          "SELECT value ->> '$.code' AS name, COUNT(*) AS count FROM import_row, json_each(flags) WHERE import = ? GROUP BY 1 ORDER BY 2 DESC, 1",
          id,
        ).map(({ name, count }) => ({ code: name, count })),
        contradictory: db
          .prepare(`SELECT COUNT(*) AS n FROM import_row WHERE import = ? AND ${contradictory}`)
          .get(id)?.['n'] as number,
      }
    },
    toApply: (id, after, limit) =>
      db
        .prepare(
          "SELECT * FROM import_row WHERE import = ? AND seq > ? AND done = 0 AND outcome IN ('create', 'update') ORDER BY seq LIMIT ?",
        )
        .all(id, after, limit)
        .map(rowOf),
    toEdit: function* (id) {
      const places = db
        .prepare(
          "SELECT seq FROM import_row LEFT JOIN record ON record.id = import_row.record WHERE import = ? AND done = 0 AND outcome = 'update' ORDER BY record.shard, seq",
        )
        .all(id)
      const one = db.prepare('SELECT * FROM import_row WHERE import = ? AND seq = ?')
      for (const { seq } of places) {
        const row = one.get(id, seq as number)
        if (row !== undefined) yield rowOf(row)
      }
    },
    applied: (id, seq, { record: of, result, before, stamp, reason }) => {
      db.prepare(
        'UPDATE import_row SET done = 1, record = coalesce(?, record), result = ?, before = ?, stamp = ?, draft = NULL, detail = coalesce(?, detail) WHERE import = ? AND seq = ?',
      ).run(
        of,
        result,
        before && formatStored(before),
        stamp,
        reason === undefined ? null : JSON.stringify({ reason }),
        id,
        seq,
      )
    },
    toUndo: function* (id) {
      const places = db
        .prepare(
          get(id).mapping === null
            ? 'SELECT seq FROM import_row LEFT JOIN record ON record.id = import_row.record WHERE import = ? AND done = 1 AND stamp IS NOT NULL ORDER BY record.shard, seq'
            : 'SELECT seq FROM import_row WHERE import = ? AND done = 1 AND stamp IS NOT NULL ORDER BY seq',
        )
        .all(id)
      const one = db.prepare(
        'SELECT seq, record, before, stamp FROM import_row WHERE import = ? AND seq = ?',
      )
      for (const { seq } of places) {
        const row = one.get(id, seq as number)
        if (row !== undefined)
          yield {
            seq: row['seq'] as number,
            record: row['record'] as string,
            before: row['before'] === null ? null : parseStored(row['before'] as string),
            stamp: row['stamp'] as number,
          }
      }
    },
    undone: (id, seq, result, kept) => {
      db.prepare(
        'UPDATE import_row SET done = 2, result = ?, before = NULL, detail = ? WHERE import = ? AND seq = ?',
      ).run(
        result,
        kept.length > 0
          ? JSON.stringify({ reason: `changed since, kept: ${kept.join(', ')}` })
          : null,
        id,
        seq,
      )
    },
    rows: (id, { outcome, flagged, code, contradictory: wanted, kept, after = 0, limit }) =>
      db
        .prepare(
          `SELECT * FROM import_row WHERE import = ? AND seq > ? AND outcome = coalesce(?, outcome)
             AND (? IS NULL OR detail ->> '$.code' = ? OR EXISTS (SELECT 1 FROM json_each(flags) WHERE value ->> '$.code' = ?))
             AND (? = 0 OR flags IS NOT NULL) AND (? = 0 OR done > 0 AND detail ->> '$.reason' IS NOT NULL) AND (? = 0 OR ${contradictory}) ORDER BY seq LIMIT ?`,
        )
        .all(
          id,
          after,
          outcome ?? null,
          code ?? null,
          code ?? null,
          code ?? null,
          flagged ? 1 : 0,
          kept ? 1 : 0,
          wanted ? 1 : 0,
          limit,
        )
        .map(rowOf),
    newerOf: ({ id, mapping }) => {
      const newer = db
        .prepare(
          `SELECT id FROM import WHERE mapping = ? AND id > ? AND state IN ('applying', 'applied', 'closed', 'undoing')
             AND EXISTS (SELECT 1 FROM import_row AS mine CROSS JOIN import_row AS other INDEXED BY import_row_key
               WHERE mine.import = ? AND mine.outcome IN ('create', 'update') AND other.import = import.id AND other.key = mine.key)
           ORDER BY id LIMIT 1`,
        )
        .get(mapping, id, id)
      return (newer?.['id'] as number | undefined) ?? null
    },
    close: (id) => {
      db.transact(() => {
        db.prepare('UPDATE import_row SET before = NULL, stamp = NULL WHERE import = ?').run(id)
        db.prepare("UPDATE import SET state = 'closed' WHERE id = ?").run(id)
      })
    },
    discard: (id) => {
      db.transact(() => {
        db.prepare('DELETE FROM import_row WHERE import = ?').run(id)
        db.prepare('DELETE FROM import WHERE id = ?').run(id)
      })
    },
  }
}
