/**
 * What a check found wrong. `SHARD_…`: an Automerge document, the nation's records themselves. `RECORD_…`, `KEY_…`: the
 * tables that are made from them. `VIEW_…`, `SEARCH_…`: what answers read. `DATABASE_PAGES`: the file.
 */
export type FindingCode =
  | 'SHARD_UNREADABLE'
  | 'SHARD_CHUNKS'
  | 'SHARD_COUNT'
  | 'SHARD_FORM'
  | 'SHARD_NOTE'
  | 'RECORD_UNREADABLE'
  | 'RECORD_MISSING'
  | 'RECORD_DIFFERS'
  | 'RECORD_LOST'
  | 'RECORD_TWICE'
  | 'KEY_MISSING'
  | 'KEY_WRONG'
  | 'VIEW_STALE'
  | 'VIEW_EXTRA'
  | 'SEARCH_ROWS'
  | 'SEARCH_INDEX'
  | 'DATABASE_PAGES'

/** One thing that is wrong. The message names no content. */
export interface Finding {
  readonly code: FindingCode
  readonly shard?: string
  readonly record?: string
  readonly message: string
}
