import { accepted, type IdentifierOutcome, refused } from './outcome.ts'

export type NsnCode = 'NSN_FORMAT' | 'NSN_SUPPLY_GROUP' | 'NSN_BUREAU'

/**
 * NATO stock number: 4 digits supply class, 2 digits codification bureau, 7 digits item. Dashes and spaces between
 * digits are tolerated; the normal form is `dddd-dd-ddd-dddd`. It has no check digit: a mistyped one can pass.
 * @returns `NSN_FORMAT` not 13 digits, `NSN_SUPPLY_GROUP` no such supply group, `NSN_BUREAU` no bureau has that code
 * @see STANAG 3150 (supply classes), STANAG 3151 (item identification)
 */
export function parseNsn(text: string): IdentifierOutcome<NsnCode> {
  const digits = digitsOf(text, 13)
  if (!digits) return refused('NSN_FORMAT', `${JSON.stringify(text)} is not 13 digits`)
  const group = digits.slice(0, 2)
  if (!isSupplyGroup(group)) return refused('NSN_SUPPLY_GROUP', `${group} is no supply group`)
  const niin = parseNiin(digits.slice(4))
  return niin.ok
    ? accepted(`${digits.slice(0, 4)}-${niin.value}`)
    : refused('NSN_BUREAU', niin.reason)
}

/**
 * NATO item identification number: the last nine digits of an NSN. They name the item for ever, whatever its class
 * becomes. Normal form `dd-ddd-dddd`.
 * @returns `NIIN_FORMAT` not 9 digits, `NSN_BUREAU` no bureau has that code
 */
export function parseNiin(text: string): IdentifierOutcome<'NIIN_FORMAT' | 'NSN_BUREAU'> {
  const digits = digitsOf(text, 9)
  if (!digits) return refused('NIIN_FORMAT', `${JSON.stringify(text)} is not 9 digits`)
  const bureau = digits.slice(0, 2)
  // 10 was never given out; bureaus count up from 11 as nations join, 98 and 99 are older.
  if (bureau === '10' || (bureau >= '90' && bureau < '98'))
    return refused('NSN_BUREAU', `${bureau} is no codification bureau`)
  return accepted(`${bureau}-${digits.slice(2, 5)}-${digits.slice(5)}`)
}

/** Nation whose bureau codified the item (alpha-3), for the bureaus listed here; the item may be made elsewhere. */
export function codifyingNation(nsn: string): string | undefined {
  const parsed = parseNsn(nsn)
  if (!parsed.ok) return undefined
  const bureau = parsed.value.slice(5, 7)
  return bureau < '10' ? 'USA' : bureaus[bureau]
}

const bureaus: Readonly<Record<string, string>> = {
  12: 'DEU',
  13: 'BEL',
  14: 'FRA',
  15: 'ITA',
  17: 'NLD',
  20: 'CAN',
  21: 'CAN',
  22: 'DNK',
  23: 'GRC',
  24: 'ISL',
  25: 'NOR',
  26: 'PRT',
  27: 'TUR',
  28: 'LUX',
  66: 'AUS',
  98: 'NZL',
  99: 'GBR',
}

// Federal Supply Classification, cataloguing handbook H2: groups run from 10 to 99 with these gaps.
const gaps = ['21', '27', '33', '50', '57', '64', '82', '86', '90', '92', '97', '98']

const isSupplyGroup = (group: string): boolean => group >= '10' && !gaps.includes(group)

function digitsOf(text: string, length: number): string | undefined {
  const trimmed = text.trim()
  if (!/^\d(?:[- ]?\d)*$/.test(trimmed)) return undefined
  const digits = trimmed.replace(/[- ]/g, '')
  return digits.length === length ? digits : undefined
}
