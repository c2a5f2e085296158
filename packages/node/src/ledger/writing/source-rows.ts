import { canonicalJson } from '@entente/schema'
import type { Draft } from '../record/amend-record.ts'

/** One row of a source: its key there and what it says. */
export interface SourceRow {
  readonly naturalKey: string
  readonly draft: Draft
}

// Enough rows to meet most records of a shard at once when a file is in another order than the ledger.
const batchSize = 1024

/** Groups rows; a natural key that comes again starts a new batch, so that the later row is the later word. */
export async function* batchesOf(
  rows: AsyncIterable<SourceRow> | Iterable<SourceRow>,
): AsyncGenerator<SourceRow[]> {
  let batch = new Map<string, SourceRow>()
  for await (const row of rows) {
    const key = canonicalJson([row.draft.dataset, row.draft.originator, row.naturalKey])
    if (batch.size === batchSize || batch.has(key)) {
      yield [...batch.values()]
      batch = new Map()
    }
    batch.set(key, row)
  }
  if (batch.size > 0) yield [...batch.values()]
}
