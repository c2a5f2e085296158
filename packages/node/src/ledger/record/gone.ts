import { canonicalJson } from '@entente/schema'
import {
  type ChangeNote,
  compareStamps,
  registersOf,
  type Stamp,
  type StoredRecord,
} from './stored-record.ts'

/**
 * What stays of a record that was taken out, so that no copy of it brings it back: the latest stamp of every writer that was
 * seen in it. A version with a later stamp does bring it back: nobody who edits loses the edit to a removal made apart.
 */
export interface Gone {
  readonly seen: readonly Stamp[]
  readonly note: ChangeNote
}

/** A record as it is taken out. What its versions replaced counts as seen: an old copy may still hold that. */
export const goneOf = (record: StoredRecord, note: ChangeNote): Gone => ({
  seen: latest(
    registersOf(record)
      .flat()
      .flatMap(({ at, was = [] }) => [at, ...was]),
  ),
  note,
})

/** Whether a removal had seen every version of a record. */
export const covers = ({ seen }: Gone, record: StoredRecord): boolean => {
  const counters = new Map(seen.map(([counter, actor]) => [actor, counter]))
  return registersOf(record).every((register) =>
    register.every(({ at: [counter, actor] }) => counter <= (counters.get(actor) ?? 0)),
  )
}

/** What two removals have seen between them; the later one speaks. */
export function joinGone(a: Gone, b: Gone): Gone {
  const later =
    a.note.atMs - b.note.atMs || (canonicalJson(a.note) < canonicalJson(b.note) ? -1 : 1)
  return { seen: latest([...a.seen, ...b.seen]), note: (later >= 0 ? a : b).note }
}

export const formatGone = (gone: Gone): string => canonicalJson(gone)

/** The removal of a text that `formatGone` wrote. */
export const parseGone = (text: string): Gone => JSON.parse(text) as Gone

function latest(stamps: readonly Stamp[]): Stamp[] {
  const byActor = new Map<string, number>()
  for (const [counter, actor] of stamps)
    byActor.set(actor, Math.max(counter, byActor.get(actor) ?? 0))
  return [...byActor].map(([actor, counter]): Stamp => [counter, actor]).sort(compareStamps)
}
