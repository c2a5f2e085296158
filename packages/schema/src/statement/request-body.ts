import { z } from 'zod'
import { Digest } from '../fragment.ts'
import { digestOf, type Hash, sha256 } from '../hash.ts'
import { Nation } from '../nation.ts'
import { FieldName, JsonValue, RecordId } from '../record.ts'
import { Inputs } from './release.ts'
import { AtMs } from './said.ts'

const sortedFields = (least: number) =>
  z
    .array(FieldName)
    .min(least)
    .max(256)
    .readonly()
    .refine((list) => list.every((name, i) => i === 0 || (list[i - 1] as string) < name), {
      error: 'must be sorted and without repeats',
    })

/** `salt`: 16 random bytes, so that the digest in the statement says nothing of what is asked. `by`: the person who asks. */
const asked = {
  salt: z.string().length(22),
  by: z.string().min(1).max(200),
  reason: z.string().min(1).max(1000),
}

/** Release this to me. Without fields: whatever may go of it. What is not known by its id is described. */
const ReleaseBody = z.strictObject({
  ...asked,
  ask: z.literal('release'),
  record: RecordId.nullable(),
  about: z.string().min(1).max(1000).nullable(),
  fields: sortedFields(0),
})

/** May I hand these fields of it on to these nations, until then. `head`: digest of the fragment that the asker holds. */
const RetransferBody = z.strictObject({
  ...asked,
  ask: z.literal('retransfer'),
  record: RecordId,
  head: Digest,
  fields: sortedFields(1),
  recipients: z.array(Nation).min(1).max(16).readonly(),
  purpose: Inputs.shape.purpose,
  derived: z.boolean(),
  until: AtMs,
})

/** A field should say something else. `base`: digest of the disclosure that the asker holds; null: it holds no such field. */
const ChangeBody = z.strictObject({
  ...asked,
  ask: z.literal('change'),
  record: RecordId,
  field: FieldName,
  head: Digest,
  base: Digest.nullable(),
  value: JsonValue,
})

/** What a `request` asks for; the statement holds its digest. */
export const RequestBody = z.discriminatedUnion('ask', [ReleaseBody, RetransferBody, ChangeBody])
export type RequestBody = z.infer<typeof RequestBody>

/** A longer body, characters of canonical JSON, asks for nothing. */
export const MOST_BODY_CHARS = 65_536

export const digestRequest = (body: RequestBody, hash: Hash = sha256): string =>
  digestOf(body, hash)
