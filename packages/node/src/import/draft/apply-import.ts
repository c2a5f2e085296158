import { RecordId } from '@entente/schema'
import type { Deps } from '../../deps.ts'
import type { Change, Ledger } from '../../ledger/ledger.ts'
import type { SeenEdit, SeenResult } from '../../ledger/writing/seen-edits.ts'
import type { SourceRow } from '../../ledger/writing/source-rows.ts'
import type { Progress } from '../../node-api.ts'
import type { OnStep } from '../../steps.ts'
import { parseEdit } from '../edits/edit-text.ts'
import { ImportError } from '../import-error.ts'
import { namesLabel } from '../mapping/mapping.ts'
import type { ReadyMapping } from '../mapping/mapping-store.ts'
import { parseDraft } from './draft-text.ts'
import type { Import, ImportRow, ImportStore } from './import-store.ts'

/** Rows handed to the ledger at a time: enough to meet most records of a shard at once. */
const batchSize = 1024

/**
 * Takes the rows of a draft into the ledger, shard by shard: a shard's rows, the marks on them and what undo needs are
 * durable together. A row does what the draft shows or nothing: where the ledger has changed since, it is kept. Cut off, it goes on behind the last shard.
 * @param mapping null for a draft of edits by hand
 * @throws {ImportError} `IMPORT_STATE`
 */
export async function applyImport(
  { clock, onStep }: Deps,
  store: ImportStore,
  ledger: Ledger,
  draft: Import,
  mapping: ReadyMapping | null,
  change: Change,
  progress?: Progress,
): Promise<Import> {
  const { id, state } = draft
  if (state !== 'ready' && state !== 'applying')
    throw new ImportError('IMPORT_STATE', whyNot(draft, 'applied'))
  const newer = state === 'ready' ? store.newerOf(draft) : null
  if (newer !== null)
    throw new ImportError(
      'IMPORT_STATE',
      `import ${id} cannot be applied: import ${newer}, which was read after it, has rows of the same keys and is applied; import the file again to see what it would change now`,
    )
  store.setState(id, 'applying', { by: change.author, atMs: clock.nowMs() })
  const { outcomes } = store.counts(id)
  const total = outcomes.create + outcomes.update
  let done = 0
  const work: Work = {
    store,
    ledger,
    id,
    change,
    onStep,
    onDone: (count) => {
      onStep('import:applying')
      done += count
      progress?.({ stage: `apply import ${id}`, done, total })
    },
  }
  await (mapping === null ? applyEdits(work) : applyDrafts(work, mapping))
  store.setState(id, 'applied', { atMs: clock.nowMs() })
  return store.get(id)
}

interface Work {
  readonly store: ImportStore
  readonly ledger: Ledger
  readonly id: number
  readonly change: Change
  readonly onStep: OnStep
  /** Within the transaction that makes so many rows durable. */
  readonly onDone: (count: number) => void
}

async function applyDrafts(
  { store, ledger, id, change, onStep, onDone }: Work,
  { mapping, widenedBy }: ReadyMapping,
): Promise<void> {
  for (let after = 0; ; ) {
    const rows = store.toApply(id, after, batchSize)
    const last = rows.at(-1)
    if (last === undefined) return
    after = last.seq
    const staged = new Map<SourceRow, ImportRow>()
    for (const row of rows)
      if (row.key !== null && row.draft !== null)
        staged.set({ naturalKey: row.key, draft: parseDraft(row.draft, mapping) }, row)
    await ledger.upsert(staged.keys(), change, {
      widenedBy,
      names: (field, originator) => namesLabel(mapping, field, originator),
      shown: (row) => staged.get(row)?.detail?.changes ?? null,
      onTaken: (taken) => {
        for (const { row, record, outcome, before, stamp } of taken)
          store.applied(id, staged.get(row)?.seq ?? 0, {
            record,
            result: outcome,
            before,
            stamp: stamp?.[0] ?? null,
            reason:
              outcome === 'kept'
                ? 'the ledger has changed since the draft was made; import the file again to see what it changes now'
                : undefined,
          })
        onDone(taken.length)
      },
    })
    onStep('import:applied')
  }
}

async function applyEdits({ store, ledger, id, change, onStep, onDone }: Work): Promise<void> {
  const seqOf = new Map<string, number>()
  let batch: SeenEdit[] = []
  const take = async () => {
    await ledger.editSeen(batch, change, (results) => {
      for (const result of results)
        store.applied(id, seqOf.get(result.record) ?? 0, {
          record: result.record,
          result: result.outcome === 'refused' ? 'kept' : result.outcome,
          before: result.before,
          stamp: result.stamp?.[0] ?? null,
          reason: whyKept(result),
        })
      onDone(results.length)
    })
    onStep('import:applied')
    batch = []
    seqOf.clear()
  }
  for (const { seq, key, draft } of store.toEdit(id)) {
    if (key === null || draft === null) continue
    const record = RecordId.parse(key)
    seqOf.set(record, seq)
    batch.push({ record, ...parseEdit(draft) })
    if (batch.length === batchSize) await take()
  }
  await take()
}

function whyKept({ outcome, kept, refusal }: SeenResult): string | undefined {
  if (outcome === 'refused') return refusal ?? ''
  if (outcome !== 'kept') return undefined
  return kept.length === 0 ? 'the record is gone' : `changed since, kept: ${kept.join(', ')}`
}

/** Why an import cannot be acted on now, and what can be done. */
export function whyNot({ id, state, failure }: Import, wanted: string): string {
  const reasons = {
    reading: 'its file is still being read; if that was cut off, import the file again',
    ready: 'it has not been applied',
    refused: 'it is strict and has refused rows: mend them, or import the file without --strict',
    failed: `its file could not be read (${failure?.code}); nothing of it was taken in`,
    applying: `it is being applied; if that was cut off, go on with entente import apply ${id}`,
    applied: 'it has been applied',
    closed: 'it has been applied, and what undoing needs has been given up',
    undoing: `it is being undone; if that was cut off, go on with entente import undo ${id}`,
    undone: 'it has been undone: import the file again',
  } as const
  return `import ${id} cannot be ${wanted}: ${reasons[state]}`
}
