import {
  type DataRecord,
  DatasetName,
  defaultLabelOf,
  digestOf,
  fieldsOf,
  type Json,
  joinLabels,
  Kind,
  type Label,
  type RecordId,
  type Sensitivity,
} from '@entente/schema'
import { refuseAggregate } from '../aggregate/refuse-by-hand.ts'
import type { Deps } from '../deps.ts'
import { NodeError } from '../errors.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { Edit } from '../ledger/record/amend-record.ts'
import type { FieldConflict } from '../ledger/record/conflicts.ts'
import type { Progress, Row, ShownRecord } from '../node-api.ts'
import { bulkEdit } from '../records/bulk-edit.ts'
import { answerBy, type SignedOrder } from '../records/check-order.ts'
import { copyForeign, copyOwn, type LeftField } from '../records/copy-record.ts'
import { type EnvelopeEdit, envelopeEdit } from '../records/edit-envelope.ts'
import { shownFragment } from '../records/shown-fragment.ts'
import { type Select, selectRows } from '../select/select.ts'
import { plainRow, type View, type ViewRow } from '../view/view.ts'

/** Who acts and why. */
interface Said {
  readonly author: string
  readonly reason: string
}

/** A copy that was made, and fields that it could not have. */
export interface Copied {
  readonly record: DataRecord
  readonly left: readonly LeftField[]
}

/** What may be asked about records. */
export interface RecordApi {
  readonly recordAdd: (request: RecordAdd) => Promise<DataRecord>
  readonly recordEdit: (request: RecordEdit) => Promise<DataRecord>
  /** Names the state that an own record is in, for an order of a policy authority. */
  readonly recordBase: (id: string) => Promise<string>
  readonly recordWithdraw: (request: Said & { readonly id: string }) => Promise<DataRecord>
  /** Takes back a withdrawal, or lets a record say again what it said after its change number `to`, from 1. */
  readonly recordRestore: (
    request: Said & { readonly id: string; readonly to?: number | undefined },
  ) => Promise<DataRecord>
  /** A new own record, derived from an own one or one released to us; terms and labels stay on it. */
  readonly recordCopy: (
    request: Said & { readonly id: string; readonly dataset?: string | undefined },
  ) => Promise<Copied>
  /** An own record, or one admitted from a partner. */
  readonly recordShow: (id: string) => Promise<ShownRecord>
  /** @throws {SelectionError} `SELECTION_FORM`, `SELECTION_FIELD` */
  readonly recordList: (
    filter: Select & {
      /** Only records whose day of review has come. */
      readonly stale?: boolean | undefined
    },
  ) => Promise<readonly Row[]>
  /** The same edit on every own record that is selected; or, as a trial, what that would be. */
  readonly recordBulkEdit: (request: BulkEdit, progress?: Progress) => Promise<BulkEdited>
  readonly recordHistory: (id: string) => Promise<readonly HistoryRow[]>
  /** Own records with fields that nodes of the nation edited apart, or those fields of one record. */
  readonly recordConflicts: (request: {
    readonly id?: string | undefined
  }) => Promise<readonly RecordConflicts[]>
  /** Settles one field by one of its candidates, from 1; the label is the join of all. */
  readonly recordResolve: (
    request: Said & { readonly id: string; readonly field: string; readonly take: number },
  ) => Promise<DataRecord>
}

export interface RecordAdd extends Said {
  readonly kind: string
  readonly dataset: string
  readonly fields: Readonly<Record<string, Json>>
  /** Label of each field; a field not named here takes the default label of its class. */
  readonly labels?: Readonly<Record<string, Label>>
  readonly envelope?: EnvelopeEdit | undefined
}

export interface RecordEdit extends Said {
  readonly id: string
  readonly set?: Readonly<Record<string, { readonly value?: Json; readonly label?: Label }>>
  readonly unset?: readonly string[]
  readonly envelope?: EnvelopeEdit | undefined
  /** Needed where a label gets wider. */
  readonly order?: SignedOrder | undefined
}

