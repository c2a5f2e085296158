import { Consent, WithdrawalSentence } from '@entente/policy'
import { Nation, PublicKey } from '@entente/schema'
import { z } from 'zod'

const Seal = z.string()

/** What a supplier hands to a nation's authority: a consent or a withdrawal, sealed, and its public key to compare. */
export const SupplierFile = z.union([
  z.strictObject({ nation: Nation, key: PublicKey, consent: Consent }),
  z.strictObject({
    nation: Nation,
    key: PublicKey,
    withdrawal: z.strictObject({ ...WithdrawalSentence.omit({ nation: true }).shape, seal: Seal }),
  }),
])
export type SupplierFile = z.infer<typeof SupplierFile>
