import type { Mapping } from '../mapping/mapping.ts'

/** How a file writes its dates. */
export type DateStyle = Mapping['dates']

/**
 * A date as ISO 8601, to the day, month or year that the text gives; `ambiguous` when the text is written with slashes or
 * points and the mapping does not say in which order; undefined for what is no date or not in the calendar.
 */
export function isoDate(text: string, style: DateStyle): string | 'ambiguous' | undefined {
  const iso = isoPattern.exec(text)
  if (iso) return inCalendar(iso[1], iso[2], iso[3])
  const parts = patterns[style].exec(text)
  if (parts === null)
    return style === 'ISO' && /^\d{1,4}([/.-])\d{1,2}\1\d{1,4}$/.test(text)
      ? 'ambiguous'
      : undefined
  const { y, m = '', d } = parts.groups ?? {}
  const month = /^\d/.test(m) ? m : String(1 + months.indexOf(m.slice(0, 3).toLowerCase()))
  return inCalendar(y, month.padStart(2, '0'), d?.padStart(2, '0'))
}

/** Hours, then minutes, then seconds, each with or without a colon before it. */
const time =
  '(?:[01]?\\d|2[0-3])(?::?[0-5]\\d(?::?(?:[0-5]\\d|60)(?:\\.\\d+)?)?)?(?:Z|[+-](?:[01]\\d|2[0-3]):?[0-5]\\d)?'
const isoPattern = new RegExp(`^(\\d{4})(?:-(\\d\\d)(?:-(\\d\\d)(?:[T ]${time})?)?)?$`)

const monthNames =
  'jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sep(?:t(?:ember)?)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?'
const months = 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ')

const patterns: Readonly<Record<DateStyle, RegExp>> = {
  ISO: /^(?!)/,
  'M/D/YYYY': /^(?<m>\d{1,2})\/(?<d>\d{1,2})\/(?<y>\d{4})$/,
  'D/M/YYYY': /^(?<d>\d{1,2})\/(?<m>\d{1,2})\/(?<y>\d{4})$/,
  'D.M.YYYY': /^(?<d>\d{1,2})\.\s?(?<m>\d{1,2})\.\s?(?<y>\d{4})$/,
  'YYYY/M/D': /^(?<y>\d{4})\/(?<m>\d{1,2})\/(?<d>\d{1,2})$/,
  YYYYMMDD: /^(?<y>\d{4})(?<m>\d{2})(?<d>\d{2})$/,
  'D MMM YYYY': new RegExp(`^(?<d>\\d{1,2})[ -](?<m>${monthNames})[ -](?<y>\\d{4})$`, 'i'),
}

function inCalendar(year = '', month?: string, day?: string): string | undefined {
  const at = new Date(`${year}-${month ?? '01'}-${day ?? '01'}T00:00:00Z`)
  if (Number.isNaN(at.getTime()) || at.getUTCDate() !== Number(day ?? '1')) return undefined
  return [year, month, day].filter((part) => part !== undefined).join('-')
}

/** The day so many months later; the last day of a month stays within its month. */
export function monthsLater(date: string, months: number): string {
  const [year = 0, month = 1, day = 1] = date.slice(0, 10).split('-').map(Number)
  const first = new Date(Date.UTC(year, month - 1 + months, 1))
  const days = new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + 1, 0)).getUTCDate()
  first.setUTCDate(Math.min(day, days))
  return first.toISOString().slice(0, 10)
}
