import * as A from '@automerge/automerge'
import {
  type BinaryDocumentId,
  type DocHandle,
  type DocumentId,
  interpretAsDocumentId,
  type PeerId,
  Repo,
} from '@automerge/automerge-repo'
import { canonicalJson } from '@entente/schema'
import type { AutomergeStorage } from '../../adapters/sqlite-automerge-storage.ts'
import { LedgerError } from '../ledger-error.ts'
import { formatGone, type Gone, goneOf, joinGone } from '../record/gone.ts'
import type { ChangeNote, StoredRecord } from '../record/stored-record.ts'
import { formatStored } from '../record/stored-text.ts'
import type { ContentChange } from './merge-content.ts'
import {
  contentOf,
  goneIn,
  originOf,
  recordIn,
  type ShardContent,
  type ShardDocument,
  type ShardOrigin,
} from './shard-document.ts'

/**
 * The shards in memory and in the store, which the caller makes durable. Callers take turns: no two calls may be under way
 * at once. Whatever reads a shard throws {LedgerError} `SHARD_DAMAGED` when not all of it is there.
 */
export interface Shards {
  /** Makes a shard of this node. @param replaces shards that it takes the place of, the latest first */
  readonly create: (
    note: ChangeNote,
    content?: ShardContent,
    replaces?: readonly string[],
  ) => Promise<string>
  /** Reads records out of a shard, concurrent versions merged; all of them when no ids are given. */
  readonly read: (shard: string, ids?: readonly string[]) => Promise<StoredRecord[]>
  readonly content: (shard: string) => Promise<ShardContent>
  readonly origin: (shard: string) => Promise<ShardOrigin>
  /** Writes records as one change and resolves with the new heads once it is in the store. */
  readonly write: (
    shard: string,
    records: readonly StoredRecord[],
    note: ChangeNote,
  ) => Promise<string>
  /** Takes records out of a shard as one change; what another node wrote to them apart brings them back. */
  readonly remove: (shard: string, ids: readonly string[], note: ChangeNote) => Promise<string>
  /** Writes, removes and notes removals as one change. */
  readonly apply: (shard: string, change: ContentChange, note: ChangeNote) => Promise<string>
  readonly heads: (shard: string) => Promise<string>
  readonly document: (shard: string) => Promise<A.Doc<ShardDocument> | null>
  /** Merges a saved document of another replica into the shard, or takes the shard over. */
  readonly merge: (shard: string, saved: Uint8Array) => Promise<void>
  /** Takes a shard out of memory and store. */
  readonly drop: (shard: string) => Promise<void>
  /** Forgets everything in memory: what is not on disk has not happened. */
  readonly reset: () => Promise<void>
}

export interface ShardsDeps {
  readonly storage: AutomergeStorage
  readonly peer: string
  /** Names this node as the maker of its shards. */
  readonly actor: string
  readonly randomBytes: (size: number) => Uint8Array
  /** Brings what is read into the present form. */
  readonly lift: (record: StoredRecord) => StoredRecord
  /** Heads of a shard that the tables stand for. */
  readonly projected: (shard: string) => string | undefined
  /** Documents kept in memory; the one longest unused goes first. */
  readonly resident?: number
}

