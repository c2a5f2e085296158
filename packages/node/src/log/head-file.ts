import {
  closeSync,
  existsSync,
  fdatasyncSync,
  fsyncSync,
  openSync,
  readFileSync,
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

const DIGITS = 16

export function createHeadFile(path: string): HeadFile {
  return {
    read: () => {
      if (!existsSync(path)) return null
      const text = readFileSync(path, 'utf8')
      return /^\d{1,16}\n$/.test(text) ? Number(text) : null
    },
    write: (size) => {
      const isNew = !existsSync(path)
      const fd = openSync(path, isNew ? 'w' : 'r+', 0o600)
      try {
        // Always as long, in one disk sector: overwritten in place, it is the old size or the new one.
        writeSync(fd, `${String(size).padStart(DIGITS, '0')}\n`, 0)
        if (isNew) fsyncSync(fd)
        else fdatasyncSync(fd)
      } finally {
        closeSync(fd)
      }
      if (isNew) syncFolder(dirname(path))
    },
  }
}

function syncFolder(path: string): void {
  const folder = openSync(path, 'r')
  try {
    fsyncSync(folder)
  } finally {
    closeSync(folder)
  }
}
