import * as A from '@automerge/automerge'
import { DataRecord, Envelope, Field, FieldName, JsonValue } from '@entente/schema'
import { z } from 'zod'
import { LedgerError } from './ledger-error.ts'
import type { ShardDocument } from './shards.ts'
import { parseStored } from './stored-text.ts'

const Stamp = z.tuple([z.int().min(1), z.string().regex(/^[0-9a-f]{1,64}$/)])

const Note = z.strictObject({
  atMs: z.int().min(0),
  author: z.string(),
  reason: z.string(),
  widenedBy: z.string().optional(),
})

const register = <C extends z.ZodType>(content: C) =>
  z
    .array(
      z.strictObject({
        now: content.nullable(),
        at: Stamp,
        was: z.array(Stamp).optional(),
        imported: content.nullable().optional(),
        note: Note.optional(),
        out: Field.pick({ label: true, terms: true }).optional(),
      }),
    )
    .min(1)

const Stored = z.strictObject({
  ...DataRecord.pick({ id: true, kind: true, originator: true, dataset: true }).shape,
  key: z.string().optional(),
  schema: z.int().min(2).optional(),
  oldest: z.int().min(1).optional(),
  envelope: register(Envelope).refine((versions) => versions.every(({ now }) => now !== null)),
  fields: z.record(
    FieldName,
    register(
      z.strictObject({
        value: JsonValue,
        ...Field.pick({ label: true, terms: true, asGiven: true }).shape,
      }),
    ),
  ),
})

/** Largest saved shard that is looked at: ten times what 256 records of ten kilobytes take. */
const maxSavedBytes = 32 * 1024 * 1024

/**
 * Checks what another node of the nation saved, every record and every change note in it, before it may be merged.
 * @param known the same shard as this node has it; another history under its id would hide what is there
 * @throws {LedgerError} `SHARD_INVALID`
 */
export function checkShard(saved: Uint8Array, known: A.Doc<ShardDocument> | null): void {
  const refuse = (why: string): never => {
    throw new LedgerError('SHARD_INVALID', `the shard is refused: ${why}`)
  }
  if (saved.length > maxSavedBytes) refuse(`${saved.length} bytes are too many`)
  const doc = attempt(() => A.load<ShardDocument>(saved)) ?? refuse('not an Automerge document')
  try {
    checkDocument(doc, refuse)
    if (known && A.getObjectId(known.records) !== A.getObjectId(doc.records))
      refuse('it is another shard')
  } finally {
    A.free(doc)
  }
}

function checkDocument(doc: A.Doc<ShardDocument>, refuse: (why: string) => never): void {
  if (typeof doc.records !== 'object') refuse('it holds no records')
  if (A.getConflicts(doc, 'records')) refuse('it holds two sets of records')
  for (const id of Object.keys(doc.records)) {
    const versions = Object.values(A.getConflicts(doc.records, id) ?? { single: doc.records[id] })
    for (const version of versions) {
      // `getConflicts` gives scalars as plain strings.
      if (!A.isImmutableString(version) && (versions.length === 1 || typeof version !== 'string'))
        refuse(`${id} is not one value`)
      const parsed = Stored.safeParse(attempt(() => parseStored(String(version))))
      if (!parsed.success)
        refuse(
          `${id}: ${parsed.error.issues[0]?.path.join('.')}: ${parsed.error.issues[0]?.message}`,
        )
      else if (parsed.data.id !== id) refuse(`${id} holds the record ${parsed.data.id}`)
    }
  }
  for (const { message } of A.getChangesMetaSince(doc, []))
    if (!Note.safeParse(attempt(() => JSON.parse(message ?? ''))).success)
      refuse('a change does not say who made it, when and why')
}

function attempt<T>(work: () => T): T | undefined {
  try {
    return work()
  } catch {
    return undefined
  }
}
