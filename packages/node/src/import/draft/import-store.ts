import type { Database } from '../../adapters/sqlite-database.ts'
import type { StoredRecord } from '../../ledger/stored-record.ts'
import { formatStored, parseStored } from '../../ledger/stored-text.ts'
import type { Compared } from '../../ledger/upsert.ts'
import { ImportError } from '../import-error.ts'
import type { Flag } from '../row-result.ts'
import type { TableInfo } from '../table/table.ts'

/**
 * Life of an import: `reading` → `ready` → `applying` → `applied` → `undoing` → `undone`; `refused` (a strict one with bad
 * rows) and `failed` (a file that cannot be read) end it. Each but those two goes on where a crash left it.
 */
export type ImportState =
  | 'reading'
  | 'ready'
  | 'refused'
  | 'failed'
  | 'applying'
  | 'applied'
  | 'undoing'
  | 'undone'

export type Outcome = Compared['outcome'] | 'refused'

/** One import, as the store keeps it. */
export interface Import {
  readonly id: number
  readonly state: ImportState
  readonly file: string
  readonly size: number
  readonly sha256: string
  readonly mapping: string
  readonly edition: number
  readonly digest: string
  readonly mappingText: string
  readonly signatures: readonly string[]
  readonly signed: boolean
  readonly strict: boolean
  readonly info: TableInfo | null
  readonly failure: { readonly code: string; readonly message: string } | null
  readonly author: string
  readonly reason: string
  readonly stagedAtMs: number
  readonly appliedBy: string | null
  readonly appliedAtMs: number | null
  readonly undoneBy: string | null
  readonly undoneAtMs: number | null
  /** Records of this mapping that the file no longer has. */
  readonly missing: number | null
}

/** One row of an import. `detail`: what changes, or why it is refused. */
export interface ImportRow {
  readonly seq: number
  readonly row: number
  readonly outcome: Outcome
  readonly key: string | null
  readonly rank: string | null
  readonly record: string | null
  readonly draft: string | null
  readonly detail: RowDetail | null
  readonly flags: readonly Flag[]
}

export interface RowDetail {
  readonly changes?: Compared['changes']
  readonly column?: string | null
  readonly code?: string
  readonly reason?: string
  /** Row of this file that says the same. */
  readonly copyOf?: number
}

/** A row that was applied, for undo. */
export interface AppliedRow {
  readonly seq: number
  readonly record: string
  readonly before: StoredRecord | null
  readonly stamp: number
}

export interface ImportStore {
  readonly begin: (
    start: Omit<
      Import,
      | 'id'
      | 'state'
      | 'info'
      | 'failure'
      | 'appliedBy'
      | 'appliedAtMs'
      | 'undoneBy'
      | 'undoneAtMs'
      | 'missing'
    >,
  ) => Import
  /** @throws {ImportError} `IMPORT_UNKNOWN` */
  readonly get: (id: number) => Import
  readonly list: () => readonly Import[]
  readonly unfinished: (sha256: string, digest: string) => Import | null
  readonly setState: (
    id: number,
    state: ImportState,
    more?: {
      readonly by?: string
      readonly atMs?: number
      readonly failure?: Import['failure']
      readonly missing?: number
    },
  ) => void
  readonly setInfo: (id: number, info: TableInfo) => void
  readonly addRows: (id: number, rows: readonly ImportRow[]) => void
  /** The row that stands for a key. */
  readonly standing: (id: number, key: string) => ImportRow | null
  /** A row gives way to a later one with its key, or was a copy. */
  readonly giveWay: (id: number, seq: number, detail: RowDetail) => void
  /** Reading is over: what is the same need not be kept. */
  readonly settle: (id: number) => void
  readonly lastSeq: (id: number) => number
  readonly counts: (id: number) => ImportCounts
  /** Rows to apply, by place in the file. */
  readonly toApply: (id: number, after: number, limit: number) => readonly ImportRow[]
  readonly applied: (
    id: number,
    seq: number,
    row: {
      readonly record: string
      readonly result: string
      readonly before: StoredRecord | null
      readonly stamp: number | null
    },
  ) => void
  readonly toUndo: (id: number, limit: number) => readonly AppliedRow[]
  readonly undone: (id: number, record: string, result: string, kept: readonly string[]) => void
  readonly rows: (id: number, filter: RowFilter) => readonly ImportRow[]
  /** Takes a draft or what undo needs away. */
  readonly discard: (id: number) => void
}

export interface ImportCounts {
  readonly read: number
  readonly outcomes: Readonly<Record<Outcome, number>>
  /** What applying did, by outcome; zero until then. */
  readonly results: Readonly<Record<string, number>>
  readonly refusals: readonly { readonly code: string; readonly count: number }[]
  readonly flags: readonly { readonly code: string; readonly count: number }[]
  /** Rows that contradict another row or themselves; each is counted above as well. */
  readonly contradictory: number
}

export interface RowFilter {
  readonly outcome?: Outcome | undefined
  /** Only rows with this flag, or any. */
  readonly flag?: string | undefined
  readonly code?: string | undefined
  readonly contradictory?: boolean | undefined
  readonly after?: number | undefined
  readonly limit: number
}