export interface BulkEdit extends Said, Omit<RecordEdit, 'id' | 'order'> {
  readonly select: Omit<Select, 'originator' | 'limit'>
  /** Writes nothing, and says what would be changed. */
  readonly trial: boolean
  /** Number of records that the trial found: another number now refuses the edit. */
  readonly expect?: number | undefined
}

export interface BulkEdited {
  readonly selected: number
  readonly changed: number
  readonly same: number
  readonly refused: readonly {
    readonly id: string
    readonly title: string
    readonly code: string
    readonly reason: string
  }[]
  /** Some of the records, for who looks before. */
  readonly examples: readonly { readonly id: string; readonly title: string }[]
}

export interface HistoryRow {
  readonly atMs: number
  readonly author: string
  readonly reason: string
  readonly widenedBy?: string
  /** Who of which other nation suggested the value. */
  readonly suggestedBy?: string
  readonly fields: readonly string[]
  /** What each of these fields held after the change; null where it was taken out. */
  readonly values: Readonly<Record<string, Json | null>>
  /** Kept when the ledger was compacted; what else was changed before is gone. */
  readonly compacted?: true
}

export interface RecordConflicts {
  readonly id: string
  readonly title: string
  readonly fields: readonly FieldConflict[]
}

/** @param leastOf the default label of a dataset, as the policy in force gives it; null: it gives none */
export function createRecordApi(
  deps: Deps,
  ledger: Ledger,
  view: View,
  leastOf: (dataset: string) => Pick<Label, 'classification' | 'caveats'> | null = () => null,
): RecordApi {
  const { db, clock, nation } = deps
  const own = ownRecord(ledger)
  const today = () => new Date(clock.nowMs()).toISOString().slice(0, 10)

  return {
    recordAdd: async ({ kind, dataset, fields, labels = {}, envelope = {}, author, reason }) => {
      const known = Kind.safeParse(kind)
      if (!known.success)
        throw new NodeError(
          'KIND_UNKNOWN',
          `${kind} is not a kind; kinds are ${Kind.options.join(', ')}`,
        )
      refuseAggregate(
        Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, { value }])),
      )
      const definitions = fieldsOf(known.data)
      // Marked before it is first written: what nobody has marked, by its class and no less than its dataset.
      const unmarked = (sensitivity: Sensitivity): Label => {
        const byClass = defaultLabelOf(sensitivity)
        const least = leastOf(dataset)
        return least === null ? byClass : joinLabels(byClass, { ...least, releasableTo: [] })
      }
      const cells = Object.entries(fields).map(([name, value]) => {
        const definition = Object.hasOwn(definitions, name) ? definitions[name] : undefined
        return [
          name,
          { value, label: labels[name] ?? unmarked(definition?.sensitivity ?? 'N') },
        ] as const
      })
      const { envelope: dated, addJurisdiction } = envelopeEdit(envelope)
      return ledger.add(
        {
          kind: known.data,
          dataset,
          originator: nation,
          envelope: {
            asOf: today(),
            status: 'active',
            source: { document: 'entered by hand' },
            handling: { originator_control: true, onward_release: 'ask' },
            ...dated,
            ...(addJurisdiction && { jurisdiction: addJurisdiction }),
          },
          fields: Object.fromEntries(cells),
        },
        { author, reason },
      )
    },
    recordEdit: async ({ id, set, unset, envelope = {}, order, author, reason }) => {
      refuseAggregate(set)
      const edit: Edit = { ...(set && { set }), ...(unset && { unset }), ...envelopeEdit(envelope) }
      const answer = order && answerBy(deps, edit, reason, order)
      return ledger.edit(own(id).id, edit, { author, reason }, answer)
    },
    recordBase: async (id) => ledger.base(own(id).id),
    recordWithdraw: async ({ id, author, reason }) =>
      ledger.withdraw(own(id).id, { author, reason }),
    recordRestore: async ({ id, to, author, reason }) =>
      ledger.restore(own(id).id, to ?? null, { author, reason }),
    recordCopy: async ({ id, dataset, author, reason }) => {
      const source = view.byRecord(id)[0]
      if (source === undefined) throw unknown(id)
      const request = {
        dataset: DatasetName.parse(dataset ?? source.dataset),
        nation,
        asOf: today(),
      }
      const copyOf = () => {
        if (source.provenAtMs === null) return copyOwn(own(id), request)
        const fragment = shownFragment(db, view, id)
        if (fragment === null) throw unknown(id)
        const limits = Object.entries(source.fields).flatMap(([field, { roles }]) =>
          roles === undefined ? [] : [[field, roles] as const],
        )
        return copyForeign(fragment, request, Object.fromEntries(limits))
      }
      const { draft, left } = copyOf()
      return { record: await ledger.add(draft, { author, reason }), left }
    },
    recordShow: async (id) => {
      const row = view.byRecord(id)[0]
      if (row === undefined) throw unknown(id)
      return shown(row, row.provenAtMs === null ? ledger.get(id as RecordId) : null)
    },
    recordList: async ({ stale = false, limit = 100, ...select }) => {
      const where = [...(select.where ?? []), ...(stale ? [`reviewBy<=${today()}`] : [])]
      return [...selectRows(view, { ...select, where, limit })].map(plainRow)
    },
    recordBulkEdit: async (request, progress) => {
      refuseAggregate(request.set)
      return bulkEdit({ ledger, view, nation }, request, progress)
    },
    recordHistory: async (id) =>
      (await ledger.history(own(id).id)).map(({ record: _record, ...entry }) => entry),
    recordConflicts: async ({ id }) => {
      const ids =
        id === undefined
          ? db
              .prepare('SELECT id FROM record WHERE conflicts > 0 ORDER BY id')
              .all()
              .map((row) => row['id'] as string)
          : [id]
      const found: RecordConflicts[] = []
      for (const each of ids) {
        const record = own(each)
        const title = view.byRecord(each)[0]?.title ?? ''
        found.push({ id: each, title, fields: await ledger.conflicts(record.id) })
      }
      return found
    },
    recordResolve: async ({ id, field, take, author, reason }) => {
      const record = own(id)
      const conflict = (await ledger.conflicts(record.id)).find((each) => each.field === field)
      if (conflict === undefined)
        throw new NodeError('FIELD_INVALID', `${field} of ${id} is in no conflict`)
      const chosen = conflict.candidates[take - 1]
      if (chosen === undefined)
        throw new NodeError(
          'FIELD_INVALID',
          `${field} of ${id} has ${conflict.candidates.length} candidates, not ${take}`,
        )
      const { value } = chosen
      const label = conflict.label ?? undefined
      const edit: Edit =
        value === null
          ? { unset: [field] }
          : { set: { [field]: { value, ...(label && { label }) } } }
      return ledger.edit(record.id, edit, { author, reason })
    },
  }
}

const unknown = (id: string) => new NodeError('RECORD_UNKNOWN', `this node holds no record ${id}`)

/** Finds an own record. @throws {NodeError} `RECORD_UNKNOWN` */
export const ownRecord =
  (ledger: Ledger) =>
  (id: string): DataRecord => {
    const record = ledger.get(id as DataRecord['id'])
    if (record === null)
      throw new NodeError('RECORD_UNKNOWN', `no record ${id} in this nation's ledger`)
    return record
  }

function shown(row: ViewRow, record: DataRecord | null): ShownRecord {
  const { sender: _sender, ...rest } = row
  if (record === null) return rest
  const fields = Object.entries(record.fields).map(([name, { value, label, ...more }]) => [
    name,
    { value, label, authority: 'own', ...more },
  ])
  return {
    ...rest,
    version: digestOf(record),
    envelope: record.envelope,
    fields: Object.fromEntries(fields),
  }
}
