import {
  canonicalJson,
  DatasetName,
  FieldName,
  Kind,
  keyBytes,
  Nation,
  openJws,
  PublicKey,
  RecordId,
  RoleLimit,
  type Verify,
} from '@entente/schema'
import { z } from 'zod'
import { AgreementId, Purpose } from '../document.ts'
import { PolicyDate } from '../policy-date.ts'

const listOf = <T extends z.ZodType>(item: T) => z.array(item).min(1).readonly()
/** Stated exactly as the records state it: near is another party. */
const Stated = z.string().trim().min(1).max(2_000)

/** A supplier whose word the register takes: how records name it, and the key that is its own. */
export const Supplier = z.strictObject({
  id: AgreementId,
  title: z.string().min(1).max(200),
  key: PublicKey,
  names: listOf(Stated).optional(),
  ncage: listOf(Stated).optional(),
  uei: listOf(Stated).optional(),
  lei: listOf(Stated).optional(),
  records: listOf(RecordId).optional(),
})
export type Supplier = z.infer<typeof Supplier>

/** What a supplier lets go of what is in its confidence. What it does not mention it does not limit, but for those that it must state. */
const terms = {
  id: AgreementId,
  supplier: AgreementId,
  kinds: listOf(Kind).optional(),
  datasets: listOf(DatasetName).optional(),
  fields: listOf(FieldName).optional(),
  records: listOf(RecordId).optional(),
  recipients: listOf(Nation),
  /** Only people of these roles at the recipient. */
  roles: RoleLimit.optional(),
  uses: listOf(Purpose),
  effective: PolicyDate,
  expires: PolicyDate,
}

/** The sentence that a supplier seals, JWS of type `consentSealType`: to one nation, which keeps it in its register. */
export const ConsentSentence = z.strictObject({ nation: Nation, ...terms })
export type ConsentSentence = z.infer<typeof ConsentSentence>
export const consentSealType = 'entente-supplier-consent'

/** The sentence by which a supplier takes a consent back, JWS of type `withdrawalSealType`. */
export const WithdrawalSentence = z.strictObject({
  nation: Nation,
  supplier: AgreementId,
  consent: AgreementId,
  from: PolicyDate,
})
export type WithdrawalSentence = z.infer<typeof WithdrawalSentence>
export const withdrawalSealType = 'entente-supplier-withdrawal'

const SealText = z.string().min(1).max(16_384)

/** A consent as a register carries it. Only what narrows stands outside of the seal. */
export const Consent = z.strictObject({
  ...terms,
  /** The authority's word that it counts no more, from this moment: narrowing needs nobody's consent. */
  revoked: PolicyDate.optional(),
  /** The supplier's own word that it counts no more. */
  withdrawn: z.strictObject({ from: PolicyDate, seal: SealText }).optional(),
  /** Compact JWS by the supplier's key over all of the above but `revoked` and `withdrawn`, with the nation. */
  seal: SealText,
})
export type Consent = z.infer<typeof Consent>

export function consentSentenceOf(nation: Nation, consent: Consent): ConsentSentence {
  const { revoked: _, withdrawn: __, seal: ___, ...said } = consent
  return { nation, ...said }
}

export const withdrawalSentenceOf = (
  nation: Nation,
  { supplier, id }: Consent,
  from: string,
): WithdrawalSentence => ({ nation, supplier, consent: id, from })

/** Whether a key has sealed exactly this sentence. */
export function hasSealed(
  seal: string,
  type: string,
  sentence: ConsentSentence | WithdrawalSentence,
  key: string,
  verify: Verify,
): boolean {
  try {
    return canonicalJson(openJws(seal, type, keyBytes(key), verify)) === canonicalJson(sentence)
  } catch {
    return false
  }
}
