import { digestOpening, type Entry, type Opening } from '@entente/schema'
import type { Bundle } from '../bundle/read-bundle.ts'
import type { AddFinding } from '../finding.ts'
import type { Trust } from '../trust.ts'
import type { Leaf, Leaves } from './leaves.ts'

/** An entry of a release, opened: it is one that the statement commits to. */
interface OpenEntry {
  readonly digest: string
  readonly entry: Entry
}

/** The opened entries of each release, by leaf index. */
export interface OpenEntries {
  readonly byLeaf: ReadonlyMap<number, readonly OpenEntry[]>
  /** False when some entry is not open: then nothing can be said to be missing. */
  readonly complete: boolean
}

/** Step 9, first half: the openings of every release are exactly those that its statement commits to. */
export function openEntries(
  bundle: Bundle,
  leaves: Leaves,
  { hash }: Trust,
  found: AddFinding,
): OpenEntries {
  const rows = new Map<number, Opening[]>()
  for (const { index, opening } of bundle.entries(found)) {
    const list = rows.get(index)
    if (list === undefined) rows.set(index, [opening])
    else list.push(opening)
  }
  const byLeaf = new Map<number, readonly OpenEntry[]>()
  let complete = true
  for (const leaf of leaves.byIndex.values()) {
    if (leaf.kind !== 'release') continue
    const { opened, strangers } = match(leaf, rows.get(leaf.index) ?? [], (opening) =>
      digestOpening(opening, hash),
    )
    const closed = new Set(leaf.statement.entries).size - opened.length
    const { index } = leaf
    if (strangers > 0)
      found('ENTRY_DIGEST', `${strangers} openings are of no entry of ${index}`, index)
    if (closed > strangers)
      found('ENTRY_UNOPENED', `${closed - strangers} entries of release ${index} are closed`, index)
    complete &&= closed === 0 && strangers === 0
    checkForm(leaf, opened, found)
    byLeaf.set(index, opened)
  }
  return { byLeaf, complete }
}

function match(
  { statement }: Leaf<'release'>,
  openings: readonly Opening[],
  digestOf: (opening: Opening) => string,
): { readonly opened: readonly OpenEntry[]; readonly strangers: number } {
  const wanted = new Set(statement.entries)
  const opened: OpenEntry[] = []
  for (const opening of openings) {
    const digest = digestOf(opening)
    if (wanted.delete(digest)) opened.push({ digest, entry: opening[1] })
  }
  return { opened, strangers: openings.length - opened.length }
}

function checkForm(
  { index, statement }: Leaf<'release'>,
  opened: readonly OpenEntry[],
  found: AddFinding,
): void {
  const { entries, effect } = statement
  if (entries.some((digest, i) => i > 0 && (entries[i - 1] ?? '') >= digest))
    found('STATEMENT_FORM', `the entries of release ${index} are not sorted, or repeat`, index)
  const wanted = effect === 'widen' ? 'put' : 'drop'
  if (opened.some(({ entry }) => entry.op !== wanted))
    found('ENTRY_EFFECT', `release ${index} is to ${effect} but does not only ${wanted}`, index)
}
