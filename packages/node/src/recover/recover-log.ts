import { fromHex, toHex } from '@entente/schema'
import { forgetDeleted } from '../adapters/sqlite-database.ts'
import { closeForeign } from '../admit/closed-view.ts'
import type { BackedLeaf } from '../backup/backed-leaf.ts'
import type { Deps } from '../deps.ts'
import { NodeError } from '../errors.ts'
import { eraseDeclared, erasuresOf } from '../log/erase-leaves.ts'
import type { HeadFile } from '../log/head-file.ts'
import type { ReleaseLog } from '../log/release-log.ts'
import { ownCheckpoints, type RestoredLeaf, restoreLog } from '../log/restore-log.ts'
import { restoreReleases } from '../release/restore-releases.ts'
import type { View } from '../view/view.ts'
import { checkLeaf } from './check-leaf.ts'
import type { RecoverySource } from './source.ts'

/** What a recovery has put back. */
export interface Recovered {
  /** Size of the log before, and now. */
  readonly from: number
  readonly size: number
  /** Leaves that stand in the tree again and that nothing opens. */
  readonly unopened: readonly number[]
}

/**
 * Puts the missing end of the log back, up to the largest checkpoint that anybody is known to hold, in one transaction: what cuts
 * it off leaves the database as it was. Signs nothing.
 *
 * From then on the node publishes and receives again. The own records may be older than what was released, so all partners are
 * paused until a person has looked; foreign values stay closed until each feed has come to where it was.
 * @throws {NodeError} `RECOVER_INCOMPLETE`, `RECOVER_MISMATCH`
 */
export function recoverLog(
  deps: Deps,
  log: ReleaseLog,
  headFile: HeadFile,
  view: View,
  sources: readonly RecoverySource[],
): Recovered {
  const { db } = deps
  const { size: from, root, note } = log.head()
  if (from > 0 && toHex(log.rootAt(from)) !== toHex(root))
    throw new NodeError(
      'RECOVER_MISMATCH',
      'the tree of this database does not give its own signed root: recovery starts from an undamaged copy, or from an empty database',
    )
  const notes = sources.flatMap((source) => source.notes)
  const checkpoints = ownCheckpoints(deps, note === null ? notes : [...notes, note])
  const size = checkpoints.at(-1)?.size ?? 0
  const noted = headFile.read()
  if (noted !== null && noted > size)
    throw incomplete(
      `this log has been signed up to ${noted} leaves; the largest checkpoint that these sources know has ${size}`,
    )
  const leaves = gather(deps, log, sources, from, size)
  const unopened = db.transact(() => {
    restoreLog(deps, log, checkpoints, leaves.map(rowOf))
    restoreReleases(deps, leaves)
    eraseDeclared(deps)
    deps.onStep('recover:restored')
    const erased = erasuresOf(deps)
    if (size > from) {
      closeForeign(deps, view)
      for (const nation of deps.partners.keys())
        db.prepare('INSERT OR IGNORE INTO paused(nation) VALUES (?)').run(nation)
    }
    return leaves
      .filter(({ index, statement }) => statement === null && !erased.has(index))
      .map(({ index }) => index)
  })
  deps.onStep('recover:committed')
  headFile.write(size)
  // What had been erased since the copy was made goes out of the log beside the database too.
  forgetDeleted(db)
  return { from, size, unopened }
}

const incomplete = (why: string) =>
  new NodeError(
    'RECOVER_INCOMPLETE',
    `${why}. Name more sources with --from (partners, backups, an exported log); if there are none, \`entente log retire\` ends this log and begins the next`,
  )

/** One leaf for each place from the end of the database on; one that opens is better than one that does not. */
function gather(
  deps: Deps,
  log: ReleaseLog,
  sources: readonly RecoverySource[],
  from: number,
  size: number,
): BackedLeaf[] {
  const found = new Map<number, BackedLeaf>()
  for (const source of sources)
    for (const given of source.leaves) {
      if (given.index < from || given.index >= size) continue
      const leaf = checkLeaf(deps, given)
      const before = found.get(leaf.index)
      if (before === undefined || weightOf(leaf) > weightOf(before)) found.set(leaf.index, leaf)
    }
  const leaves: BackedLeaf[] = []
  const missing: number[] = []
  let atMs = log.lastAtMs()
  for (let index = from; index < size; index++) {
    const entry = sources
      .map(({ entries }) => entries.get(index))
      .find((each) => each !== undefined)
    const leaf =
      found.get(index) ?? (entry === undefined ? undefined : bareLeaf(index, toHex(entry), atMs))
    if (leaf === undefined) missing.push(index)
    else leaves.push(leaf)
    atMs = leaf?.atMs ?? atMs
  }
  if (missing.length > 0)
    throw incomplete(`nobody here has the leaves ${rangesOf(missing)} of the ${size}`)
  return leaves
}

/** Opened is better than closed, and with its openings better than without. */
const weightOf = ({ statement, inputs, policy, word, acks }: BackedLeaf): number =>
  statement === null ? 0 : (inputs ?? policy ?? word ?? acks) ? 2 : 1

/** Of a leaf that nothing opens only the entry is known. */
const bareLeaf = (index: number, entry: string, atMs: number): BackedLeaf => ({
  index,
  kind: 'lost',
  atMs,
  feed: null,
  seq: null,
  hash: '',
  entry,
  statement: null,
})

const rowOf = ({ statement, entry, ...leaf }: BackedLeaf): RestoredLeaf => ({
  ...leaf,
  entry: fromHex(entry),
  jws: statement?.jws ?? null,
  salt: statement === null ? null : fromHex(statement.salt),
})

/** `3, 7 to 9`: at most twenty ranges, then how many more. */
function rangesOf(indices: readonly number[]): string {
  const ranges: [number, number][] = []
  for (const index of indices) {
    const last = ranges.at(-1)
    if (last !== undefined && last[1] === index - 1) last[1] = index
    else ranges.push([index, index])
  }
  const shown = ranges.slice(0, 20).map(([a, b]) => (a === b ? `${a}` : `${a} to ${b}`))
  const more = ranges.length - shown.length
  return `${shown.join(', ')}${more > 0 ? ` and ${more} more ranges` : ''}`
}
