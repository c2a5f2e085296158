import type { Json } from '@entente/schema'

/** A field value on one line: parts of a composed value with their names, by name, so that two are easily compared. */
export function formatValue(value: Json): string {
  if (value === null) return '-'
  if (Array.isArray(value)) return value.map(formatValue).join('; ')
  if (typeof value !== 'object') return String(value)
  return Object.entries(value)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, part]) => `${name} ${typeof part === 'object' ? `(${formatValue(part)})` : part}`)
    .join(', ')
}
