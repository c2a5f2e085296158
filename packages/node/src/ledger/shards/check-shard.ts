import * as A from '@automerge/automerge'
import { LedgerError } from '../ledger-error.ts'
import { originOf, type ShardDocument } from './shard-document.ts'
import { faultsIn } from './shard-faults.ts'

/** Largest saved shard that is looked at: ten times what 256 records of ten kilobytes take. */
const maxSavedBytes = 32 * 1024 * 1024

/**
 * Checks what another node of the nation saved, every record and every change note in it, before it may be merged.
 * @param known the same shard as this node has it; another history under its id would hide what is there
 * @returns what it took the place of, and ids of its records
 * @throws {LedgerError} `SHARD_INVALID`
 */
export function checkShard(
  saved: Uint8Array,
  known: A.Doc<ShardDocument> | null,
): { readonly replaces: readonly string[]; readonly records: readonly string[] } {
  if (saved.length > maxSavedBytes) throw invalid(`${saved.length} bytes are too many`)
  const doc = open(saved)
  try {
    for (const { why } of faultsIn(doc)) throw invalid(why)
    if (known && A.getObjectId(known.records) !== A.getObjectId(doc.records))
      throw invalid('it is another shard')
    return { replaces: originOf(doc).replaces, records: Object.keys(doc.records) }
  } finally {
    A.free(doc)
  }
}

/** A shard that is refused. */
export const invalid = (why: string): LedgerError =>
  new LedgerError('SHARD_INVALID', `the shard is refused: ${why}`)

function open(saved: Uint8Array): A.Doc<ShardDocument> {
  try {
    return A.load<ShardDocument>(saved)
  } catch (error) {
    throw invalid(`not an Automerge document: ${(error as Error).message}`)
  }
}