export function createImportStore(db: Database): ImportStore {
  const contradictory = `(flags LIKE '%"CONTRADICTION"%' OR detail LIKE '%"DUPLICATE_KEY"%')`
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
          `INSERT INTO import (state, file, size, sha256, mapping, edition, digest, mapping_text, signatures, signed, strict, author, reason, staged_ms)
           VALUES ('reading', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
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
          start.strict ? 1 : 0,
          start.author,
          start.reason,
          start.stagedAtMs,
        )
      return get(Number(lastInsertRowid))
    },
    get,
    list: () => db.prepare('SELECT * FROM import ORDER BY id').all().map(importOf),
    unfinished: (sha256, digest) => {
      const row = db
        .prepare(
          "SELECT * FROM import WHERE sha256 = ? AND digest = ? AND state = 'reading' ORDER BY id DESC LIMIT 1",
        )
        .get(sha256, digest)
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
        .prepare('SELECT * FROM import_row WHERE import = ? AND key = ? ORDER BY seq LIMIT 1')
        .get(id, key)
      return row === undefined ? null : rowOf(row)
    },
    giveWay: (id, seq, detail) => {
      db.prepare(
        "UPDATE import_row SET outcome = 'refused', key = NULL, draft = NULL, record = NULL, detail = ? WHERE import = ? AND seq = ?",
      ).run(JSON.stringify(detail), id, seq)
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
    applied: (id, seq, { record: of, result, before, stamp }) => {
      db.prepare(
        'UPDATE import_row SET done = 1, record = ?, result = ?, before = ?, stamp = ?, draft = NULL WHERE import = ? AND seq = ?',
      ).run(of, result, before && formatStored(before), stamp, id, seq)
    },
    toUndo: (id, limit) =>
      db
        .prepare(
          'SELECT seq, record, before, stamp FROM import_row WHERE import = ? AND done = 1 AND stamp IS NOT NULL ORDER BY seq LIMIT ?',
        )
        .all(id, limit)
        .map((row) => ({
          seq: row['seq'] as number,
          record: row['record'] as string,
          before: row['before'] === null ? null : parseStored(row['before'] as string),
          stamp: row['stamp'] as number,
        })),
    undone: (id, of, result, kept) => {
      db.prepare(
        'UPDATE import_row SET done = 2, result = ?, before = NULL, detail = ? WHERE import = ? AND record = ? AND done = 1',
      ).run(
        result,
        kept.length > 0
          ? JSON.stringify({ reason: `changed since, kept: ${kept.join(', ')}` })
          : null,
        id,
        of,
      )
    },
    rows: (id, { outcome, flag, code, contradictory: wanted, after = 0, limit }) =>
      db
        .prepare(
          `SELECT * FROM import_row WHERE import = ? AND seq > ? AND outcome = coalesce(?, outcome)
             AND (? IS NULL OR detail ->> '$.code' = ?)
             AND (? IS NULL OR EXISTS (SELECT 1 FROM json_each(flags) WHERE value ->> '$.code' = ?))
             AND (? = 0 OR ${contradictory}) ORDER BY seq LIMIT ?`,
        )
        .all(
          id,
          after,
          outcome ?? null,
          code ?? null,
          code ?? null,
          flag ?? null,
          flag ?? null,
          wanted ? 1 : 0,
          limit,
        )
        .map(rowOf),
    discard: (id) => {
      db.transact(() => {
        db.prepare('DELETE FROM import_row WHERE import = ?').run(id)
        db.prepare('DELETE FROM import WHERE id = ?').run(id)
      })
    },
  }
}

function importOf(row: Record<string, unknown>): Import {
  const json = <T>(name: string): T | null =>
    row[name] === null ? null : (JSON.parse(row[name] as string) as T)
  return {
    id: row['id'] as number,
    state: row['state'] as ImportState,
    file: row['file'] as string,
    size: row['size'] as number,
    sha256: row['sha256'] as string,
    mapping: row['mapping'] as string,
    edition: row['edition'] as number,
    digest: row['digest'] as string,
    mappingText: row['mapping_text'] as string,
    signatures: json<string[]>('signatures') ?? [],
    signed: row['signed'] === 1,
    strict: row['strict'] === 1,
    info: json<TableInfo>('info'),
    failure: json<{ code: string; message: string }>('failure'),
    author: row['author'] as string,
    reason: row['reason'] as string,
    stagedAtMs: row['staged_ms'] as number,
    appliedBy: row['applied_by'] as string | null,
    appliedAtMs: row['applied_ms'] as number | null,
    undoneBy: row['undone_by'] as string | null,
    undoneAtMs: row['undone_ms'] as number | null,
    missing: row['missing'] as number | null,
  }
}

function rowOf(row: Record<string, unknown>): ImportRow {
  return {
    seq: row['seq'] as number,
    row: row['row'] as number,
    outcome: row['outcome'] as Outcome,
    key: row['key'] as string | null,
    rank: row['rank'] as string | null,
    record: row['record'] as string | null,
    draft: row['draft'] as string | null,
    detail: row['detail'] === null ? null : (JSON.parse(row['detail'] as string) as RowDetail),
    flags: row['flags'] === null ? [] : (JSON.parse(row['flags'] as string) as Flag[]),
  }
}
