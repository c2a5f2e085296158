import { RecordId } from '@entente/schema'
import type { Deps } from '../../deps.ts'
import type { Change, Ledger } from '../../ledger/ledger.ts'
import type { Reversal } from '../../ledger/writing/take-back.ts'
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
  { clock, onStep }: Deps,
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
  const seqOf = new Map<string, number>()
  let batch: Reversal[] = []
  const take = async () => {
    await ledger.revert(batch, change, (results) => {
      for (const { record, outcome, kept } of results)
        store.undone(id, seqOf.get(record) ?? 0, outcome, kept)
      onStep('import:undoing')
      count += results.length
      progress?.({ stage: `undo import ${id}`, done: count })
    })
    onStep('import:undone')
    batch = []
    seqOf.clear()
  }
  for (const { seq, record, before, stamp } of store.toUndo(id)) {
    seqOf.set(record, seq)
    batch.push({ record: RecordId.parse(record), before, stamp: [stamp, ledger.actor] })
    if (batch.length === batchSize) await take()
  }
  await take()
  store.setState(id, 'undone', { atMs: clock.nowMs() })
  return store.get(id)
}
