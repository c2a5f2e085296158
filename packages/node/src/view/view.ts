import {
  canonicalJson,
  type DataRecord,
  type Fragment,
  formatLabel,
  identityOf,
  type Json,
  type Nation,
  ownOf,
  type Role,
} from '@entente/schema'
import type { Database } from '../adapters/sqlite-database.ts'
import type { Row } from '../node-api.ts'

/** Full text of the view's rows, under their row ids. What is deleted from it leaves nothing behind. */
export const searchTable = `
CREATE VIRTUAL TABLE IF NOT EXISTS view_text USING fts5(title, body, tokenize = 'unicode61 remove_diacritics 2');
INSERT INTO view_text(view_text, rank) VALUES('secure-delete', 1);
`

/** The read index over the nation's own ledger and everything admitted: what search and every answer read. */
export const viewTables = `
CREATE TABLE IF NOT EXISTS view_row(rowid INTEGER PRIMARY KEY, source TEXT NOT NULL, record TEXT NOT NULL, originator TEXT NOT NULL, sender TEXT NOT NULL, dataset TEXT NOT NULL, kind TEXT NOT NULL, title TEXT NOT NULL, status TEXT NOT NULL, as_of TEXT NOT NULL, authority TEXT NOT NULL, proven_ms INTEGER, banner TEXT NOT NULL, fields TEXT NOT NULL, version TEXT NOT NULL, review_by TEXT, UNIQUE(record, source)) STRICT;
CREATE INDEX IF NOT EXISTS view_row_in_order ON view_row(originator, title, record, source, kind, dataset);
${searchTable}`

/** A value as the view holds it, with the ground on which it is seen. */
export interface ViewField {
  readonly value: Json
  readonly authority: string
  /** Only for people of these roles here; absent: for all. */
  readonly roles?: readonly Role[]
}

export interface ViewRow extends Row {
  readonly sender: Nation
  readonly banner: string
  readonly fields: Readonly<Record<string, ViewField>>
}

export interface ForeignFact {
  readonly feed: string
  readonly sender: Nation
  readonly dataset: string
  readonly fragment: Fragment
  readonly authority: Readonly<Record<string, string>>
  readonly roles: Readonly<Record<string, readonly Role[]>>
  readonly provenAtMs: number
}

export interface ViewFilter {
  readonly kind?: string | undefined
  readonly dataset?: string | undefined
  readonly originator?: string | undefined
  readonly limit?: number | undefined
}

export interface View {
  /** Called by `admit` alone, inside its transaction. */
  readonly putForeign: (fact: ForeignFact) => void
  /** Called by `admit` alone, inside its transaction. */
  readonly removeForeign: (feed: string, record: string) => void
  /** Brings own records up to date with the ledger. */
  readonly projectOwn: (records: readonly DataRecord[], removed?: readonly string[]) => void
  readonly byRecord: (id: string) => readonly ViewRow[]
  /** The feed of the first row of `byRecord`; undefined where that is an own record, or none. */
  readonly feedOf: (id: string) => string | undefined
  readonly list: (filter: ViewFilter) => ViewRow[]
  /** Every row, in the order of `list`, read one by one: as it is when its turn comes. */
  readonly each: (filter: Omit<ViewFilter, 'limit'>) => Iterable<ViewRow>
  /** Whether some row has a field of this name. */
  readonly hasField: (name: string) => boolean
  readonly search: (text: string, limit: number) => ViewRow[]
}

