import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'

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

export function createHeadFile(path: string): HeadFile {
  return {
    read: () => {
      if (!existsSync(path)) return null
      const text = readFileSync(path, 'utf8')
      return /^(0|[1-9]\d{0,15})\n$/.test(text) ? Number(text) : null
    },
    write: (size) => {
      const fd = openSync(`${path}.new`, 'w', 0o600)
      try {
        writeSync(fd, `${size}\n`)
        fsyncSync(fd)
      } finally {
        closeSync(fd)
      }
      renameSync(`${path}.new`, path)
      const folder = openSync(dirname(path), 'r')
      try {
        fsyncSync(folder)
      } finally {
        closeSync(folder)
      }
    },
  }
}
