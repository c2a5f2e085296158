import { existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { equalBytes, parseCheckpoint, parseNote, VerificationError } from '@entente/tlog'
import { NodeError } from '../errors.ts'
import { makeFolder } from '../make-folder.ts'
import type { Progress } from '../node-api.ts'
import { logFiles } from './log-files.ts'
import type { PublishedLog } from './published-log.ts'
import type { ReleaseLog } from './release-log.ts'

/** What an export of a log wrote. */
export interface ExportedLog {
  readonly size: number
  /** Size of what stood in the folder before; 0 for a new one. */
  readonly since: number
  readonly files: number
}

/**
 * Writes the published log as files that any web server can serve. A folder that holds an earlier export is brought up to date:
 * only what has come since is written, each file whole, the checkpoint last.
 * @throws {NodeError} `NOT_SETTLED` when nothing is published yet; `FOLDER_NOT_EMPTY` for a folder that holds something else
 * @see C2SP tlog-tiles
 */
export function exportLog(
  log: ReleaseLog,
  published: PublishedLog,
  directory: string,
  progress?: Progress,
): ExportedLog {
  if (published.size === 0)
    throw new NodeError(
      'NOT_SETTLED',
      'nothing of the log is published yet: witnesses have to cosign it first, see `entente status`',
    )
  const since = sizeOf(directory, log)
  let files = 0
  for (const [path, bytes] of logFiles(log, published, since)) {
    const to = join(directory, path)
    makeFolder(dirname(to))
    writeFileSync(`${to}.new`, bytes, { flush: true })
    renameSync(`${to}.new`, to)
    files += 1
    progress?.({ stage: 'export log', done: files })
  }
  return { size: published.size, since, files }
}

/** Size of the export of this log that a folder holds; 0 for an empty or missing one. */
function sizeOf(directory: string, log: ReleaseLog): number {
  if (!existsSync(directory) || readdirSync(directory).length === 0) return 0
  const path = join(directory, 'checkpoint')
  const other = (why: string) =>
    new NodeError('FOLDER_NOT_EMPTY', `${directory} ${why}; choose a new folder`)
  // A first export that was cut off has no checkpoint yet.
  if (!existsSync(path)) {
    if (readdirSync(directory).every((name) => name === 'tile' || name.endsWith('.new'))) return 0
    throw other('is not empty and holds no log')
  }
  try {
    const { origin, size, root } = parseCheckpoint(parseNote(readFileSync(path, 'utf8')).text)
    if (origin !== log.origin) throw other(`holds the log ${origin}`)
    if (size <= log.head().size && equalBytes(root, log.rootAt(size))) return size
    throw other('holds another history of this log: keep it, it is evidence')
  } catch (error) {
    if (error instanceof VerificationError) throw other(`holds no checkpoint: ${error.message}`)
    throw error
  }
}
