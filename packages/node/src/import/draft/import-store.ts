import type { StoredRecord } from '../../ledger/record/stored-record.ts'
import type { Compared } from '../../ledger/writing/upsert.ts'
import type { Flag } from '../row-result.ts'
import type { TableInfo } from '../table/table.ts'

/**
 * Life of an import: `reading` → `ready` → `applying` → `applied` → `undoing` → `undone`; `refused` (a strict one with bad
 * rows), `failed` (a file that cannot be read) and `closed` (applied, and never to be undone) end it. Each but those goes on
 * where a crash left it.
 */
export type ImportState =
  | 'reading'
  | 'ready'
  | 'refused'
  | 'failed'
  | 'applying'
  | 'applied'
  | 'closed'
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
  /** Null where rows are edits by hand: a table that was exported and comes back. So are the three below. */
  readonly mapping: string | null
  readonly edition: number | null
  readonly digest: string | null
  readonly mappingText: string | null
  readonly signatures: readonly string[]
  readonly signed: boolean
  /** How the file is read, as JSON: only a reading in the very same way goes on where it was cut off. */
  readonly options: string
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
  /** A reading of the same file in the same way that was cut off. */
  readonly unfinished: (of: Pick<Import, 'sha256' | 'digest' | 'options'>) => Import | null
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
  /** The row that stands for a key and its copies give way to a later one. */
  readonly giveWay: (id: number, key: string, detail: RowDetail) => void
  /** A copy of the row that stands for a key ranks higher. */
  readonly raise: (id: number, key: string, rank: string) => void
  /** Reading is over: what is the same need not be kept. */
  readonly settle: (id: number) => void
  readonly lastSeq: (id: number) => number
  readonly counts: (id: number) => ImportCounts
  /** Rows to apply, by place in the file. */
  readonly toApply: (id: number, after: number, limit: number) => readonly ImportRow[]
  /** Edits to apply, by the shard of their record; read one by one. */
  readonly toEdit: (id: number) => Iterable<ImportRow>
  readonly applied: (
    id: number,
    seq: number,
    row: {
      /** Null: the one that was found when the file was read, if any. */
      readonly record: string | null
      readonly result: string
      readonly before: StoredRecord | null
      readonly stamp: number | null
      /** Why a row was left as it is. */
      readonly reason?: string | undefined
    },
  ) => void
  /** Rows to undo: edits by the shard of their record, others by place in the file; read one by one. */
  readonly toUndo: (id: number) => Iterable<AppliedRow>
  readonly undone: (id: number, seq: number, result: string, kept: readonly string[]) => void
  readonly rows: (id: number, filter: RowFilter) => readonly ImportRow[]
  /** An import of the same mapping that was read later, is applied, and has a key of this one; null: none. */
  readonly newerOf: (of: Pick<Import, 'id' | 'mapping'>) => number | null
  /** Takes an import away. */
  readonly discard: (id: number) => void
  /** Takes away what undoing needs; the figures stay. */
  readonly close: (id: number) => void
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
  /** Only rows with some flag. */
  readonly flagged?: boolean | undefined
  /** Only rows with this refusal or flag. */
  readonly code?: string | undefined
  readonly contradictory?: boolean | undefined
  /** Only rows that applying or undoing left as they were, in part or in full. */
  readonly kept?: boolean | undefined
  readonly after?: number | undefined
  readonly limit: number
}
