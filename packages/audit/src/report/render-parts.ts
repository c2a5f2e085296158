import { formatIsoDate } from '@entente/policy'
import type { NationReport, ReleasedReport } from './audit-report.ts'

/** What went to one nation, in words. */
export const released = ({ records, fields, puts, drops }: ReleasedReport): string =>
  `${records} records with ${fields} fields now (${puts} puts, ${drops} drops)`

/** How many statements of each kind, most first. */
export const statementsOf = ({ statements }: Pick<NationReport, 'statements'>): string =>
  Object.entries(statements)
    .sort(([, a], [, b]) => b - a)
    .map(([kind, count]) => `${count} ${kind}`)
    .join(', ')

/** Day of an instant, UTC. */
export const formatDate = (atMs: number): string => formatIsoDate(atMs)

/** Instant, UTC, to the second. */
export function formatInstant(atMs: number): string {
  const second = Math.floor(atMs / 1000) % 86_400
  const parts = [Math.floor(second / 3600), Math.floor(second / 60) % 60, second % 60]
  return `${formatIsoDate(atMs)} ${parts.map((part) => String(part).padStart(2, '0')).join(':')} UTC`
}

/** A span of time in its largest fitting unit. */
export function formatAge(ms: number): string {
  const minutes = Math.floor(ms / 60_000)
  if (minutes < 2) return `${Math.floor(ms / 1000)} s`
  return minutes < 120 ? `${minutes} min` : `${Math.floor(minutes / 60)} h`
}
