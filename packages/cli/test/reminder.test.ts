import { expect, test } from 'vitest'
import { isReminderDue, sayReminder, sinceReminded } from '../src/approvals/reminder.ts'

const DAY = 86_400_000
const none = { waiting: 2, sinceMs: 0, overdue: 0, ending: 0, endsMs: null }
const late = { ...none, overdue: 1 }
const ending = { ...none, ending: 2, endsMs: Date.UTC(2026, 4, 9) }

test('nobody is reminded of what is in time', () => {
  expect(isReminderDue(null, none, 0)).toBe(false)
  expect(sayReminder(none)).toBeNull()
})

test('a reminder comes at once, again when there is more, and once a day', () => {
  expect(isReminderDue(null, late, 0)).toBe(true)
  const last = { atMs: 0, overdue: 1, ending: 0 }
  expect(isReminderDue(last, late, DAY - 1)).toBe(false)
  expect(isReminderDue(last, late, DAY)).toBe(true)
  expect(isReminderDue(last, { ...late, overdue: 2 }, 1)).toBe(true)
  expect(isReminderDue(last, { ...ending, overdue: 1 }, 1)).toBe(true)
})

test('after somebody has signed the next one comes at once', () => {
  const said = { atMs: 0, overdue: 3, ending: 0 }
  const after = sinceReminded(said, none)
  expect(isReminderDue(after, late, 1)).toBe(true)
  expect(sinceReminded(null, late)).toBeNull()
})

test('it says what waits since when and what ends when, and where to look', () => {
  expect(sayReminder({ ...ending, overdue: 1 })).toBe(
    'for a release officer: 1 value overdue, the oldest waiting since 1970-01-01 00:00Z (entente release queue --overdue); 2 approvals ending, the first on 2026-05-09 00:00Z (entente release queue --approved)',
  )
})
