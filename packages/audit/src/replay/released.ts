import type { Entry } from '@entente/schema'
import type { OpenEntries } from '../statements/entries.ts'
import type { Feed } from '../statements/feeds.ts'

/** One put or drop of a record in a feed. */
interface Change<E extends Entry = Entry> {
  readonly seq: number
  readonly index: number
  /** Digest of the opening. */
  readonly digest: string
  readonly entry: E
}
type Put = Change<Extract<Entry, { op: 'put' }>>
export type Drop = Change<Extract<Entry, { op: 'drop' }>>

/** What happened to one record in one feed, by seq. */
export interface RecordHistory {
  readonly puts: Put[]
  readonly drops: Drop[]
}

/** Every change of every record of a release feed. */
export function historyOf(feed: Feed, entries: OpenEntries): ReadonlyMap<string, RecordHistory> {
  const records = new Map<string, RecordHistory>()
  for (const { index, statement } of feed.statements)
    for (const { digest, entry } of entries.byLeaf.get(index) ?? []) {
      const { record } = entry
      const history = records.get(record) ?? { puts: [], drops: [] }
      records.set(record, history)
      if (entry.op === 'put') history.puts.push({ seq: statement.seq, index, digest, entry })
      else history.drops.push({ seq: statement.seq, index, digest, entry })
    }
  return records
}

/** What the recipient may hold of a record after statement `seq` of the feed. */
export interface Standing {
  readonly put: Put
  readonly fields: readonly string[]
}

/** The latest put, less the fields dropped since; null when there is none, or it was taken back whole. */
export function standingAt({ puts, drops }: RecordHistory, seq: number): Standing | null {
  const put = puts.findLast((one) => one.seq <= seq)
  if (put === undefined) return null
  const since = drops.filter((drop) => drop.seq > put.seq && drop.seq <= seq)
  if (since.some(({ entry }) => entry.fields === undefined)) return null
  const gone = new Set(since.flatMap(({ entry }) => entry.fields ?? []))
  const fields = put.entry.fields.filter((field) => !gone.has(field))
  return fields.length === 0 ? null : { put, fields }
}
