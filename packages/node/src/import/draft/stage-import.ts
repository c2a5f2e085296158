import { createHash } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { type Nation, nationName } from '@entente/schema'
import type { Deps } from '../../deps.ts'
import type { Ledger } from '../../ledger/ledger.ts'
import type { SourceRow } from '../../ledger/source-rows.ts'
import type { Progress } from '../../node-api.ts'
import { ImportError } from '../import-error.ts'
import type { ReadyMapping } from '../mapping/mapping-store.ts'
import { readDrafts } from '../read-drafts.ts'
import type { Flag, RowResult } from '../row-result.ts'
import { openTable } from '../table/open-table.ts'
import { fileSource, type TableOptions, type TableSource } from '../table/table.ts'
import { formatDraft } from './draft-text.ts'
import type { Import, ImportRow, ImportStore, RowDetail } from './import-store.ts'

export interface StageRequest {
  readonly file: string
  readonly path: string
  readonly mapping: ReadyMapping
  readonly table: TableOptions
  readonly strict: boolean
  readonly author: string
  readonly reason: string
}

/** Rows compared with the ledger and written down at a time. */
const batchSize = 1024

/**
 * Reads a file through a mapping into a draft: every row with what taking it in would do. The ledger is read, not written.
 * A draft that was cut off goes on behind its last row.
 * @throws {ImportError} what makes the file unreadable: then the draft says so, and nothing of it can be applied
 */
