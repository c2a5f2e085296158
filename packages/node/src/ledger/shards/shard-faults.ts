import * as A from '@automerge/automerge'
import { DataRecord, Envelope, Field, FieldName, JsonValue, Label } from '@entente/schema'
import { z } from 'zod'
import { parseGone } from '../record/gone.ts'
import { parseStored } from '../record/stored-text.ts'
import { type GoneKey, isGoneKey, type ShardDocument } from './shard-document.ts'

/** What is wrong with a shard in itself: with its form, one record, or what a change says of who made it. */
export interface ShardFault {
  readonly code: 'SHARD_FORM' | 'SHARD_NOTE' | 'RECORD_UNREADABLE'
  readonly record?: string
  readonly why: string
}

/** Looks at every part of a shard. Unknown fields of a record are none of its faults. */
export function* faultsIn(doc: A.Doc<ShardDocument>): Generator<ShardFault> {
  const form = (why: string): ShardFault => ({ code: 'SHARD_FORM', why })
  if (typeof doc.records !== 'object') return yield form('it holds no records')
  if (A.getConflicts(doc, 'records')) yield form('it holds two sets of records')
  for (const [key, known] of [
    ['maker', /^[0-9a-f]{1,64}$/],
    ['replaces', /^[1-9A-HJ-NP-Za-km-z]{20,40}( [1-9A-HJ-NP-Za-km-z]{20,40}){0,9999}$/],
  ] as const) {
    const word: unknown = doc[key]
    if (word !== undefined && !(A.isImmutableString(word) && known.test(word.toString())))
      yield form(`its ${key} is not a known form`)
  }
  for (const key of Object.keys(doc).filter(isGoneKey))
    if (!isRemoval(doc, key)) yield form(`${key} does not say what was taken out, by whom and why`)
  for (const id of Object.keys(doc.records)) {
    const why = faultOf(doc, id)
    if (why !== null) yield { code: 'RECORD_UNREADABLE', record: id, why: `${id}${why}` }
  }
  for (const { message } of A.getChangesMetaSince(doc, []))
    if (!Note.safeParse(attempt(() => JSON.parse(message ?? ''))).success)
      yield { code: 'SHARD_NOTE', why: 'a change does not say who made it, when and why' }
}

function faultOf(doc: A.Doc<ShardDocument>, id: string): string | null {
  const versions = Object.values(A.getConflicts(doc.records, id) ?? { single: doc.records[id] })
  for (const version of versions) {
    // `getConflicts` gives scalars as plain strings.
    if (!A.isImmutableString(version) && (versions.length === 1 || typeof version !== 'string'))
      return ' is not one value'
    const parsed = Stored.safeParse(attempt(() => parseStored(String(version))))
    const issue = parsed.error?.issues[0]
    if (!parsed.success) return `: ${issue?.path.map(String).join('.')}: ${issue?.message}`
    if (parsed.data.id !== id) return ` holds the record ${parsed.data.id}`
  }
  return null
}

const isRemoval = (doc: A.Doc<ShardDocument>, key: GoneKey): boolean =>
  Object.values(A.getConflicts(doc, key) ?? { single: doc[key] }).every(
    (text) => Removal.safeParse(attempt(() => parseGone(String(text)))).success,
  )

const Stamp = z.tuple([z.int().min(1), z.string().regex(/^[0-9a-f]{1,64}$/)])

const Note = z.strictObject({
  atMs: z.int().min(0),
  author: z.string(),
  reason: z.string(),
  widenedBy: z.string().optional(),
  order: z
    .strictObject({
      base: z.string().max(64),
      labels: z.record(FieldName, Label),
      values: z.string().max(64),
      signatures: z.array(z.string().max(16_384)).max(32),
    })
    .optional(),
  suggestedBy: z.string().optional(),
  suggestion: z.string().max(64).optional(),
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
        again: Stamp.optional(),
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

const Removal = z.strictObject({ seen: z.array(Stamp), note: Note })

function attempt<T>(work: () => T): T | undefined {
  try {
    return work()
  } catch {
    return undefined
  }
}
