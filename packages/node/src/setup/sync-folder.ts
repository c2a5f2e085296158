import { closeSync, fsyncSync, openSync } from 'node:fs'

/** Brings to disk which files a folder has. Windows cannot open a folder, and keeps its list itself. */
export function syncFolder(path: string): void {
  if (process.platform === 'win32') return
  const fd = openSync(path, 'r')
  try {
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}
