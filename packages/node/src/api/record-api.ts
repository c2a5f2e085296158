import {
  type DataRecord,
  defaultLabelOf,
  fieldsOf,
  type Json,
  Kind,
  type Label,
} from '@entente/schema'
import type { Deps } from '../deps.ts'
import { NodeError } from '../errors.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { Row, ShownRecord } from '../node-api.ts'
import { plainRow, type View, type ViewRow } from '../view/view.ts'

/** What may be asked about records. */
export interface RecordApi {
  readonly recordAdd: (request: RecordAdd) => Promise<DataRecord>
  readonly recordEdit: (request: RecordEdit) => Promise<DataRecord>
  readonly recordWithdraw: (request: {
    readonly id: string
    readonly author: string
    readonly reason: string
  }) => Promise<DataRecord>
  /** An own record, or one admitted from a partner. */
  readonly recordShow: (id: string) => Promise<ShownRecord>
  readonly recordList: (filter: {
    readonly kind?: string
    readonly dataset?: string
    readonly originator?: string
    readonly limit?: number
  }) => Promise<readonly Row[]>
  readonly recordHistory: (id: string) => Promise<readonly HistoryRow[]>
}

export interface RecordAdd {
  readonly kind: string
  readonly dataset: string
  readonly fields: Readonly<Record<string, Json>>
  /** Label of each field; a field not named here takes the default label of its class. */
  readonly labels?: Readonly<Record<string, Label>>
  readonly author: string
  readonly reason: string
}

export interface RecordEdit {
  readonly id: string
  readonly set?: Readonly<Record<string, { readonly value?: Json; readonly label?: Label }>>
  readonly unset?: readonly string[]
  readonly author: string
  readonly reason: string
}

export interface HistoryRow {
  readonly atMs: number
  readonly author: string
  readonly reason: string
  readonly fields: readonly string[]
}

export function createRecordApi(deps: Deps, ledger: Ledger, view: View): RecordApi {
  const own = ownRecord(ledger)
  return {
    recordAdd: async ({ kind, dataset, fields, labels = {}, author, reason }) => {
      const known = Kind.safeParse(kind)
      if (!known.success)
        throw new NodeError(
          'KIND_UNKNOWN',
          `${kind} is not a kind; kinds are ${Kind.options.join(', ')}`,
        )
      const definitions = fieldsOf(known.data)
      const cells = Object.entries(fields).map(([name, value]) => {
        const definition = Object.hasOwn(definitions, name) ? definitions[name] : undefined
        return [
          name,
          { value, label: labels[name] ?? defaultLabelOf(definition?.sensitivity ?? 'N') },
        ] as const
      })
      const asOf = new Date(deps.clock.nowMs()).toISOString().slice(0, 10)
      return ledger.add(
        {
          kind: known.data,
          dataset,
          originator: deps.nation,
          envelope: {
            asOf,
            status: 'active',
            source: { document: 'entered by hand' },
            handling: { originator_control: true, onward_release: 'ask' },
          },
          fields: Object.fromEntries(cells),
        },
        { author, reason },
      )
    },
    recordEdit: async ({ id, set, unset, author, reason }) =>
      ledger.edit(own(id).id, { ...(set && { set }), ...(unset && { unset }) }, { author, reason }),
    recordWithdraw: async ({ id, author, reason }) =>
      ledger.withdraw(own(id).id, { author, reason }),
    recordShow: async (id) => {
      const row = view.byRecord(id)[0]
      if (row === undefined)
        throw new NodeError('RECORD_UNKNOWN', `this node holds no record ${id}`)
      return shown(row, row.provenAtMs === null ? ledger.get(id as DataRecord['id']) : null)
    },
    recordList: async (filter) => view.list(filter).map(plainRow),
    recordHistory: async (id) => (await ledger.history(own(id).id)).map((entry) => ({ ...entry })),
  }
}

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
  const fields = Object.entries(record.fields).map(([name, { value, label }]) => [
    name,
    { value, label, authority: 'own' },
  ])
  return { ...rest, fields: Object.fromEntries(fields) }
}
