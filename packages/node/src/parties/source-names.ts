import type { DataRecord, Field, Nation } from '@entente/schema'
import type { SourceName } from '../alias/suggestion.ts'
import { isPlaceholder } from '../import/values/party.ts'
import type { View, ViewRow } from '../view/view.ts'
import { textsOf } from './party-decisions.ts'

/** Fields that name a party, by kind. */
const naming = {
  capability: ['supplier'],
  supplier: ['legal_name'],
  facility: ['operator'],
  investment: ['recipient_refs'],
} as const

/** Every name of a party in the nation's own records, as spelt, with how often, where and in which records it stands. */
export function sourceNames(view: View, nation: Nation): readonly SourceName[] {
  const found = new Map<
    string,
    { count: number; places: Set<string>; nations: Set<string>; records: Set<string> }
  >()
  for (const [kind, fields] of Object.entries(naming))
    for (const row of view.each({ kind, originator: nation })) {
      if (row.provenAtMs !== null) continue
      for (const name of fields.flatMap((field) => namesIn(row, field))) {
        if (isPlaceholder(name)) continue
        const known = found.get(name) ?? {
          count: 0,
          places: new Set(),
          nations: new Set(),
          records: new Set(),
        }
        known.count += 1
        known.records.add(row.id)
        const place = placeOf(row)
        if (place.text !== undefined) known.places.add(place.text)
        if (place.nation !== undefined) known.nations.add(place.nation)
        found.set(name, known)
      }
    }
  return [...found].map(([name, { count, places, nations, records }]) => ({
    name,
    count,
    places: [...places].sort(),
    nations: [...nations].sort(),
    records: [...records].sort(),
  }))
}

/** The fields by which a record names a party so. */
export const fieldsNaming = (record: DataRecord, name: string): readonly Field[] =>
  (naming[record.kind as keyof typeof naming] ?? []).flatMap((field) => {
    const found = record.fields[field]
    if (found === undefined) return []
    return found.value === name || textsOf(record, field).includes(name) ? [found] : []
  })

function namesIn(row: ViewRow, field: string): readonly string[] {
  const value = row.fields[field]?.value
  return typeof value === 'string' ? [value] : textsOf(row, field)
}

function placeOf({ fields }: ViewRow): { readonly text?: string; readonly nation?: string } {
  const value = fields['place']?.value ?? fields['address']?.value
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return {}
  const { text, nation } = value as { readonly text?: unknown; readonly nation?: unknown }
  return {
    ...(typeof text === 'string' && { text }),
    ...(typeof nation === 'string' && { nation }),
  }
}
