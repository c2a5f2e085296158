import * as A from '@automerge/automerge'
import {
  type BinaryDocumentId,
  type DocHandle,
  type DocumentId,
  interpretAsDocumentId,
  type PeerId,
  Repo,
  type StorageAdapterInterface,
} from '@automerge/automerge-repo'
import { canonicalJson } from '@entente/schema'
import { mergeRecords } from './merge-record.ts'
import type { ChangeNote, StoredRecord } from './stored-record.ts'
import { formatStored, parseStored } from './stored-text.ts'

/** One Automerge document of the ledger. A record is one value: value and label of a field never merge apart. */
export interface ShardDocument {
  records: Record<string, A.ImmutableString>
}

/** The shards in memory and on disk. Callers take turns: no two calls may be under way at once. */
export interface Shards {
  readonly create: (note: ChangeNote) => Promise<string>
  /** Reads records out of a shard, concurrent versions merged; all of them when no ids are given. */
  readonly read: (shard: string, ids?: readonly string[]) => Promise<StoredRecord[]>
  /** Writes records as one change and resolves with the new heads once it is on disk. */
  readonly write: (
    shard: string,
    records: readonly StoredRecord[],
    note: ChangeNote,
  ) => Promise<string>
  /** Takes records out of a shard as one change; what another node wrote to them apart brings them back. */
  readonly remove: (shard: string, ids: readonly string[], note: ChangeNote) => Promise<string>
  readonly heads: (shard: string) => Promise<string>
  readonly document: (shard: string) => Promise<A.Doc<ShardDocument> | null>
  /** Merges a saved document of another replica into the shard, or takes the shard over, and puts it on disk. */
  readonly merge: (shard: string, saved: Uint8Array) => Promise<void>
  /** Forgets everything in memory: what is not on disk has not happened. */
  readonly reset: () => Promise<void>
}

export interface ShardsDeps {
  readonly storage: StorageAdapterInterface
  readonly peer: string
  readonly randomBytes: (size: number) => Uint8Array
  /** Brings what is read into the present form. */
  readonly lift: (record: StoredRecord) => StoredRecord
  /** Documents kept in memory; the one longest unused goes first. */
  readonly resident?: number
}

/** Opens the shards of a ledger under one `Repo` that speaks to nobody. */
export function createShards(deps: ShardsDeps): Shards {
  const { storage, peer, randomBytes, lift, resident = 8 } = deps
  const open = () => new Repo({ storage, peerId: peer as PeerId })
  let repo = open()
  const handles = new Map<string, DocHandle<ShardDocument>>()

  const get = async (shard: string): Promise<DocHandle<ShardDocument>> => {
    const kept = handles.get(shard)
    if (kept) {
      handles.delete(shard)
      handles.set(shard, kept)
      return kept
    }
    while (handles.size >= resident) await evict(handles.keys().next().value as string)
    const finding = repo.find<ShardDocument>(shard as DocumentId)
    silence(shard)
    const handle = await finding
    silence(shard)
    handles.set(shard, handle)
    return handle
  }

  const adopt = async (shard: string, saved: Uint8Array): Promise<void> => {
    while (handles.size >= resident) await evict(handles.keys().next().value as string)
    handles.set(shard, repo.import<ShardDocument>(saved, { docId: shard as DocumentId }))
    silence(shard)
  }

  // The Repo saves and syncs 100 ms after a change, by timers that outlive an evicted document (then they save a stale
  // version, or complain on the console a minute later). Here every change is flushed by its caller and there is no
  // network, so the Repo's listeners go. A later network adapter between nodes of the nation must keep `change`.
  const silence = (shard: string) => repo.handles[shard as DocumentId]?.removeAllListeners()

  const evict = async (shard: string): Promise<void> => {
    const handle = handles.get(shard)
    handles.delete(shard)
    if (!handle) return
    const doc = handle.doc()
    await repo.removeFromCache(shard as DocumentId)
    // WASM memory is invisible to the garbage collector: without this an import grows until a collection happens.
    A.free(doc)
  }

  /** One Automerge change, on disk when it resolves. */
  const change = async (
    shard: string,
    note: ChangeNote,
    edit: (draft: ShardDocument) => void,
  ): Promise<string> => {
    const handle = await get(shard)
    handle.change(edit, { time: Math.floor(note.atMs / 1000), message: canonicalJson(note) })
    await repo.flush([shard as DocumentId])
    return headsOf(handle.doc())
  }

  const known = async (shard: string): Promise<boolean> =>
    handles.has(shard) || (await storage.loadRange([shard])).length > 0

  return {
    create: async ({ atMs, ...note }) => {
      const shard = interpretAsDocumentId(randomBytes(16) as BinaryDocumentId)
      const options = { time: Math.floor(atMs / 1000), message: canonicalJson({ atMs, ...note }) }
      const doc = A.change(A.init<ShardDocument>(), options, (draft) => {
        draft.records = {}
      })
      await adopt(shard, A.save(doc))
      A.free(doc)
      return shard
    },
    read: async (shard, ids) => {
      const { records } = (await get(shard)).doc()
      return (ids ?? Object.keys(records)).flatMap((id) => readRecord(records, id, lift) ?? [])
    },
    write: (shard, records, note) => {
      // Measured, 256 records of 3 KB: descending keys take half the time of file order, and rewriting in ascending
      // order takes five times as long and 100 MB more.
      const sorted = records.toSorted((a, b) => (a.id > b.id ? -1 : 1))
      return change(shard, note, (draft) => {
        for (const record of sorted)
          draft.records[record.id] = new A.ImmutableString(formatStored(record))
      })
    },
    remove: (shard, ids, note) =>
      change(shard, note, ({ records }) => {
        for (const id of ids) delete records[id]
      }),
    heads: async (shard) => headsOf((await get(shard)).doc()),
    document: async (shard) => ((await known(shard)) ? (await get(shard)).doc() : null),
    merge: async (shard, saved) => {
      if (await known(shard)) (await get(shard)).update((doc) => A.loadIncremental(doc, saved))
      else await adopt(shard, saved)
      await repo.flush([shard as DocumentId])
    },
    reset: async () => {
      for (const shard of [...handles.keys()]) await evict(shard)
      // A save that threw leaves the Repo's compaction flag set for ever: only a new Repo compacts again.
      repo = open()
    },
  }
}

const headsOf = (doc: A.Doc<ShardDocument>): string => A.getHeads(doc).toSorted().join(' ')

function readRecord(
  records: ShardDocument['records'],
  id: string,
  lift: ShardsDeps['lift'],
): StoredRecord | undefined {
  const parse = (text: unknown): StoredRecord => lift(parseStored(String(text)))
  const single = records[id]
  if (single === undefined) return undefined
  const versions = Object.values(A.getConflicts(records, id) ?? { single })
  const [first = single, ...others] = versions
  return mergeRecords([parse(first), ...others.map(parse)])
}
