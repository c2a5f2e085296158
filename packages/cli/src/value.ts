import type { Json } from '@entente/schema'

/** A field value on one line: parts of a composed value with their names. */
export function formatValue(value: Json): string {
  if (value === null) return '-'
  if (Array.isArray(value)) return value.map(formatValue).join('; ')
  if (typeof value !== 'object') return String(value)
  return Object.entries(value)
    .map(([name, part]) => `${name} ${typeof part === 'object' ? `(${formatValue(part)})` : part}`)
    .join(', ')
}
