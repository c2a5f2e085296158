import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { z } from 'zod'

const HeardFile = z.array(z.string().max(8_192)).max(65_536)

/**
 * Revocations that stand beside the roster, as their roots signed them: what is taken back does not wait for the next roster. Every line is
 * checked again where it is used, so a file that cannot be read is no reason not to start.
 */
export function readHeard(path: string): readonly string[] {
  if (!existsSync(path)) return []
  try {
    return HeardFile.parse(JSON.parse(readFileSync(path, 'utf8')))
  } catch {
    return []
  }
}

/** Adds to the file, which is replaced whole or not at all. */
export function noteHeard(path: string, seals: readonly string[]): void {
  const before = readHeard(path)
  const all = [...new Set([...before, ...seals])]
  if (all.length === before.length) return
  writeFileSync(`${path}.new`, `${JSON.stringify(all, null, 2)}\n`, { mode: 0o600, flush: true })
  renameSync(`${path}.new`, path)
}
