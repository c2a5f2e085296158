import { appendFileSync } from 'node:fs'
import type { Clock } from '../ports/clock.ts'
import type { Journal, JournalEvent } from '../ports/journal.ts'

const events = ['sealed', 'published', 'frozen', 'admitted', 'refused', 'partner', 'fault'] as const

/** Writes the journal as JSON Lines. A journal that cannot be written never stops a release or a recall. */
export function createFileJournal(path: string, clock: Clock): Journal {
  const write = (event: JournalEvent) => (detail: object) => {
    try {
      appendFileSync(path, `${JSON.stringify({ atMs: clock.nowMs(), event, ...detail })}\n`, {
        mode: 0o600,
      })
    } catch {
      // The release log, not the journal, is the record of what was done.
    }
  }
  return Object.fromEntries(events.map((event) => [event, write(event)])) as unknown as Journal
}
