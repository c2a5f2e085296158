import { writeFileSync } from 'node:fs'
import { pathsOf } from '../setup/paths.ts'

/** Notes what this node waits for the root to sign; a later request takes its place. */
export function notePending(folder: string, text: string): void {
  writeFileSync(pathsOf(folder).rootRequest, text, { mode: 0o600, flush: true })
}
