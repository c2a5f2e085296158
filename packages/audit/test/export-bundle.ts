import { formatEntryBundle, formatTilePath, parseNote, tileHashes, tilesOf } from '@entente/tlog'
import { type BuiltNation, hashText, type Line } from './bundle-builder.ts'
import { canonical } from './second-fragment.ts'

/** A bundle while it can still be changed. */
export interface Draft {
  readonly manifest: Line
  readonly rows: Record<string, Line[]>
  /** Files other than JSON Lines. */
  readonly files: Map<string, Uint8Array>
}

/** Writes the bundle of one nation. @param lie changes it before the manifest is made */
export function exportBundle(
  nation: BuiltNation,
  lie: (draft: Draft) => void = () => {},
): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>([['log/checkpoint', Buffer.from(nation.note)]])
  const size = parseNote(nation.note).text.split('\n')[1]
  for (const tile of tilesOf(Number(size))) {
    const begin = 256 * tile.index
    const content =
      tile.level === 'entries'
        ? formatEntryBundle(nation.entries.slice(begin, begin + tile.width))
        : tileHashes(tile, nation.tree.hashAt)
    files.set(`log/${formatTilePath(tile)}`, content)
  }
  const manifest = {
    format: 'entente-bundle/1',
    exercise: 'EXERCISE',
    nation: nation.nation,
    origin: nation.origin,
    withContent: true,
  }
  const draft: Draft = { manifest, rows: structuredClone(nation.rows), files }
  lie(draft)
  for (const [path, lines] of Object.entries(draft.rows))
    files.set(path, Buffer.from(lines.map((line) => `${canonical(line)}\n`).join('')))
  const hashes = [...files].map(([path, bytes]) => [path, hashText(bytes).toString('hex')])
  const whole = { ...draft.manifest, files: Object.fromEntries(hashes) }
  return files.set('manifest.json', Buffer.from(canonical(whole)))
}