export async function stageImport(
  { db, clock, nation }: Deps,
  store: ImportStore,
  ledger: Ledger,
  request: StageRequest,
  progress?: Progress,
): Promise<Import> {
  const { mapping, digest, text, signatures, mayWiden } = request.mapping
  const before = await look(request)
  const source = watched(fileSource(request.path, request.file), before.size, progress)
  const sha256 = await digestOfFile(request)
  const draft =
    store.unfinished(sha256, digest) ??
    store.begin({
      file: request.file,
      size: before.size,
      sha256,
      mapping: mapping.mapping,
      edition: mapping.edition,
      digest,
      mappingText: text,
      signatures,
      signed: mayWiden,
      strict: request.strict,
      author: request.author,
      reason: request.reason,
      stagedAtMs: clock.nowMs(),
    })
  const { id } = draft
  try {
    const table = await openTable(source, { ...mapping.table, ...request.table })
    store.setInfo(id, table.info)
    const seen = store.lastSeq(id)
    let seq = 0
    let batch: Placed[] = []
    for await (const result of readDrafts(table, mapping)) {
      if (++seq <= seen) continue
      batch.push({ seq, result: ownOnly(result, nation) })
      if (batch.length === batchSize) {
        await write(batch)
        batch = []
      }
    }
    await write(batch)
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
  const { outcomes } = store.counts(id)
  const missing = missingFrom(db, id, mapping.mapping, null).length
  store.setState(id, request.strict && outcomes.refused > 0 ? 'refused' : 'ready', { missing })
  return store.get(id)

  async function write(placed: readonly Placed[]): Promise<void> {
    const rows = new Map<number, ImportRow>()
    const outranked: { readonly seq: number; readonly detail: RowDetail }[] = []
    const standing = new Map<string, ImportRow>()
    const compare: {
      readonly seq: number
      readonly source: SourceRow
      readonly flags: readonly Flag[]
    }[] = []
    for (const { seq, result } of placed) {
      if (!result.ok) {
        const { row, column, code, reason } = result
        rows.set(seq, { ...bare(seq, row), outcome: 'refused', detail: { column, code, reason } })
        continue
      }
      const { row, naturalKey: key, rank, flags } = result
      const text = formatDraft(result.draft)
      const earlier = standing.get(key) ?? store.standing(id, key)
      if (earlier !== null && earlier.draft === text) {
        rows.set(seq, {
          ...bare(seq, row),
          outcome: 'same',
          detail: { copyOf: earlier.row },
          flags,
        })
        continue
      }
      if (earlier !== null && rank <= (earlier.rank ?? '')) {
        rows.set(seq, {
          ...bare(seq, row),
          outcome: 'refused',
          detail: repeated(earlier.row, rank, earlier.rank),
          flags,
        })
        continue
      }
      if (earlier !== null) {
        const detail = repeated(row, earlier.rank ?? '', rank)
        const inBatch = rows.get(earlier.seq)
        if (inBatch === undefined) outranked.push({ seq: earlier.seq, detail })
        else
          rows.set(earlier.seq, {
            ...bare(earlier.seq, earlier.row),
            outcome: 'refused',
            detail,
            flags: inBatch.flags,
          })
      }
      const standingRow: ImportRow = {
        ...bare(seq, row),
        outcome: 'create',
        key,
        rank,
        draft: text,
        flags,
      }
      rows.set(seq, standingRow)
      standing.set(key, standingRow)
      compare.push({ seq, source: { naturalKey: key, draft: result.draft }, flags })
    }
    const compared = await ledger.compare(
      compare.filter(({ seq }) => rows.get(seq)?.key != null).map(({ source }) => source),
      { mayWiden },
    )
    for (const [i, { seq, flags }] of compare
      .filter(({ seq }) => rows.get(seq)?.key != null)
      .entries()) {
      const row = rows.get(seq)
      const found = compared[i]
      if (row === undefined || found === undefined) continue
      const { outcome, record, changes, gone } = found
      rows.set(seq, {
        ...row,
        outcome,
        record,
        // Kept to the end of reading, so that a copy further down is known as one.
        draft: row.draft,
        detail: changes.length > 0 ? { changes } : null,
        flags: [...flags, ...goneFlags(gone)],
      })
    }
    db.transact(() => {
      for (const { seq, detail } of outranked) store.giveWay(id, seq, detail)
      store.addRows(id, [...rows.values()])
    })
  }
}

interface Placed {
  readonly seq: number
  readonly result: RowResult
}

const bare = (seq: number, row: number) => ({
  seq,
  row,
  key: null,
  rank: null,
  record: null,
  draft: null,
  detail: null,
  flags: [] as readonly Flag[],
})

function repeated(stands: number, rank: string, greater: string | null): RowDetail {
  const why =
    greater !== null && greater !== rank ? ` and is later (${greater})` : ' and comes first'
  return {
    code: 'DUPLICATE_KEY',
    reason: `row ${stands} has the same key with other content${why}: it stands`,
  }
}

const goneFlags = (gone: readonly string[]): readonly Flag[] =>
  gone.length === 0
    ? []
    : [
        {
          code: 'FIELD_GONE',
          column: null,
          message: `the file no longer gives ${gone.join(', ')}; what the ledger has stays`,
        },
      ]

/** A nation writes into its ledger only what it originates itself. */
function ownOnly(result: RowResult, nation: Nation): RowResult {
  if (!result.ok || result.draft.originator === nation) return result
  const { row, draft } = result
  const reason = `the originator is ${nationName(draft.originator)}: this node writes records of ${nationName(nation)} alone`
  return { ok: false, row, column: null, code: 'BAD_VALUE', reason }
}

/** Keys of the mapping that stand in the ledger and not in the import. @param limit null: all */
export function missingFrom(
  db: Deps['db'],
  id: number,
  mapping: string,
  limit: number | null,
): readonly { readonly record: string; readonly key: string }[] {
  const from = `${JSON.stringify([mapping]).slice(0, -1)},`
  return db
    .prepare(
      `SELECT natural_key.record AS record, natural_key.key AS key FROM natural_key JOIN record ON record.id = natural_key.record
       WHERE natural_key.key >= ? AND natural_key.key < ? AND record.status <> 'withdrawn'
         AND NOT EXISTS (SELECT 1 FROM import_row WHERE import = ? AND import_row.key = natural_key.key)
       ORDER BY natural_key.key LIMIT ?`,
    )
    .all(from, `${from.slice(0, -1)}-`, id, limit ?? -1) as { record: string; key: string }[]
}

async function look({ path, file }: StageRequest) {
  try {
    return await stat(path)
  } catch (error) {
    throw new ImportError('FILE_UNREADABLE', `${file} cannot be read: ${(error as Error).message}`)
  }
}

async function digestOfFile({ path, file }: StageRequest): Promise<string> {
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
