import { covers, type Gone, joinGone } from '../record/gone.ts'
import { mergeRecords } from '../record/merge-record.ts'
import type { StoredRecord } from '../record/stored-record.ts'
import { same } from '../record/write-versions.ts'
import type { ShardContent } from './shard-document.ts'

/** What must be written into a shard: records as they are now, removals as they are now, ids that go. */
export interface ContentChange {
  readonly put: readonly StoredRecord[]
  readonly gone: ReadonlyMap<string, Gone>
  readonly removed: readonly string[]
}

/**
 * What one shard must take in of another shard of its line, record by record, so that nothing that was written to either
 * is lost and nothing that was taken out of either comes back. Doing so again finds nothing to do.
 */
export function mergeContent(into: ShardContent, from: ShardContent): ContentChange {
  const put: StoredRecord[] = []
  const removed: string[] = []
  const gone = new Map<string, Gone>()
  for (const id of new Set([...from.records.keys(), ...from.gone.keys()])) {
    const [mine, theirs] = [into.records.get(id), from.records.get(id)]
    const [ours, other] = [into.gone.get(id), from.gone.get(id)]
    const removal = ours && other ? joinGone(ours, other) : (ours ?? other)
    if (removal && !same(removal, ours)) gone.set(id, removal)
    const [first, ...more] = [mine, theirs].flatMap((each) => each ?? [])
    if (first === undefined) continue
    const merged = mergeRecords([first, ...more])
    if (removal && covers(removal, merged)) {
      if (mine) removed.push(id)
    } else if (!mine || !same(mine, merged)) put.push(merged)
  }
  return { put, gone, removed }
}

export const changesNothing = ({ put, gone, removed }: ContentChange): boolean =>
  put.length === 0 && gone.size === 0 && removed.length === 0
