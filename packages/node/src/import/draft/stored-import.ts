import type { Flag } from '../row-result.ts'
import type { TableInfo } from '../table/table.ts'
import type { Import, ImportRow, ImportState, Outcome, RowDetail } from './import-store.ts'

/** An import as the table has it. */
export function importOf(row: Record<string, unknown>): Import {
  const json = <T>(name: string): T | null =>
    row[name] === null ? null : (JSON.parse(row[name] as string) as T)
  return {
    id: row['id'] as number,
    state: row['state'] as ImportState,
    file: row['file'] as string,
    size: row['size'] as number,
    sha256: row['sha256'] as string,
    mapping: row['mapping'] as string | null,
    edition: row['edition'] as number | null,
    digest: row['digest'] as string | null,
    mappingText: row['mapping_text'] as string | null,
    signatures: json<string[]>('signatures') ?? [],
    options: row['options'] as string,
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

/** A row of an import as the table has it. */
export function rowOf(row: Record<string, unknown>): ImportRow {
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
