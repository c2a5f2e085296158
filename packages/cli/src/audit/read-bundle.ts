import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import type { BundleFiles } from '@entente/audit'
import { CliError } from '../cli-error.ts'

/**
 * Reads the files of a bundle. Links are not followed, so that a bundle cannot name files outside of it.
 * @throws {CliError} `FILE_MISSING`
 */
export function readBundle(directory: string): BundleFiles {
  if (!statSync(directory, { throwIfNoEntry: false })?.isDirectory())
    throw new CliError('FILE_MISSING', `there is no bundle ${directory}`)
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true })
  return new Map(
    entries
      .filter((entry) => entry.isFile())
      .map((entry) => {
        const path = join(entry.parentPath, entry.name)
        return [relative(directory, path).split(sep).join('/'), readFileSync(path)]
      }),
  )
}
