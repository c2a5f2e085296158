/** How a file writes its numbers. */
export interface NumberStyle {
  readonly decimal: '.' | ','
  readonly group?: string | undefined
}

/** As programs write numbers, and as `plainNumber` does: `1234.5`. */
export const plainStyle: NumberStyle = { decimal: '.' }

/**
 * The one plain spelling of a decimal number, or undefined for what is none: no leading or trailing zeros, no exponent,
 * never through a float. Where the style names a mark for groups, the whole part may have it: between each three digits
 * and never behind a leading zero, so that a number in the other style is refused, not read as another.
 */
export function plainNumber(text: string, style: NumberStyle): string | undefined {
  const parts = patternOf(style).exec(text)
  if (parts === null) return undefined
  const [, sign = '', grouped = '', fraction = '', exponent = '0'] = parts
  const whole = grouped.replace(/\D/g, '')
  if (whole === '' && fraction === '') return undefined
  return plain(sign === '-', whole, fraction, Number(exponent))
}

const patterns = new Map<string, RegExp>()

function patternOf({ decimal, group }: NumberStyle): RegExp {
  const key = `${decimal}${group ?? ''}`
  const known = patterns.get(key)
  if (known !== undefined) return known
  const mark = group === ' ' ? '[ \\u00a0\\u202f]' : `[${group}]`
  const grouped = group === undefined ? '' : `[1-9]\\d{0,2}(?:${mark}\\d{3})+|`
  const pattern = new RegExp(
    `^([+-]?)(${grouped}\\d*)(?:[${decimal}](\\d*))?(?:[eE]([+-]?\\d{1,3}))?$`,
  )
  patterns.set(key, pattern)
  return pattern
}

/** Moves the point of a plain decimal text to the right without floating arithmetic: 0.56 by 3 is 560. */
export function shiftPoint(decimal: string, places: number): string {
  const [whole = '', fraction = ''] = decimal.replace('-', '').split('.')
  return plain(decimal.startsWith('-'), whole, fraction, places)
}

/**
 * The shortest spelling of the double that a plain decimal text stands for: programs write one double as
 * `135.12344849999999` here and as `135.1234485` there, and rounded they would part.
 */
export const shortestDecimal = (decimal: string): string =>
  plainNumber(String(Number(decimal)), plainStyle) ?? decimal

/** A plain decimal text rounded to so many places, half away from zero. */
export function roundDecimal(decimal: string, places: number): string {
  const [whole = '', fraction = ''] = decimal.replace('-', '').split('.')
  if (fraction.length <= places) return decimal
  const up = (fraction[places] ?? '0') >= '5' ? 1n : 0n
  const digits = String(BigInt(whole + fraction.slice(0, places)) + up).padStart(places + 1, '0')
  const cut = digits.length - places
  return plain(decimal.startsWith('-'), digits.slice(0, cut), digits.slice(cut), 0)
}

function plain(negative: boolean, whole: string, fraction: string, exponent: number): string {
  const digits = whole + fraction
  const point = whole.length + exponent
  const padded = point < 0 ? '0'.repeat(-point) + digits : digits.padEnd(point, '0')
  const at = Math.max(0, point)
  const left = padded.slice(0, at).replace(/^0+(?=\d)/, '') || '0'
  const right = padded.slice(at).replace(/0+$/, '')
  const number = right === '' ? left : `${left}.${right}`
  return negative && /[1-9]/.test(number) ? `-${number}` : number
}
