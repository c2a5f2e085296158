import { type Nation, RecordId } from '@entente/schema'
import type { BulkEdit, BulkEdited } from '../api/record-api.ts'
import { NodeError } from '../errors.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { LedgerError } from '../ledger/ledger-error.ts'
import type { Edit } from '../ledger/record/amend-record.ts'
import type { EditResult } from '../ledger/writing/hand-edits.ts'
import type { Progress } from '../node-api.ts'
import { selectRows } from '../select/select.ts'
import type { View } from '../view/view.ts'
import { envelopeEdit } from './edit-envelope.ts'

/** Records named in a trial. */
const shown = 10

interface Context {
  readonly ledger: Ledger
  readonly view: View
  readonly nation: Nation
}

/**
 * The same edit on every own record that is selected. A record that refuses it is named and left as it is; the others are
 * changed, shard by shard. Nothing widens: no signature covers many records at once.
 * @throws {NodeError} `SELECTION_CHANGED` when other than the expected number is selected now
 */
export async function bulkEdit(
  { ledger, view, nation }: Context,
  { select, set, unset, envelope = {}, trial, expect, author, reason }: BulkEdit,
  progress?: Progress,
): Promise<BulkEdited> {
  const titles = new Map<RecordId, string>()
  for (const { id, title } of selectRows(view, { ...select, originator: nation }))
    if (ledger.get(RecordId.parse(id)) !== null) titles.set(RecordId.parse(id), title)
  if (expect !== undefined && titles.size !== expect)
    throw new NodeError(
      'SELECTION_CHANGED',
      `${titles.size} records are selected now, not ${expect}: look at the trial again`,
    )
  const edit: Edit = {
    ...(set && { set }),
    ...(unset && { unset }),
    ...envelopeEdit(envelope),
  }
  const results: EditResult[] = []
  if (trial) for (const id of titles.keys()) results.push(await tried(ledger, id, edit))
  else
    await ledger.editMany([...titles.keys()], edit, { author, reason }, (some) => {
      results.push(...some)
      progress?.({ stage: 'edit', done: results.length, total: titles.size })
    })
  const count = (outcome: EditResult['outcome']) =>
    results.filter((each) => each.outcome === outcome).length
  return {
    selected: titles.size,
    changed: count('changed'),
    same: count('same'),
    refused: results.flatMap(({ record, outcome, code = '', reason: why = '' }) =>
      outcome === 'refused'
        ? [{ id: record, title: titles.get(record) ?? '', code, reason: why }]
        : [],
    ),
    examples: [...titles].slice(0, shown).map(([id, title]) => ({ id, title })),
  }
}

async function tried(ledger: Ledger, record: RecordId, edit: Edit): Promise<EditResult> {
  try {
    const before = ledger.get(record)
    const after = await ledger.preview(record, edit, { author: '', reason: '' })
    const same = JSON.stringify(before) === JSON.stringify(after)
    return { record, outcome: same ? 'same' : 'changed' }
  } catch (error) {
    if (!(error instanceof LedgerError)) throw error
    return { record, outcome: 'refused', code: error.code, reason: error.message }
  }
}
