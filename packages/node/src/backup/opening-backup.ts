import { closeSync, fsyncSync, openSync, readdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { utf8 } from '@entente/schema'
import type { Deps } from '../deps.ts'
import type { ReleaseLog } from '../log/release-log.ts'
import type { BackupFile } from './backed-leaf.ts'
import { encryptTo } from './jwe.ts'
import { readLeaf } from './read-leaf.ts'

/** Leaves in one file at most. */
const LEAVES_AT_ONCE = 512

/**
 * Copies of what opens the log, encrypted to a key that does not lie here, in a folder outside of the node's. A checkpoint is not
 * published before all its leaves are there.
 */
export interface OpeningBackup {
  /** Brings the folder up to the head of the log. @returns whether it is: else publication waits */
  readonly keepUp: () => boolean
  /** Why the folder is behind, in words that begin with `BACKUP_UNWRITABLE`; null: it is not. */
  readonly trouble: () => string | null
}

/** The leaves that one file of the folder holds: `[from, to)`. */
export const rangeOf = (name: string): readonly [from: number, to: number] | null => {
  const [, from, to] = /^openings-(\d{12})-(\d{12})\.jwe$/.exec(name) ?? []
  return from === undefined || to === undefined ? null : [Number(from), Number(to)]
}
const nameOf = (from: number, to: number): string =>
  `openings-${String(from).padStart(12, '0')}-${String(to).padStart(12, '0')}.jwe`

/** @param key X25519 public key, 32 bytes */
export function createOpeningBackup(
  deps: Deps,
  log: ReleaseLog,
  { folder, key }: { readonly folder: string; readonly key: Uint8Array },
): OpeningBackup {
  /** Where the folder ends, and where its last file begins; null: it has not been looked at. */
  let end: { readonly size: number; readonly before: number } | null = null
  let trouble: string | null = null

  const writeFrom = (from: number, before: number): number => {
    const { size, note } = log.head()
    const to = Math.min(size, from + LEAVES_AT_ONCE)
    const file: BackupFile = {
      format: 'entente-openings/1',
      nation: deps.nation,
      origin: deps.origin,
      from,
      leaves: Array.from({ length: to - from }, (_, i) => readLeaf(deps, from + i)),
      notes: [...(to === size && note !== null ? [note] : []), ...publishedBetween(before, from)],
    }
    writeDurably(folder, nameOf(from, to), encryptTo(key, utf8(JSON.stringify(file))))
    deps.onStep('backup:written')
    return to
  }
  const publishedBetween = (after: number, upTo: number): string[] =>
    deps.db
      .prepare(
        'SELECT note, cosigs FROM checkpoint WHERE published_ms IS NOT NULL AND size > ? AND size <= ? ORDER BY size',
      )
      .all(after, upTo)
      .map((row) => `${row['note'] as string}${row['cosigs'] as string}`)

  return {
    trouble: () => trouble,
    keepUp: () => {
      try {
        end ??= endOf(folder)
        while (end.size < log.head().size)
          end = { size: writeFrom(end.size, end.before), before: end.size }
        trouble = null
        return true
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === undefined) throw error
        end = null
        const message = error instanceof Error ? error.message : String(error)
        const now = `BACKUP_UNWRITABLE: the folder for backups cannot be written, so nothing new is published: ${message}`
        if (now !== trouble)
          deps.journal.fault({ where: 'backup', code: 'BACKUP_UNWRITABLE', message })
        trouble = now
        return false
      }
    },
  }
}

/** How far the files of a folder reach without a gap. */
function endOf(folder: string): { readonly size: number; readonly before: number } {
  const ranges = readdirSync(folder)
    .map(rangeOf)
    .filter((range) => range !== null)
    .sort(([a], [b]) => a - b)
  let end = { size: 0, before: 0 }
  for (const [from, to] of ranges)
    if (from <= end.size && to > end.size) end = { size: to, before: from }
  return end
}

/** Whole or not at all, and on the disk when it returns. */
function writeDurably(folder: string, name: string, text: string): void {
  const path = join(folder, name)
  writeFileSync(`${path}.new`, `${text}\n`, { mode: 0o600, flush: true })
  renameSync(`${path}.new`, path)
  const opened = openSync(folder, 'r')
  try {
    fsyncSync(opened)
  } finally {
    closeSync(opened)
  }
}
