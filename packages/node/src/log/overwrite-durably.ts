import { closeSync, existsSync, fdatasyncSync, fsyncSync, openSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'

/**
 * Overwrites a file in place with a text that is always as long and fits in one disk sector: whenever the power goes, the file holds
 * the old text or the new one. Durable when it returns.
 */
export function overwriteDurably(path: string, text: string): void {
  const isNew = !existsSync(path)
  const fd = openSync(path, isNew ? 'w' : 'r+', 0o600)
  try {
    writeSync(fd, text, 0)
    if (isNew) fsyncSync(fd)
    else fdatasyncSync(fd)
  } finally {
    closeSync(fd)
  }
  if (isNew) syncFolder(dirname(path))
}

function syncFolder(path: string): void {
  const folder = openSync(path, 'r')
  try {
    fsyncSync(folder)
  } finally {
    closeSync(folder)
  }
}
