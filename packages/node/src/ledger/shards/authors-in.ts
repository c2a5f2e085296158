import type * as A from '@automerge/automerge'
import type { RecordId } from '@entente/schema'
import type { StoredRecord } from '../record/stored-record.ts'
import { notesIn, withNotes } from './history.ts'
import type { ShardDocument } from './shard-document.ts'

/** Names of who wrote what each field of a record shows, sorted. */
export type FieldAuthors = Readonly<Record<string, readonly string[]>>

/**
 * Who wrote what these records of one shard show; of fields that were edited apart all who did. Versions from before notes were
 * kept are asked of the changes of the shard.
 */
export function authorsIn(
  doc: A.Doc<ShardDocument>,
  records: readonly StoredRecord[],
  lift: (record: StoredRecord) => StoredRecord,
): ReadonlyMap<RecordId, FieldAuthors> {
  let notes: ReturnType<typeof notesIn> | undefined
  const noteOf: ReturnType<typeof notesIn> = (id, at) => {
    notes ??= notesIn(doc, lift)
    return notes(id, at)
  }
  return new Map(
    records.map((record) => {
      const fields = Object.entries(withNotes(record, noteOf).fields).map(
        ([name, register]) =>
          [name, [...new Set(register.flatMap(({ note }) => note?.author ?? []))].sort()] as const,
      )
      return [record.id, Object.fromEntries(fields)]
    }),
  )
}