/** Opens the shards of a ledger under one `Repo` that speaks to nobody. */
export function createShards(deps: ShardsDeps): Shards {
  const { storage, peer, actor, randomBytes, lift, projected, resident = 8 } = deps
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
    // Without a signal each document that was found hangs for ever on a promise of the Repo that never settles.
    const found = new AbortController()
    const finding = repo.find<ShardDocument>(shard as DocumentId, { signal: found.signal })
    silence(shard)
    const handle = await finding.catch((cause: unknown) => {
      throw damaged(shard, cause)
    })
    found.abort()
    silence(shard)
    handles.set(shard, handle)
    // A chunk that is cut short is passed over in silence: what the tables stand for must be there.
    const heads = projected(shard)?.match(/\b[0-9a-f]{64}\b/g) ?? []
    if (A.hasHeads(handle.doc(), heads)) return handle
    await evict(shard)
    throw damaged(shard)
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

  /** One Automerge change, in the store when it resolves. */
  const change = async (
    shard: string,
    note: ChangeNote,
    edit: (draft: ShardDocument) => void,
  ): Promise<string> => {
    const handle = await get(shard)
    handle.change(edit, changeOptions(note))
    await repo.flush([shard as DocumentId])
    return headsOf(handle.doc())
  }

  const known = async (shard: string): Promise<boolean> =>
    handles.has(shard) || (await storage.loadRange([shard])).length > 0

  const apply: Shards['apply'] = (shard, content, note) =>
    change(shard, note, (draft) => writeContent(draft, content))

  return {
    create: async (note, content, replaces = []) => {
      const shard = interpretAsDocumentId(randomBytes(16) as BinaryDocumentId)
      const doc = A.change(A.init<ShardDocument>(), changeOptions(note), (draft) => {
        draft.records = {}
        draft.maker = new A.ImmutableString(actor)
        if (replaces.length > 0) draft.replaces = new A.ImmutableString(replaces.join(' '))
        if (content)
          writeContent(draft, {
            put: [...content.records.values()],
            gone: content.gone,
            removed: [],
          })
      })
      await adopt(shard, A.save(doc))
      A.free(doc)
      if (content) await repo.flush([shard as DocumentId])
      return shard
    },
    read: async (shard, ids) => {
      const doc = (await get(shard)).doc()
      return (ids ?? Object.keys(doc.records)).flatMap((id) => recordIn(doc, id, lift) ?? [])
    },
    content: async (shard) => contentOf((await get(shard)).doc(), lift),
    origin: async (shard) => originOf((await get(shard)).doc()),
    write: (shard, put, note) => apply(shard, { put, gone: new Map(), removed: [] }, note),
    remove: async (shard, removed, note) => {
      const doc = (await get(shard)).doc()
      const gone = new Map<string, Gone>()
      for (const id of removed) {
        const [record, before] = [recordIn(doc, id, lift), goneIn(doc, id)]
        if (record === undefined) continue
        const now = goneOf(record, note)
        gone.set(id, before ? joinGone(now, before) : now)
      }
      return apply(shard, { put: [], gone, removed }, note)
    },
    apply,
    heads: async (shard) => headsOf((await get(shard)).doc()),
    document: async (shard) => ((await known(shard)) ? (await get(shard)).doc() : null),
    merge: async (shard, saved) => {
      if (await known(shard)) (await get(shard)).update((doc) => A.loadIncremental(doc, saved))
      else await adopt(shard, saved)
      await repo.flush([shard as DocumentId])
    },
    drop: async (shard) => {
      await evict(shard)
      await storage.removeRange([shard])
    },
    reset: async () => {
      for (const shard of [...handles.keys()]) await evict(shard)
      storage.discard()
      // A save that threw leaves the Repo's compaction flag set for ever: only a new Repo compacts again.
      repo = open()
    },
  }
}

function writeContent(draft: ShardDocument, { put, gone, removed }: ContentChange): void {
  // Measured, 256 records of 3 KB: descending keys take half the time of file order, and rewriting in ascending
  // order takes five times as long and 100 MB more.
  const { records } = draft
  for (const record of put.toSorted((a, b) => (a.id > b.id ? -1 : 1)))
    records[record.id] = new A.ImmutableString(formatStored(record))
  for (const [id, removal] of gone) draft[`gone:${id}`] = new A.ImmutableString(formatGone(removal))
  for (const id of removed) delete records[id]
}

const changeOptions = (note: ChangeNote): A.ChangeOptions<ShardDocument> => ({
  time: Math.floor(note.atMs / 1000),
  message: canonicalJson(note),
})

const damaged = (shard: string, cause?: unknown): LedgerError =>
  new LedgerError(
    'SHARD_DAMAGED',
    `shard ${shard} cannot be read in full: \`entente ledger check\` says what is wrong`,
    { cause },
  )

const headsOf = (doc: A.Doc<ShardDocument>): string => A.getHeads(doc).toSorted().join(' ')
