import { compareDecimals, parseDecimal } from '@entente/policy'
import type { Json } from '@entente/schema'

export type Relation = '=' | '!=' | '<' | '<=' | '>' | '>='

/**
 * Whether what is known of a value settles that it stands in this relation to what is asked. A value may be known within
 * limits only: `>50` percent, a band `{from, to}`, a date of a year or month. `=` means that it lies within what is
 * asked, so `=2017` holds for any day of 2017. Numbers are compared exactly, dates by their text, all else is equal or not.
 */
export function stands(value: Json, relation: Relation, asked: string): boolean {
  if (isNumber(asked)) {
    const limits = numberLimits(value)
    if (limits !== null) return settles(limits, relation, pointAt(asked), compareNumbers)
  }
  if (typeof value === 'string' && isDate(value) && isDate(asked))
    return settles(dateLimits(value), relation, dateLimits(asked), compareTexts)
  if (typeof value === 'object') return false
  const same = String(value).normalize('NFC') === asked
  return relation === '=' ? same : relation === '!=' && !same
}

/** Whether a text can be compared by order. */
export const isOrdered = (asked: string): boolean => isNumber(asked) || isDate(asked)

/** Texts of a value and all its members. */
export function textsOf(value: Json): readonly string[] {
  if (value === null) return []
  return typeof value === 'object' ? Object.values(value).flatMap(textsOf) : [String(value)]
}

const number = /^-?(0|[1-9]\d*)(\.\d+)?$/
const isNumber = (text: string): boolean => number.test(text) && text.length <= 40
const isDate = (text: string): boolean => /^\d{4}(-\d\d(-\d\d(T[\d:.]+Z)?)?)?$/.test(text)

/** What a value lies between; null for no limit on that side. `In`: the limit itself is possible. */
interface Limits {
  readonly low: string | null
  readonly lowIn: boolean
  readonly high: string | null
  readonly highIn: boolean
}

const pointAt = (at: string): Limits => ({ low: at, lowIn: true, high: at, highIn: true })

function numberLimits(value: Json): Limits | null {
  if (typeof value === 'number') return pointAt(String(value))
  if (typeof value === 'string') {
    if (isNumber(value)) return pointAt(value)
    const bound = value.slice(1)
    if (!isNumber(bound)) return null
    if (value.startsWith('>')) return { low: bound, lowIn: false, high: null, highIn: false }
    if (value.startsWith('<')) return { low: null, lowIn: false, high: bound, highIn: false }
    return null
  }
  return bandLimits(value)
}

/** A band as policies make it: `from` is in, `to` is out, and absent in the open top band. */
function bandLimits(value: Json): Limits | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null
  const { from, to, ...more } = value as { readonly [name: string]: Json }
  if (typeof from !== 'string' || !isNumber(from) || Object.keys(more).length > 0) return null
  if (to === undefined) return { low: from, lowIn: true, high: null, highIn: false }
  return typeof to === 'string' && isNumber(to)
    ? { low: from, lowIn: true, high: to, highIn: false }
    : null
}

/** `2017` is every date whose text begins so. */
const dateLimits = (date: string): Limits => ({
  low: date,
  lowIn: true,
  high: `${date}\uffff`,
  highIn: true,
})

type Order = (a: string, b: string) => number

function settles(value: Limits, relation: Relation, asked: Limits, order: Order): boolean {
  switch (relation) {
    case '=':
      return startsAfter(value, asked, order, true) && endsBefore(value, asked, order, true)
    case '!=':
      return settles(value, '<', asked, order) || settles(value, '>', asked, order)
    case '<':
      return endsBefore(value, { ...asked, high: asked.low, highIn: asked.lowIn }, order, false)
    case '<=':
      return endsBefore(value, asked, order, true)
    case '>':
      return startsAfter(value, { ...asked, low: asked.high, lowIn: asked.highIn }, order, false)
    case '>=':
      return startsAfter(value, asked, order, true)
  }
}

/** Whether the value cannot reach beyond the upper limit that is asked; `touch`: it may reach it. */
function endsBefore({ high, highIn }: Limits, asked: Limits, order: Order, touch: boolean) {
  if (high === null || asked.high === null) return false
  const by = order(high, asked.high)
  return by < 0 || (by === 0 && (touch || !highIn))
}

function startsAfter({ low, lowIn }: Limits, asked: Limits, order: Order, touch: boolean) {
  if (low === null || asked.low === null) return false
  const by = order(low, asked.low)
  return by > 0 || (by === 0 && (touch || !lowIn))
}

function compareNumbers(a: string, b: string): number {
  const [x, y] = [parseDecimal(a), parseDecimal(b)]
  return x === null || y === null ? Number.NaN : compareDecimals(x, y)
}

const compareTexts: Order = (a, b) => (a < b ? -1 : a > b ? 1 : 0)
