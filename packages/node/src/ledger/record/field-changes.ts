import type { Json, Label } from '@entente/schema'
import { currentEnvelope, currentField } from './merge-record.ts'
import type { StoredRecord } from './stored-record.ts'
import { same } from './write-versions.ts'

/** One field before and after; null where there is none. */
export interface FieldChange {
  readonly field: string
  readonly before: { readonly value: Json; readonly label: Label | null } | null
  readonly after: { readonly value: Json; readonly label: Label | null } | null
}

/** What differs between two versions of a record, by field; `envelope.NAME` for what it says about itself. */
export function changesOf(before: StoredRecord, after: StoredRecord): FieldChange[] {
  if (before === after) return []
  const names = [...new Set([...Object.keys(before.fields), ...Object.keys(after.fields)])].sort()
  const fields = names.flatMap((field): FieldChange[] => {
    const [a, b] = [
      currentField(before.fields[field] ?? []),
      currentField(after.fields[field] ?? []),
    ]
    return same(a, b) ? [] : [{ field, before: a && shown(a), after: b && shown(b) }]
  })
  return [...fields, ...envelopeChanges(before, after)]
}

const shown = ({ value, label }: { readonly value: Json; readonly label: Label }) => ({
  value,
  label,
})

function envelopeChanges(before: StoredRecord, after: StoredRecord): FieldChange[] {
  const [a, b] = [currentEnvelope(before.envelope), currentEnvelope(after.envelope)].map(
    (envelope) => envelope as Readonly<Record<string, Json | undefined>>,
  )
  const names = [...new Set([...Object.keys(a ?? {}), ...Object.keys(b ?? {})])].sort()
  const side = (value: Json | undefined) => (value === undefined ? null : { value, label: null })
  return names.flatMap((name) =>
    same(a?.[name], b?.[name])
      ? []
      : [{ field: `envelope.${name}`, before: side(a?.[name]), after: side(b?.[name]) }],
  )
}
