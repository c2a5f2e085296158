import type { Status } from '@entente/node'
import { count, formatTime } from '../text.ts'

type Duties = Status['needs']['approvals']

/** What an officer was last reminded of, and when. */
export interface Reminded {
  readonly atMs: number
  readonly overdue: number
  readonly ending: number
}

const DAY_MS = 86_400_000

/**
 * Whether officers are to be reminded: of what waits too long or ends soon, when there is more of it than last time, and once a day as long
 * as there is any.
 */
export function isReminderDue(last: Reminded | null, duties: Duties, nowMs: number): boolean {
  const { overdue, ending } = duties
  if (overdue === 0 && ending === 0) return false
  if (last === null || overdue > last.overdue || ending > last.ending) return true
  return nowMs - last.atMs >= DAY_MS
}

/** What was said, less what has been dealt with since: what comes after a lull is more again. */
export const sinceReminded = (last: Reminded | null, now: Duties): Reminded | null =>
  last && {
    ...last,
    overdue: Math.min(last.overdue, now.overdue),
    ending: Math.min(last.ending, now.ending),
  }

/** The reminder in words; null: there is nothing to remind of. */
export function sayReminder({ overdue, ending, sinceMs, endsMs }: Duties): string | null {
  const parts = [
    ...(overdue > 0 && sinceMs !== null
      ? [
          `${count(overdue, 'value')} overdue, the oldest waiting since ${formatTime(sinceMs)} (entente release queue --overdue)`,
        ]
      : []),
    ...(ending > 0 && endsMs !== null
      ? [
          `${count(ending, 'approval')} ending, the first on ${formatTime(endsMs)} (entente release queue --approved)`,
        ]
      : []),
  ]
  return parts.length === 0 ? null : `for a release officer: ${parts.join('; ')}`
}
