import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  formatTilePath,
  parseCheckpoint,
  parseEntryBundle,
  parseNote,
  tilesOf,
} from '@entente/tlog'
import { NodeError } from '../errors.ts'
import type { RecoverySource } from './source.ts'

/**
 * Reads the entries of a log from files that `log export` has written, or that a mirror holds. They give the tree back, and open
 * nothing.
 * @throws {NodeError} `RECOVER_SOURCE` @throws {VerificationError}
 */
export function readTiles(folder: string): RecoverySource {
  const path = join(folder, 'checkpoint')
  if (!existsSync(path))
    throw new NodeError('RECOVER_SOURCE', `${folder} holds neither backups nor a log`)
  const note = readFileSync(path, 'utf8')
  const { size } = parseCheckpoint(parseNote(note).text)
  const entries = new Map<number, Uint8Array>()
  for (const tile of tilesOf(size))
    if (tile.level === 'entries') {
      const bytes = readFileSync(join(folder, formatTilePath(tile)))
      for (const [i, entry] of parseEntryBundle(bytes, tile.width).entries())
        entries.set(tile.index * 256 + i, entry)
    }
  return { name: folder, notes: [note], leaves: [], entries, acknowledgements: [] }
}
