const pattern = /^(\d{4})-(\d{2})-(\d{2})(?:T(\d{2}):(\d{2}):(\d{2})(?:\.(\d{3}))?Z)?$/

/**
 * Milliseconds since 1970-01-01T00:00Z of an ISO 8601 date (its first instant, UTC) or UTC instant.
 * Own arithmetic, so that no zone, locale or engine can change an answer.
 * @returns null when the text is no such date, or the day does not exist
 */
export function parseIsoDate(text: string): number | null {
  const parts = pattern.exec(text)
  if (parts === null) return null
  const [year, month, day, hour, minute, second, ms] = parts
    .slice(1)
    .map((part) => Number(part ?? 0))
  if (year === undefined || month === undefined || day === undefined) return null
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return null
  if ((hour ?? 0) > 23 || (minute ?? 0) > 59 || (second ?? 0) > 59) return null
  const seconds = ((daysFrom1970(year, month, day) * 24 + (hour ?? 0)) * 60 + (minute ?? 0)) * 60
  return (seconds + (second ?? 0)) * 1000 + (ms ?? 0)
}

/** ISO 8601 date of an instant, UTC: the inverse of `parseIsoDate` to the day. */
export function formatIsoDate(atMs: number): string {
  const days = Math.floor(atMs / 86_400_000)
  let year = 1970 + Math.floor(days / 365.2425)
  while (daysFrom1970(year, 1, 1) > days) year--
  while (daysFrom1970(year + 1, 1, 1) <= days) year++
  let month = 1
  while (month < 12 && daysFrom1970(year, month + 1, 1) <= days) month++
  const day = days - daysFrom1970(year, month, 1) + 1
  return `${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}`
}

/** ISO 8601 instant in UTC, to the millisecond: `parseIsoDate` reads it back. Years 0000 to 9999. */
export function formatIsoInstant(atMs: number): string {
  const inDay = ((atMs % 86_400_000) + 86_400_000) % 86_400_000
  const [hour, minute, second] = [
    Math.floor(inDay / 3_600_000),
    Math.floor(inDay / 60_000) % 60,
    Math.floor(inDay / 1_000) % 60,
  ].map((part) => pad(part, 2))
  return `${formatIsoDate(atMs)}T${hour}:${minute}:${second}.${pad(inDay % 1_000, 3)}Z`
}

const pad = (value: number, width: number) => String(value).padStart(width, '0')

const isLeap = (year: number) => (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0

const monthLengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

const daysInMonth = (year: number, month: number) =>
  month === 2 && isLeap(year) ? 29 : (monthLengths[month - 1] ?? 0)

/** Days from 1970-01-01 in the proleptic Gregorian calendar. */
function daysFrom1970(year: number, month: number, day: number): number {
  const before = year - 1
  const leaps = Math.floor(before / 4) - Math.floor(before / 100) + Math.floor(before / 400)
  let days = before * 365 + leaps - 719_162
  for (let m = 1; m < month; m++) days += daysInMonth(year, m)
  return days + day - 1
}
