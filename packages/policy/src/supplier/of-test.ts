import { type DataRecord, type Nation, supplierFieldsOf } from '@entente/schema'
import type { Purpose } from '../document.ts'
import type { RegisterDocument } from '../register/document.ts'

const id = 'supplier-of-the-test'
const name = 'supplier of the test'

/** A supplier that lets nations have all that is in its confidence. No seal: nothing is decided by it but tests. */
export const supplierOfTest = (
  recipients: readonly Nation[],
  uses: readonly Purpose[],
  effective: string,
  expires: string,
): Pick<RegisterDocument, 'suppliers' | 'consents'> => ({
  suppliers: [
    {
      id,
      title: name,
      key: 'A'.repeat(43),
      names: [name],
      ncage: [name],
      uei: [name],
      lei: [name],
    },
  ],
  consents: [{ id, supplier: id, recipients, uses, effective, expires, seal: '-' }],
})

/** The record as one that names this supplier, where its kind can. */
export function withSupplier(record: DataRecord, about: string): DataRecord {
  const namings = Object.entries(supplierFieldsOf(record.kind))
  const [naming] = namings.find(([field]) => field === about) ?? namings[0] ?? []
  if (naming === undefined) return record
  const label = record.fields[naming]?.label ?? unmarked
  return { ...record, fields: { ...record.fields, [naming]: { value: name, label } } }
}

const unmarked = { classification: 'UNCLASSIFIED', releasableTo: [], caveats: [] } as const
