import { hash } from 'node:crypto'
import { canonicalJson, type DataRecord, type Field, type Label } from '@entente/schema'
import { toDataRecord } from './merge-record.ts'
import type { StoredRecord } from './stored-record.ts'

/** A record as the projection keeps it: `json` is its canonical form, `digest` names that. */
export interface Rendered {
  readonly key: string | undefined
  readonly record: DataRecord
  readonly json: string
  readonly digest: string
}

/**
 * Renders a record. Done before it is written: what has no canonical form must not enter the ledger.
 * @throws {CanonicalJsonError} `NOT_CANONICAL`
 */
export function renderRecord(stored: StoredRecord): Rendered {
  const record = toDataRecord(stored)
  const json = canonicalRecord(record)
  return { key: stored.key, record, json, digest: hash('sha256', json, 'base64url') }
}

/** Fields that were edited apart and that nobody has settled. */
export const conflictsIn = ({ fields }: DataRecord): number =>
  Object.values(fields).filter(({ conflict }) => conflict).length

/** `canonicalJson` of a record, twice as fast: the few labels of a ledger are written out once each. */
function canonicalRecord({ dataset, envelope, fields, id, kind, originator }: DataRecord): string {
  const texts = Object.keys(fields)
    .sort()
    .map((name) => `${canonicalJson(name)}:${canonicalField(fields[name] as Field)}`)
  const [head, tail] = [
    canonicalJson({ dataset, envelope }),
    canonicalJson({ id, kind, originator }),
  ]
  return `${head.slice(0, -1)},"fields":{${texts.join(',')}},${tail.slice(1)}`
}

function canonicalField(field: Field): string {
  if (field.terms || field.conflict || field.asGiven !== undefined) return canonicalJson(field)
  let label = labelTexts.get(field.label)
  if (label === undefined) {
    label = canonicalJson(field.label)
    labelTexts.set(field.label, label)
  }
  return `{"label":${label},"value":${canonicalJson(field.value)}}`
}

const labelTexts = new WeakMap<Label, string>()
