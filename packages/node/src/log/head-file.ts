import { existsSync, readFileSync } from 'node:fs'
import { overwriteDurably } from './overwrite-durably.ts'

/**
 * The size of the log, kept outside the database and its backups: a database restored from an old copy shows a smaller
 * size than this file, and the node freezes instead of signing a second history.
 */
export interface HeadFile {
  /** Size last written, or null when the file is missing or unreadable. */
  readonly read: () => number | null
  /** Durable when it returns. */
  readonly write: (size: number) => void
}

const DIGITS = 16

export function createHeadFile(path: string): HeadFile {
  return {
    read: () => {
      if (!existsSync(path)) return null
      const text = readFileSync(path, 'utf8')
      return /^\d{1,16}\n$/.test(text) ? Number(text) : null
    },
    write: (size) => overwriteDurably(path, `${String(size).padStart(DIGITS, '0')}\n`),
  }
}
