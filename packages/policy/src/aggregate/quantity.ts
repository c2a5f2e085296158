import { type BandType, type DataRecord, fieldsOf, type Json, type Kind } from '@entente/schema'
import { compareDecimals, type Decimal, parseDecimal } from '../decimal.ts'

/** A value that can be added up, and the unit in which it can. */
export interface Quantity {
  readonly amount: Decimal
  readonly unit: string
}

/** Field that holds the unit of a bare number of the kind, where there is one. */
export const unitFieldOf = (kind: Kind, type: BandType | undefined): string | undefined =>
  type === 'count' && Object.hasOwn(fieldsOf(kind), 'unit') ? 'unit' : undefined

/**
 * Reads what a field says as a quantity, exactly.
 * @returns null for what is no plain number of zero or more in a known unit: a bound such as `>50`, a part of a lead time, an unknown member
 */
export function quantityOf(record: DataRecord, field: string, type: BandType): Quantity | null {
  const value = record.fields[field]?.value ?? null
  const parts = partsOf(value)
  const read = (amount: unknown, unit: string | null): Quantity | null => {
    const parsed = parseDecimal(amount)
    if (parsed === null || parsed.units < 0n || unit === null) return null
    return { amount: parsed, unit }
  }
  switch (type) {
    case 'count': {
      const name = unitFieldOf(record.kind, type)
      return read(value, name === undefined ? 'units' : textOf(record.fields[name]?.value))
    }
    case 'percent':
      return read(value, 'percent')
    case 'months': {
      if (parts === null || !isWithin(parts, ['admin', 'production', 'total', 'unit'])) return null
      if (parts['total'] !== undefined) return read(parts['total'], 'months')
      const [admin, production] = [read(parts['admin'], ''), read(parts['production'], '')]
      if (admin === null || production === null) return null
      return { amount: addDecimals([admin.amount, production.amount]), unit: 'months' }
    }
    case 'rate': {
      if (parts === null) return null
      const [amount, per] =
        'number' in parts ? (['number', 'per'] as const) : (['quantity', 'period'] as const)
      if (!isWithin(parts, [amount, 'unit', per])) return null
      const [unit, period] = [textOf(parts['unit']), textOf(parts[per])]
      return read(parts[amount], unit === null || period === null ? null : `${unit} per ${period}`)
    }
    case 'money': {
      if (parts === null || !isWithin(parts, ['amount', 'currency', 'base_year', 'nature']))
        return null
      const currency = textOf(parts['currency'])
      const year = parts['base_year'] === undefined ? '' : ` of ${String(parts['base_year'])}`
      const nature = parts['nature'] === undefined ? '' : `, ${String(parts['nature'])}`
      return read(parts['amount'], currency === null ? null : `${currency}${year}${nature}`)
    }
  }
}

const partsOf = (value: Json): Readonly<Record<string, Json>> | null =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, Json>>)
    : null

const textOf = (value: unknown): string | null =>
  typeof value === 'string' && value !== '' ? value : null

const isWithin = (parts: object, known: readonly string[]): boolean =>
  Object.keys(parts).every((name) => known.includes(name))

/** The exact sum. */
export function addDecimals(list: readonly Decimal[]): Decimal {
  const scale = Math.max(0, ...list.map((each) => each.scale))
  const units = list.reduce((sum, each) => sum + each.units * 10n ** BigInt(scale - each.scale), 0n)
  return { units, scale }
}

/** Whether a part is more than so many percent of a whole. */
export function isMoreThan(part: Decimal, percent: string, whole: Decimal): boolean {
  const limit = parseDecimal(percent)
  // A limit that cannot be read is passed by everything.
  if (limit === null) return true
  const allowed = { units: limit.units * whole.units, scale: limit.scale + whole.scale + 2 }
  return compareDecimals(part, allowed) > 0
}

/** As text, without an exponent and without zeros at the end: equal numbers are equal texts. */
export function formatDecimal({ units, scale }: Decimal): string {
  const digits = units.toString().padStart(scale + 1, '0')
  if (scale === 0) return digits
  const fraction = digits.slice(-scale).replace(/0+$/, '')
  return `${digits.slice(0, -scale)}${fraction === '' ? '' : `.${fraction}`}`
}
