import { z } from 'zod'
import { Digest } from '../fragment.ts'
import { digestOf, type Hash, sha256 } from '../hash.ts'
import { Label } from '../label.ts'
import { Nation } from '../nation.ts'
import { FieldName, RecordId } from '../record.ts'
import { Inputs } from './release.ts'
import { AtMs } from './said.ts'

/**
 * What waits for an officer: one value of one field of one record for one recipient, as it would be sent. `value` is the digest
 * of its disclosure, whose salt nobody else can compute; `policy` that of the policy document under which it waits. `label`: of the
 * value; what was approved under one is not approved under another.
 */
export const ApprovalSubject = z.strictObject({
  record: RecordId,
  field: FieldName,
  value: Digest,
  level: z.enum(['exact', 'fine', 'coarse', 'country', 'pseudonym']),
  recipient: Nation,
  purpose: Inputs.shape.purpose,
  policy: Digest,
  label: Label,
})
export type ApprovalSubject = z.infer<typeof ApprovalSubject>

/**
 * An officer's word on it. `because`: the reasons that asked for it, and that it answers. `authors`: who wrote the value, none of
 * whom may approve it. `until`: from then on it approves nothing; null in a refusal.
 */
export const FieldApproval = z.strictObject({
  ...ApprovalSubject.shape,
  because: z.array(z.string().min(1).max(200)).min(1).max(64).readonly(),
  authors: z.array(z.string().max(200)).max(64).readonly(),
  until: AtMs.nullable(),
  reason: z.string().min(1).max(1000).optional(),
})
export type FieldApproval = z.infer<typeof FieldApproval>

/** `[salt, word]`: its SHA-256 over canonical JSON is what `approve` and `deny` are about. It never leaves but to an auditor. */
export const ApprovalOpening = z.tuple([z.string().length(22), FieldApproval]).readonly()
export type ApprovalOpening = z.infer<typeof ApprovalOpening>
export const digestApproval = (opening: ApprovalOpening, hash: Hash = sha256): string =>
  digestOf(opening, hash)
