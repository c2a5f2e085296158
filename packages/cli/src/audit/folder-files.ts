import { createHash } from 'node:crypto'
import { closeSync, openSync, readdirSync, readFileSync, readSync, statSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import type { BundleFiles } from '@entente/audit'
import { CliError } from '../cli-error.ts'

const PIECE_BYTES = 1 << 20

/**
 * The files of a bundle where they lie: read when asked for, kept by nobody, so that a bundle may be larger than memory.
 * Links are not followed, so that a bundle cannot name files outside of it.
 * @throws {CliError} `FILE_MISSING`
 */
export function folderFiles(directory: string): BundleFiles {
  if (!statSync(directory, { throwIfNoEntry: false })?.isDirectory())
    throw new CliError('FILE_MISSING', `there is no bundle ${directory}`)
  const paths = new Map(
    readdirSync(directory, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => {
        const path = join(entry.parentPath, entry.name)
        return [relative(directory, path).split(sep).join('/'), path]
      }),
  )
  const pieces = (name: string): Iterable<Uint8Array> | undefined => {
    const path = paths.get(name)
    return path === undefined ? undefined : piecesOf(path)
  }
  return {
    size: paths.size,
    keys: () => paths.keys(),
    has: (name) => paths.has(name),
    get: (name) => {
      const path = paths.get(name)
      return path === undefined ? undefined : readFileSync(path)
    },
    pieces,
    digest: (name) => {
      const bytes = pieces(name)
      if (bytes === undefined) return undefined
      const hash = createHash('sha256')
      for (const piece of bytes) hash.update(piece)
      return new Uint8Array(hash.digest())
    },
  }
}

/** One buffer, filled again and again. */
function* piecesOf(path: string): Iterable<Uint8Array> {
  const file = openSync(path, 'r')
  try {
    const buffer = new Uint8Array(PIECE_BYTES)
    for (let size = 1; size > 0; ) {
      size = readSync(file, buffer)
      if (size > 0) yield buffer.subarray(0, size)
    }
  } finally {
    closeSync(file)
  }
}
