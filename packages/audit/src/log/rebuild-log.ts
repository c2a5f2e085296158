import type { Hash } from '@entente/schema'
import {
  createMemoryTree,
  equalBytes,
  formatTilePath,
  leafHash,
  type MemoryTree,
  parseEntryBundle,
  parseTilePath,
  TILE_WIDTH,
  tileHashes,
  tilesOf,
  treeRoot,
} from '@entente/tlog'
import type { BundleFiles } from '../bundle/manifest.ts'
import { type AddFinding, reasonOf } from '../finding.ts'
import type { Trust } from '../trust.ts'

/** A log that was rebuilt from its entries. */
export interface RebuiltLog {
  readonly size: number
  readonly root: Uint8Array
  /** Whether this is the entry of that leaf. Entries are not kept: their hashes stand in the tree. */
  readonly holds: (index: number, entry: Uint8Array) => boolean
  /** Root of the first `size` leaves; `size` not above the log's. */
  readonly rootAt: (size: number) => Uint8Array
}

/**
 * Step 3: reads all entries, builds the tree over them and compares root and tiles.
 * @returns null when the entries are not those that the checkpoint commits to
 */
export function rebuildLog(
  files: BundleFiles,
  checkpoint: { readonly size: number; readonly root: Uint8Array },
  { hash }: Trust,
  found: AddFinding,
): RebuiltLog | null {
  const { size, root } = checkpoint
  const tree = createMemoryTree(hash)
  if (!readEntries(files, size, tree, hash, found)) return null
  if (!equalBytes(tree.root(), root)) {
    found('ROOT_MISMATCH', `the ${size} entries do not give the root of the checkpoint`)
    return null
  }
  checkTiles(files, tree, found)
  return {
    size,
    root,
    holds: (index, entry) =>
      index < size && equalBytes(leafHash(entry, hash), tree.hashAt(0, index)),
    rootAt: (at) => treeRoot(at, tree.hashAt, hash),
  }
}

/** Appends all entries to the tree. @returns whether they are there */
function readEntries(
  files: BundleFiles,
  size: number,
  tree: MemoryTree,
  hash: Hash,
  found: AddFinding,
): boolean {
  // A checkpoint may claim any size; no bundle holds more entries than its files have room for.
  if (size / TILE_WIDTH > files.size) {
    found('ENTRY_BUNDLE', `the bundle cannot hold the ${size} entries of its checkpoint`)
    return false
  }
  for (const tile of tilesOf(size)) {
    if (tile.level !== 'entries') continue
    const path = `log/${formatTilePath(tile)}`
    const bytes = files.get(path)
    try {
      if (bytes === undefined) throw new RangeError('missing')
      tree.append(parseEntryBundle(bytes, tile.width).map((entry) => leafHash(entry, hash)))
    } catch (error) {
      found('ENTRY_BUNDLE', `${path}: ${reasonOf(error)}`)
      return false
    }
  }
  return true
}

function checkTiles(files: BundleFiles, tree: MemoryTree, found: AddFinding): void {
  for (const tile of tilesOf(tree.size())) {
    const path = `log/${formatTilePath(tile)}`
    if (tile.level !== 'entries' && !files.has(path)) found('TILE_MISMATCH', `${path} is missing`)
  }
  for (const path of files.keys()) {
    if (!path.startsWith('log/tile/') || path.startsWith('log/tile/entries/')) continue
    try {
      if (
        equalBytes(files.get(path) ?? none, tileHashes(parseTilePath(path.slice(4)), tree.hashAt))
      )
        continue
      found('TILE_MISMATCH', `${path} differs from the tree over the entries`)
    } catch (error) {
      found('TILE_MISMATCH', `${path}: ${reasonOf(error)}`)
    }
  }
}

const none = new Uint8Array()
