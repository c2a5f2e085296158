import type { Json, Label } from '@entente/schema'
import type { Deps } from '../../deps.ts'
import type { View } from '../../view/view.ts'
import type { Mapping } from '../mapping/mapping.ts'
import { parseDraft } from './draft-text.ts'
import type { ImportSection } from './import-sections.ts'
import type { Import, ImportRow, ImportStore, Outcome, RowFilter } from './import-store.ts'
import { missingFrom } from './stage-import.ts'

export interface ImportRowsRequest {
  readonly id: number
  readonly section: ImportSection
  /** Only rows with this refusal or flag. */
  readonly code?: string | undefined
  /** Place of the last row of the page before. */
  readonly after?: number | undefined
  readonly limit?: number | undefined
}

/** A row of an import as a person looks at it. */
export interface ImportedRow {
  /** Its place in the file or section, from 1. */
  readonly seq: number
  readonly outcome: Outcome | 'missing'
  readonly row: number | null
  readonly record: string | null
  readonly title: string
  readonly changes: readonly {
    readonly field: string
    readonly before: { readonly value: Json; readonly label: Label | null } | null
    readonly after: { readonly value: Json; readonly label: Label | null } | null
  }[]
  readonly refusal: {
    readonly code: string
    readonly column: string | null
    readonly reason: string
  } | null
  readonly flags: readonly { readonly code: string; readonly message: string }[]
}

const filters = {
  created: { outcome: 'create' },
  changed: { outcome: 'update' },
  unchanged: { outcome: 'same' },
  refused: { outcome: 'refused' },
  contradictory: { contradictory: true },
  flagged: { flagged: true },
  kept: { kept: true },
} as const satisfies Record<string, Partial<RowFilter>>

interface Shelves {
  readonly db: Deps['db']
  readonly store: ImportStore
  readonly view: View
  /** By which the rows were read; none for edits by hand. */
  readonly mapping: Mapping | undefined
}

/** Rows of a section of an import, by their place in the file. */
export function importedRows(
  { id, mapping: name }: Import,
  { section, code, after = 0, limit = 50 }: ImportRowsRequest,
  { db, store, view, mapping }: Shelves,
): readonly ImportedRow[] {
  if (section !== 'missing') {
    return store
      .rows(id, { ...filters[section], code, after, limit })
      .map((row) => shownRow(row, view, mapping))
  }
  if (name === null || code !== undefined) return []
  return missingFrom(db, id, name, { after, limit }).map(({ record, key }, i) => ({
    seq: after + i + 1,
    outcome: 'missing',
    row: null,
    record,
    title: view.byRecord(record)[0]?.title ?? titleOfKey(key),
    changes: [],
    refusal: null,
    flags: [],
  }))
}

function shownRow(
  { seq, row, record, key, draft, outcome, detail, flags }: ImportRow,
  view: View,
  mapping: Mapping | undefined,
): ImportedRow {
  const known = record === null ? undefined : view.byRecord(record)[0]
  return {
    seq,
    outcome,
    row,
    record,
    title: known?.title ?? titleOfDraft(draft) ?? (key === null ? '' : titleOfKey(key)),
    changes:
      outcome === 'create' && draft !== null && mapping !== undefined
        ? newFields(draft, mapping)
        : (detail?.changes ?? []),
    refusal:
      detail?.reason === undefined
        ? null
        : { code: detail.code ?? 'KEPT', column: detail.column ?? null, reason: detail.reason },
    flags: flags.map(({ code, message }) => ({ code, message })),
  }
}

/** What a record that is to be made will say. */
const newFields = (draft: string, mapping: Mapping): ImportedRow['changes'] =>
  Object.entries(parseDraft(draft, mapping).fields).map(([field, { value, label }]) => ({
    field,
    before: null,
    after: { value, label },
  }))

/** The cells by which a row is known: what stands in its natural key behind mapping, kind and originator. */
function titleOfKey(key: string): string {
  const parts: unknown = key.startsWith('[') ? JSON.parse(key) : [key]
  return Array.isArray(parts) ? parts.slice(parts.length > 3 ? 3 : 0).join(', ') : key
}

/** The first text of a draft: its identity stands first. */
function titleOfDraft(draft: string | null): string | null {
  if (draft === null) return null
  const { fields = {} } = JSON.parse(draft) as { fields?: Record<string, readonly [unknown]> }
  const first = Object.values(fields).find(([value]) => typeof value === 'string')?.[0]
  return typeof first === 'string' ? first : null
}
