import { digestOpening, type Entry, type Hash } from '@entente/schema'
import type { Bundle } from '../bundle/read-bundle.ts'
import { createSharing } from '../bundle/sharing.ts'
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
  const rows = matchAll(bundle, leaves, hash, found)
  const byLeaf = new Map<number, readonly OpenEntry[]>()
  let complete = true
  for (const leaf of leaves.byIndex.values()) {
    if (leaf.kind !== 'release') continue
    const { opened, strangers } = rows.get(leaf.index) ?? nothing
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

/** What has been opened of one release. */
interface Matched {
  readonly opened: OpenEntry[]
  /** Openings that are of no entry of it. */
  strangers: number
  /** Digests of its entries that are not open yet, each with its text in the statement; null: all are. */
  wanted: Map<string, string> | null
}

const nothing = { opened: [], strangers: 0 } as const

/** Reads all openings, each matched with its release as it comes. By leaf index. */
function matchAll(
  bundle: Bundle,
  leaves: Leaves,
  hash: Hash,
  found: AddFinding,
): ReadonlyMap<number, Matched> {
  const rows = new Map<number, Matched>()
  const share = createSharing()
  for (const { index, opening } of bundle.entries(found)) {
    const leaf = leaves.byIndex.get(index)
    if (leaf?.kind !== 'release') continue
    let matched = rows.get(index)
    if (matched === undefined) {
      const wanted = new Map(leaf.statement.entries.map((digest) => [digest, digest]))
      matched = { opened: [], strangers: 0, wanted }
      rows.set(index, matched)
    }
    const { opened, wanted } = matched
    const digest = wanted?.get(digestOpening(opening, hash))
    if (digest === undefined) matched.strangers++
    else {
      opened.push({ digest, entry: share(opening[1]) })
      wanted?.delete(digest)
      if (wanted?.size === 0) matched.wanted = null
    }
  }
  return rows
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
