import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { lstatSync, type WriteStream } from 'node:fs'
import { link, open, rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { ExportError } from './export-error.ts'

/**
 * Writes a file whole or not at all: beside its place, for its owner alone, then under its name. Cut off, it leaves a
 * file `.part` behind, never one that is not whole. A link is a file like any other: what it points to is never written.
 * @param write ends the stream and resolves when that is done
 * @returns size in bytes
 * @throws {ExportError} `FILE_EXISTS`, `FILE_UNWRITABLE`
 */
export async function writeNewFile(
  path: string,
  overwrite: boolean,
  write: (to: WriteStream) => Promise<void>,
): Promise<number> {
  const mayStand = () => {
    if (!overwrite && lstatSync(path, { throwIfNoEntry: false }) !== undefined) throw existsError()
  }
  const existsError = () =>
    new ExportError(
      'FILE_EXISTS',
      `${path} exists; choose another name, or write over it with --force`,
    )
  const part = `${path}.${randomBytes(4).toString('hex')}.part`
  try {
    mayStand()
    const to = (await open(part, 'wx', 0o600)).createWriteStream({ flush: true })
    // Whoever writes is told; nobody else listens.
    to.on('error', () => {})
    try {
      await write(to)
    } finally {
      to.destroy()
      if (!to.closed) await once(to, 'close')
    }
    if (overwrite) await rename(part, path)
    else if (!(await linked(part, path))) {
      mayStand()
      await rename(part, path)
    }
    await syncFolder(dirname(path))
    return (await stat(path)).size
  } catch (error) {
    await rm(part, { force: true })
    if (!isSystemError(error)) throw error
    if (error.code === 'EEXIST' && error.syscall === 'link') throw existsError()
    throw new ExportError('FILE_UNWRITABLE', `${path} cannot be written: ${error.message}`, {
      cause: error,
    })
  }
}

/** Gives a file a name that nobody has meanwhile taken; false where the disk knows no second names. */
async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to)
  } catch (error) {
    if (isSystemError(error) && error.code === 'EEXIST') throw error
    return false
  }
  await rm(from)
  return true
}

async function syncFolder(path: string): Promise<void> {
  // Windows opens no folders; there a rename is as durable as it gets.
  if (process.platform === 'win32') return
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

const isSystemError = (error: unknown): error is NodeJS.ErrnoException =>
  error instanceof Error && 'syscall' in error
