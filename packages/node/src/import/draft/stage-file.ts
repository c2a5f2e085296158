import { createHash } from 'node:crypto'
import { stat } from 'node:fs/promises'
import type { Deps } from '../../deps.ts'
import type { Progress } from '../../node-api.ts'
import { ImportError } from '../import-error.ts'
import { LeastLabel } from '../mapping/mapping.ts'
import type { Flag } from '../row-result.ts'
import { openTable } from '../table/open-table.ts'
import { fileSource, type Table, type TableOptions, type TableSource } from '../table/table.ts'
import type { Import, ImportStore } from './import-store.ts'

/** A file that somebody gives to import. */
export interface StagedFile {
  readonly file: string
  readonly path: string
  readonly table: TableOptions
  readonly strict: boolean
  readonly author: string
  readonly reason: string
  /** Default label of the dataset when the file is read: what is applied is what was shown, whatever the policy says by then. */
  readonly least?: LeastLabel | null
}

/** What to do with the rows of a file. */
export interface RowReader<R> {
  /** By what the rows are read; all null for edits by hand. */
  readonly by: Pick<
    Import,
    'mapping' | 'edition' | 'digest' | 'mappingText' | 'signatures' | 'signed'
  >
  readonly read: (table: Table) => AsyncIterable<R>
  /** Compares rows with the ledger and writes them down. */
  readonly write: (id: number, rows: readonly Placed<R>[]) => Promise<void>
  /** Columns that were looked for and in no row, once it is read. */
  readonly absent?: () => readonly string[]
  /** Records that the file lacks, once it is read. */
  readonly missing: (id: number) => number
}

/** A row and its place in the file, from 1. */
export interface Placed<R> {
  readonly seq: number
  readonly row: R
}

/** Keeps an import for one who works on it, until disposed; null when somebody does already. */
export type Claim = (id: number) => Disposable | null

/** Rows compared with the ledger and written down at a time. */
const batchSize = 1024

/**
 * Reads a file into a draft: every row with what taking it in would do. The ledger is read, not written. A draft that was
 * cut off goes on behind its last row.
 * @throws {ImportError} what makes the file unreadable: then the draft says so, and nothing of it can be applied
 */
export async function stageFile<R>(
  { clock }: Deps,
  store: ImportStore,
  request: StagedFile,
  { by, read, write, absent, missing }: RowReader<R>,
  claim: Claim,
  progress?: Progress,
): Promise<Import> {
  const before = await look(request)
  const source = watched(fileSource(request.path, request.file), before.size, progress)
  const sha256 = await digestOfFile(request)
  const { file, strict, author, reason } = request
  const { table, least } = request
  const options = JSON.stringify({ table, strict, signed: by.signed, ...(least && { least }) })
  const cutOff = store.unfinished({ sha256, digest: by.digest, options })
  const claimed = cutOff && claim(cutOff.id)
  const { id } = claimed
    ? cutOff
    : store.begin({
        ...by,
        file,
        size: before.size,
        sha256,
        options,
        strict,
        author,
        reason,
        stagedAtMs: clock.nowMs(),
      })
  using _held = claimed || claim(id)
  try {
    const table = await openTable(source, request.table)
    store.setInfo(id, table.info)
    const seen = store.lastSeq(id)
    let seq = 0
    let batch: Placed<R>[] = []
    for await (const row of read(table)) {
      if (++seq <= seen) continue
      batch.push({ seq, row })
      if (batch.length === batchSize) {
        await write(id, batch)
        batch = []
      }
    }
    await write(id, batch)
    const columns = absent?.() ?? []
    if (columns.length > 0) store.setInfo(id, { ...table.info, absent: columns })
    const after = await look(request)
    if (after.size !== before.size || after.mtimeMs !== before.mtimeMs)
      throw new ImportError(
        'FILE_CHANGED',
        `${request.file} changed while it was read; import it again`,
      )
  } catch (error) {
    if (!(error instanceof ImportError)) throw error
    const { code, message } = error
    store.setState(id, 'failed', { failure: { code, message } })
    throw error
  }
  store.settle(id)
  const refused = strict && store.counts(id).outcomes.refused > 0
  store.setState(id, refused ? 'refused' : 'ready', { missing: missing(id) })
  return store.get(id)
}

/** A row of which nothing is known but its place. */
export const bare = (seq: number, row: number) => ({
  seq,
  row,
  key: null,
  rank: null,
  record: null,
  draft: null,
  detail: null,
  flags: [] as readonly Flag[],
})

async function look({ path, file }: StagedFile) {
  const found = await stat(path).catch((error: Error) => {
    throw new ImportError('FILE_UNREADABLE', `${file} cannot be read: ${error.message}`)
  })
  if (found.isDirectory())
    throw new ImportError('FILE_UNREADABLE', `${file} is a folder: name a file in it`)
  return found
}

async function digestOfFile({ path, file }: StagedFile): Promise<string> {
  const hash = createHash('sha256')
  for await (const part of fileSource(path, file).open()) hash.update(part)
  return hash.digest('hex')
}

/** Tells how far the file is read: the last of several passes is the one that counts. */
function watched(source: TableSource, size: number, progress: Progress | undefined): TableSource {
  if (progress === undefined) return source
  return {
    ...source,
    open: async function* () {
      let done = 0
      for await (const part of source.open()) {
        yield part
        done += part.length
        progress({ stage: `read ${source.name}`, done, total: size })
      }
    },
  }
}

/** The default label that an import was read under. */
export function leastOf({ options }: Pick<Import, 'options'>): LeastLabel | null {
  const { least } = JSON.parse(options) as { readonly least?: unknown }
  return least === undefined ? null : LeastLabel.parse(least)
}
