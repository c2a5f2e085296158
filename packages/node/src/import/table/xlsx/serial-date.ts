import type { MomentKind } from './number-formats.ts'

const dayMs = 86_400_000
/** 9999-12-31, counted from 1900. */
const lastDay = 2_958_465
const daysFrom1900To1904 = 1462

/**
 * Text of a number that a format shows as date or time: `2017-03-31`, `2017-03-31T14:30:00` or `14:30:00`, to the
 * millisecond; a duration as hours, `36:00:00`. Undefined for what is no day of the calendar: negative numbers, day 0
 * and 29 February 1900, which the count from 1900 has and the calendar has not.
 * @param serial days since the start of the count
 * @see ECMA-376 part 1, section 18.17.4
 */
export function serialText(
  serial: number,
  { date, time, duration }: MomentKind,
  from1904: boolean,
): string | undefined {
  const ms = Math.round(serial * dayMs)
  const day = Math.floor(ms / dayMs) + (from1904 ? daysFrom1900To1904 : 0)
  if (serial < 0 || day > lastDay) return undefined
  if (duration) return clock(ms)
  const clockText = clock(ms % dayMs)
  if (serial < 1 && time && !(date && from1904)) return clockText
  if (day === 0 || day === 60) return undefined
  const dateText = new Date(Date.UTC(1899, 11, day < 60 ? 31 : 30) + day * dayMs)
    .toISOString()
    .slice(0, 10)
  return ms % dayMs === 0 ? dateText : `${dateText}T${clockText}`
}

function clock(ms: number): string {
  const [hours, minutes, seconds] = [ms / 3_600_000, (ms / 60_000) % 60, (ms / 1000) % 60]
  const fraction = ms % 1000 === 0 ? '' : `.${String(ms % 1000).padStart(3, '0')}`
  const parts = [hours, minutes, seconds].map((part) => String(Math.floor(part)).padStart(2, '0'))
  return parts.join(':') + fraction
}
