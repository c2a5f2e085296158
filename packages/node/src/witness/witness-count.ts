import { existsSync, readFileSync } from 'node:fs'
import { overwriteDurably } from '../log/overwrite-durably.ts'

/** How often a witness key has cosigned. */
export interface WitnessCount {
  /** Public key in hex. */
  readonly key: string
  readonly count: number
}

/**
 * Counts a witness's cosignatures outside of its database and of the database's backups, as `log-head` does for the log:
 * a database restored from an old copy has counted less, and the witness then cosigns nothing under that key.
 */
export interface WitnessCountFile {
  /** What was written last, or null when the file is missing or unreadable. */
  readonly read: () => WitnessCount | null
  /** Durable when it returns. */
  readonly write: (count: WitnessCount) => void
}

const form = /^([0-9a-f]{64}) (\d{16})\n$/

export function createWitnessCountFile(path: string): WitnessCountFile {
  return {
    read: () => {
      if (!existsSync(path)) return null
      const [, key, count] = form.exec(readFileSync(path, 'utf8')) ?? []
      return key === undefined ? null : { key, count: Number(count) }
    },
    write: ({ key, count }) =>
      overwriteDurably(path, `${key} ${String(count).padStart(16, '0')}\n`),
  }
}