export function createView(db: Database): View {
  const put = (row: ViewRow & { readonly source: string; readonly version: string }): void => {
    remove(row.source, row.id)
    const { lastInsertRowid } = db
      .prepare(
        'INSERT INTO view_row(source, record, originator, sender, dataset, kind, title, status, as_of, authority, proven_ms, banner, fields, version, review_by) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
      )
      .run(
        row.source,
        row.id,
        row.originator,
        row.sender,
        row.dataset,
        row.kind,
        row.title,
        row.status,
        row.asOf,
        row.authority,
        row.provenAtMs,
        row.banner,
        JSON.stringify(row.fields),
        row.version,
        row.reviewBy,
      )
    db.prepare('INSERT INTO view_text(rowid, title, body) VALUES (?, ?, ?)').run(
      lastInsertRowid,
      row.title,
      textOf(row.fields),
    )
  }
  const versionOf = (id: string): string =>
    (db.prepare('SELECT digest FROM record WHERE id = ?').get(id)?.['digest'] as
      | string
      | undefined) ?? ''
  const remove = (source: string, record: string): void => {
    const row = db
      .prepare('SELECT rowid FROM view_row WHERE source = ? AND record = ?')
      .get(source, record)
    if (row === undefined) return
    db.prepare('DELETE FROM view_text WHERE rowid = ?').run(row['rowid'] as number)
    db.prepare('DELETE FROM view_row WHERE rowid = ?').run(row['rowid'] as number)
  }
  /** Our own first, then what the originator itself says. */
  const rowsOf = (id: string) =>
    db
      .prepare(
        "SELECT * FROM view_row WHERE record = ? ORDER BY source = 'own' DESC, sender = originator DESC, source",
      )
      .all(id)
  return {
    putForeign: ({ feed, sender, dataset, fragment, authority, roles, provenAtMs }) => {
      const { head, disclosures } = fragment
      const fields = Object.fromEntries(
        disclosures.map(([, field, value]) => {
          const limit = ownOf(roles, field)
          const ground = ownOf(authority, field) ?? ''
          return [field, { value, authority: ground, ...(limit && { roles: limit }) }]
        }),
      )
      put({
        source: feed,
        id: head.id,
        kind: head.kind,
        originator: head.originator,
        sender,
        dataset,
        title: titleOf(head.kind, fields),
        status: head.status,
        asOf: head.asOf,
        reviewBy: null,
        authority: groundOf(head.kind, authority),
        provenAtMs,
        banner: formatLabel({ ...head.banner, releasableTo: [] }),
        fields,
        version: '',
      })
    },
    removeForeign: remove,
    projectOwn: (records, removed = []) => {
      for (const id of removed) remove('own', id)
      for (const record of records) {
        const fields = Object.fromEntries(
          Object.entries(record.fields).map(([name, { value }]) => [
            name,
            { value, authority: 'own' },
          ]),
        )
        put({
          source: 'own',
          id: record.id,
          kind: record.kind,
          originator: record.originator,
          sender: record.originator,
          dataset: record.dataset,
          title: titleOf(record.kind, fields),
          status: record.envelope.status,
          asOf: record.envelope.asOf,
          reviewBy: record.envelope.reviewBy ?? null,
          authority: 'own',
          provenAtMs: null,
          banner: '',
          fields,
          version: versionOf(record.id),
        })
      }
    },
    byRecord: (id) => rowsOf(id).map(rowOf),
    feedOf: (id) => {
      const source = rowsOf(id)[0]?.['source']
      return typeof source === 'string' && source !== 'own' ? source : undefined
    },
    list: ({ kind, dataset, originator, limit = 100 }) =>
      db
        .prepare(
          'SELECT * FROM view_row WHERE kind = coalesce(?, kind) AND dataset = coalesce(?, dataset) AND originator = coalesce(?, originator) ORDER BY originator, title, record LIMIT ?',
        )
        .all(kind ?? null, dataset ?? null, originator ?? null, limit)
        .map(rowOf),
    each: function* ({ kind, dataset, originator }) {
      const keys = db
        .prepare(
          'SELECT source, record FROM view_row WHERE kind = coalesce(?, kind) AND dataset = coalesce(?, dataset) AND originator = coalesce(?, originator) ORDER BY originator, title, record, source',
        )
        .all(kind ?? null, dataset ?? null, originator ?? null)
      const one = db.prepare('SELECT * FROM view_row WHERE source = ? AND record = ?')
      for (const { source, record } of keys) {
        const row = one.get(source as string, record as string)
        if (row !== undefined) yield rowOf(row)
      }
    },
    hasField: (name) =>
      db
        .prepare(
          'SELECT 1 FROM view_row WHERE EXISTS (SELECT 1 FROM json_each(fields) WHERE key = ?) LIMIT 1',
        )
        .get(name) !== undefined,
    search: (text, limit) => {
      // Words are matched as words: a user's quote or star is never FTS5 syntax.
      const query = (text.normalize('NFC').match(/[\p{L}\p{N}]+/gu) ?? [])
        .map((word) => `"${word}"*`)
        .join(' ')
      if (query === '') return []
      return db
        .prepare(
          'SELECT view_row.* FROM view_text JOIN view_row ON view_row.rowid = view_text.rowid WHERE view_text MATCH ? ORDER BY bm25(view_text, 5.0, 1.0), view_row.originator, view_row.record LIMIT ?',
        )
        .all(query, limit)
        .map(rowOf)
    },
  }
}

/** What an answer shows of a row beside its facts. */
export function plainRow({
  fields: _fields,
  sender: _sender,
  banner: _banner,
  ...row
}: ViewRow): Row {
  return row
}

function rowOf(row: Record<string, unknown>): ViewRow {
  return {
    id: row['record'] as string,
    kind: row['kind'] as string,
    originator: row['originator'] as Nation,
    sender: row['sender'] as Nation,
    dataset: row['dataset'] as string,
    title: row['title'] as string,
    status: row['status'] as string,
    asOf: row['as_of'] as string,
    reviewBy: row['review_by'] as string | null,
    authority: row['authority'] as string,
    provenAtMs: row['proven_ms'] as number | null,
    banner: row['banner'] as string,
    fields: JSON.parse(row['fields'] as string) as ViewRow['fields'],
  }
}

/** The identity field that says what a record is. */
export function titleOf(
  kind: string,
  fields: Readonly<Record<string, { readonly value: Json }>>,
): string {
  const value = identityOf(kind as Parameters<typeof identityOf>[0])
    .map((name) => fields[name]?.value)
    .find((each) => typeof each === 'string')
  return typeof value === 'string' ? value : '(no title)'
}

/** The ground of the identity field stands for the row; each field keeps its own. */
function groundOf(kind: string, authority: Readonly<Record<string, string>>): string {
  const identity = identityOf(kind as Parameters<typeof identityOf>[0]).find((name) =>
    Object.hasOwn(authority, name),
  )
  return (identity === undefined ? Object.values(authority)[0] : authority[identity]) ?? ''
}

/** What of a row can be searched for, beside its title. */
export function textOf(fields: Readonly<Record<string, ViewField>>): string {
  return Object.values(fields)
    .map(({ value }) =>
      typeof value === 'string' ? value : canonicalJson(value).replaceAll(/[{}[\]":,]/g, ' '),
    )
    .join(' ')
}
