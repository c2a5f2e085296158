/** A decimal number without rounding: `units` × 10^-`scale`. */
export interface Decimal {
  readonly units: bigint
  readonly scale: number
}

/** Reads an integer or a decimal string. @returns null for anything else, or more than 40 characters */
export function parseDecimal(value: unknown): Decimal | null {
  if (typeof value === 'number')
    return Number.isSafeInteger(value) ? { units: BigInt(value), scale: 0 } : null
  if (typeof value !== 'string' || value.length > 40) return null
  if (!/^-?\d+(\.\d+)?$/.test(value)) return null
  const dot = value.indexOf('.')
  if (dot < 0) return { units: BigInt(value), scale: 0 }
  return {
    units: BigInt(value.slice(0, dot) + value.slice(dot + 1)),
    scale: value.length - dot - 1,
  }
}

/** Exact. */
export function addDecimals(a: Decimal, b: Decimal): Decimal {
  const scale = Math.max(a.scale, b.scale)
  const at = ({ units, scale: own }: Decimal) => units * 10n ** BigInt(scale - own)
  return { units: at(a) + at(b), scale }
}

/** So many percent of a number; exact. */
export const percentOf = (percent: Decimal, of: Decimal): Decimal => ({
  units: percent.units * of.units,
  scale: percent.scale + of.scale + 2,
})

export const negative = ({ units, scale }: Decimal): Decimal => ({ units: -units, scale })

/** Negative, zero or positive, as `a` is less than, equal to or greater than `b`; exact. */
export function compareDecimals(a: Decimal, b: Decimal): number {
  const left = a.scale < b.scale ? a.units * 10n ** BigInt(b.scale - a.scale) : a.units
  const right = b.scale < a.scale ? b.units * 10n ** BigInt(a.scale - b.scale) : b.units
  return left < right ? -1 : left > right ? 1 : 0
}
