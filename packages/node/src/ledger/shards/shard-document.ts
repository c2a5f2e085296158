import * as A from '@automerge/automerge'
import { covers, type Gone, joinGone, parseGone } from '../record/gone.ts'
import { mergeRecords } from '../record/merge-record.ts'
import type { StoredRecord } from '../record/stored-record.ts'
import { parseStored } from '../record/stored-text.ts'

/**
 * One Automerge document of the ledger. A record is one value: value and label of a field never merge apart. Beside the
 * records stand `maker`, the node that made the shard and alone adds records to it and compacts it; `replaces`, ids of the
 * shards that this one took the place of, the latest first; and `gone:ID` for each record that was taken out. They stand
 * at the root because two nodes that each made a map for them would lose one of the two.
 */
export interface ShardDocument {
  records: Record<string, A.ImmutableString>
  maker?: A.ImmutableString
  replaces?: A.ImmutableString
  [gone: GoneKey]: A.ImmutableString
}

export type GoneKey = `gone:${string}`

export const isGoneKey = (key: string): key is GoneKey => key.startsWith('gone:')

/** Who made a shard, and what it took the place of. `maker` is null for shards made before that was noted. */
export interface ShardOrigin {
  readonly maker: string | null
  readonly replaces: readonly string[]
}

/** What a shard says: records, concurrent versions merged, without those that are gone; and what is gone. */
export interface ShardContent {
  readonly records: ReadonlyMap<string, StoredRecord>
  readonly gone: ReadonlyMap<string, Gone>
}

export function originOf(doc: A.Doc<ShardDocument>): ShardOrigin {
  const replaces = doc.replaces?.toString() ?? ''
  return {
    maker: doc.maker?.toString() ?? null,
    replaces: replaces === '' ? [] : replaces.split(' '),
  }
}

/** @param lift brings what is read into the present form */
export function contentOf(
  doc: A.Doc<ShardDocument>,
  lift: (record: StoredRecord) => StoredRecord,
): ShardContent {
  const gone = new Map<string, Gone>()
  for (const key of Object.keys(doc).filter(isGoneKey)) {
    const id = key.slice('gone:'.length)
    const removal = goneIn(doc, id)
    if (removal !== undefined) gone.set(id, removal)
  }
  const records = new Map<string, StoredRecord>()
  for (const id of Object.keys(doc.records)) {
    const record = recordIn(doc, id, lift)
    if (record !== undefined) records.set(id, record)
  }
  return { records, gone }
}

/** One record of a shard; undefined when it is not there or gone. */
export function recordIn(
  doc: A.Doc<ShardDocument>,
  id: string,
  lift: (record: StoredRecord) => StoredRecord,
): StoredRecord | undefined {
  const single = doc.records[id]
  if (single === undefined) return undefined
  const parse = (text: unknown): StoredRecord => lift(parseStored(String(text)))
  const [first = single, ...others] = Object.values(A.getConflicts(doc.records, id) ?? { single })
  const record = mergeRecords([parse(first), ...others.map(parse)])
  const gone = goneIn(doc, id)
  return gone !== undefined && covers(gone, record) ? undefined : record
}

/** What is noted of a record that was taken out; two nodes may have done so apart. */
export function goneIn(doc: A.Doc<ShardDocument>, id: string): Gone | undefined {
  const key: GoneKey = `gone:${id}`
  const single = doc[key]
  if (single === undefined) return undefined
  const [first = single, ...others] = Object.values(A.getConflicts(doc, key) ?? { single })
  return others.map((text) => parseGone(String(text))).reduce(joinGone, parseGone(String(first)))
}
