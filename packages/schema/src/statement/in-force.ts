import { z } from 'zod'
import { PublicKey } from '../certificate.ts'
import { Digest } from '../fragment.ts'
import { Nation } from '../nation.ts'
import { AtMs, Origin, Seal, said } from './said.ts'

/** Puts a policy in force; the authorities' signatures are over edition, digest and interval. */
export const PolicyInForce = z.strictObject({
  ...said,
  edition: z.int().min(1),
  digest: Digest,
  from: AtMs,
  until: AtMs,
  signatures: z.array(z.string()).min(1),
})
export type PolicyInForce = z.infer<typeof PolicyInForce>

/**
 * Puts an edition of the register of agreements in force; the authorities' signatures are over what a policy's are over, under
 * a type of their own: the seal of a policy puts no register in force.
 */
export const RegisterInForce = PolicyInForce
export const registerSealType = 'entente-register-seal'
export type RegisterInForce = PolicyInForce

/** From here on the log goes by this witness policy, which every member's root has signed. */
export const WitnessPolicyInForce = z.strictObject({
  ...said,
  number: z.int().min(1),
  digest: Digest,
})
export type WitnessPolicyInForce = z.infer<typeof WitnessPolicyInForce>

/** A certificate of the nation's root, or its revocation; the signed document stands inside. */
export const KeyChange = z.strictObject({
  ...said,
  action: z.enum(['certify', 'revoke']),
  seal: Seal,
})
export type KeyChange = z.infer<typeof KeyChange>

/**
 * From here on this nation gives a partner nothing and takes nothing of it, whatever policies say; or it has been paired with it anew.
 * `root` is the partner’s: another root under the name is another partner.
 */
export const PartnerChange = z.strictObject({
  ...said,
  action: z.enum(['revoke', 'restore']),
  partner: Nation,
  root: PublicKey,
  reason: z.string().max(200),
})
export type PartnerChange = z.infer<typeof PartnerChange>

/** Last leaf of a log that ends as planned. `seal`: the root's word on what follows. */
export const Handover = z.strictObject({ ...said, next: Origin, seal: Seal })
export type Handover = z.infer<typeof Handover>
