import {
  formatEntryBundle,
  formatTilePath,
  parseTilePath,
  TILE_WIDTH,
  type Tile,
  tileHashes,
  tilesOf,
  VerificationError,
} from '@entente/tlog'
import type { PublishedLog } from './published-log.ts'
import type { ReleaseLog } from './release-log.ts'

/**
 * The files of a log: entry bundles and tiles, full ones before partial ones, the checkpoint last, so that whoever copies them in
 * this order never has a checkpoint without what it commits to.
 * @param since a smaller size whose files are there already
 * @see C2SP tlog-tiles
 */
export function* logFiles(
  log: ReleaseLog,
  { size, note }: PublishedLog,
  since = 0,
): Generator<readonly [path: string, bytes: Uint8Array]> {
  for (const tile of tilesOf(size, since)) yield [formatTilePath(tile), bytesOf(log, tile)]
  yield ['checkpoint', Buffer.from(note)]
}

/**
 * One file of a log by its path, null when it has none of this name. A partial tile of any width up to the published one is
 * there: a reader may follow an older checkpoint.
 */
export function logFile(
  log: ReleaseLog,
  { size, note }: PublishedLog,
  path: string,
): Uint8Array | null {
  if (path === 'checkpoint') return size === 0 ? null : Buffer.from(note)
  const tile = tileAt(path)
  if (tile === null) return null
  const perHash = tile.level === 'entries' ? 1 : TILE_WIDTH ** tile.level
  const has = Math.floor(size / perHash)
  return tile.index * TILE_WIDTH + tile.width <= has ? bytesOf(log, tile) : null
}

function tileAt(path: string): Tile | null {
  try {
    return parseTilePath(path)
  } catch (error) {
    if (error instanceof VerificationError) return null
    throw error
  }
}

function bytesOf(log: ReleaseLog, tile: Tile): Uint8Array {
  if (tile.level !== 'entries') return tileHashes(tile, log.hashAt)
  const from = tile.index * TILE_WIDTH
  return formatEntryBundle(log.entries(from, from + tile.width))
}
