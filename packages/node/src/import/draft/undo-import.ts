import { RecordId } from '@entente/schema'
import type { Deps } from '../../deps.ts'
import type { Change, Ledger, Reversal } from '../../ledger/ledger.ts'
import type { Progress } from '../../node-api.ts'
import { ImportError } from '../import-error.ts'
import { whyNot } from './apply-import.ts'
import type { Import, ImportStore } from './import-store.ts'

const batchSize = 1024

/**
 * Takes an import back: what it made goes, what it changed is as it was, field by field; what somebody has changed since
 * stays and is reported. Cut off, it goes on behind the last shard.
 * @throws {ImportError} `IMPORT_STATE`
 */
export async function undoImport(
  { clock }: Deps,
  store: ImportStore,
  ledger: Ledger,
  done: Import,
  change: Change,
  progress?: Progress,
): Promise<Import> {
  const { id, state } = done
  if (state !== 'applied' && state !== 'applying' && state !== 'undoing')
    throw new ImportError('IMPORT_STATE', whyNot(done, 'undone'))
  store.setState(id, 'undoing', { by: change.author, atMs: clock.nowMs() })
  let count = 0
  for (;;) {
    const rows = store.toUndo(id, batchSize)
    if (rows.length === 0) break
    const reversals = rows.map(
      ({ record, before, stamp }): Reversal => ({
        record: RecordId.parse(record),
        before,
        stamp: [stamp, ledger.actor],
      }),
    )
    const before = count
    await ledger.revert(reversals, change, (results) => {
      for (const { record, outcome, kept } of results) store.undone(id, record, outcome, kept)
      count += results.length
      progress?.({ stage: `undo import ${id}`, done: count })
    })
    if (count === before) throw new Error(`import ${id}: nothing could be taken back any more`)
  }
  store.setState(id, 'undone', { atMs: clock.nowMs() })
  return store.get(id)
}
