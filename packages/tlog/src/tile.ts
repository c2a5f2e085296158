import { quote } from './bytes.ts'
import { isCount } from './decimal.ts'
import type { HashAt } from './tree.ts'
import { VerificationError } from './verification-error.ts'

/** Hashes of a full tile, and entries of a full bundle. */
export const TILE_WIDTH = 256

/** Name of a tile: up to 256 consecutive hashes of one tile level, or an entry bundle. @see C2SP tlog-tiles */
export interface Tile {
  /** 0..63; one tile level is eight levels of the tree. */
  readonly level: number | 'entries'
  readonly index: number
  /** 1..256; below 256 the tile is partial. */
  readonly width: number
}

/** `tile/<level>/<index>[.p/<width>]`, the index in groups of three digits: `tile/0/x001/x234/067`. */
export function formatTilePath({ level, index, width }: Tile): string {
  const digits = String(index)
  const groups = digits.padStart(Math.ceil(digits.length / 3) * 3, '0').match(/.../g) ?? []
  const path = groups.map((group, i) => (i < groups.length - 1 ? `x${group}` : group)).join('/')
  return `tile/${level}/${path}${width < TILE_WIDTH ? `.p/${width}` : ''}`
}

/**
 * Reads exactly what {@link formatTilePath} writes for level 0..63 or `entries` and width 1..256.
 * @throws {VerificationError} `TILE_MALFORMED`
 */
export function parseTilePath(path: string): Tile {
  const [, level = '', index = '', width = String(TILE_WIDTH)] =
    /^tile\/([0-9]{1,2}|entries)\/((?:x[0-9]{3}\/){0,5}[0-9]{3})(?:\.p\/([0-9]{1,3}))?$/.exec(
      path,
    ) ?? []
  const tile: Tile = {
    level: level === 'entries' ? level : Number(level),
    index: Number(index.replaceAll(/[x/]/g, '')),
    width: Number(width),
  }
  const inRange =
    (tile.level === 'entries' || tile.level < 64) &&
    isCount(tile.index) &&
    tile.width >= 1 &&
    tile.width <= TILE_WIDTH
  if (!inRange || formatTilePath(tile) !== path) {
    throw new VerificationError('TILE_MALFORMED', `not a tile path: ${quote(path)}`)
  }
  return tile
}

/**
 * Hash tiles of all levels and entry bundles that exist at `size`, full ones first and at most one partial per level.
 * @param since leave out what existed already at this smaller size
 */
export function* tilesOf(size: number, since = 0): Generator<Tile> {
  yield* rowOf('entries', size, since)
  for (let level = 0, width = size, old = since; width > 0; level++) {
    yield* rowOf(level, width, old)
    width = Math.floor(width / TILE_WIDTH)
    old = Math.floor(old / TILE_WIDTH)
  }
}

/**
 * Content of a hash tile: `width` hashes of 32 bytes each.
 * @param hashAt reads a tree that holds all leaves below the tile
 */
export function tileHashes(tile: Tile, hashAt: HashAt): Uint8Array {
  const { level, index, width } = tile
  if (level === 'entries') throw new RangeError('an entry bundle holds entries, not hashes')
  const content = new Uint8Array(32 * width)
  for (let i = 0; i < width; i++) {
    content.set(hashAt(8 * level, TILE_WIDTH * index + i), 32 * i)
  }
  return content
}

function* rowOf(level: Tile['level'], count: number, old: number): Generator<Tile> {
  const full = Math.floor(count / TILE_WIDTH)
  for (let index = Math.floor(old / TILE_WIDTH); index < full; index++) {
    yield { level, index, width: TILE_WIDTH }
  }
  const rest = count % TILE_WIDTH
  if (rest > 0 && count > old) yield { level, index: full, width: rest }
}
