export { type ImportCode, ImportError } from './import-error.ts'
export { Mapping, parseMapping } from './mapping.ts'
export { type Draft, type RowResult, readDrafts } from './read-drafts.ts'
export type { TableFile } from './read-rows.ts'
