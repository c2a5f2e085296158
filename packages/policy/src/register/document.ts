import {
  agreementTypes,
  Classification,
  DatasetName,
  FieldName,
  Jurisdiction,
  Kind,
  Nation,
} from '@entente/schema'
import { z } from 'zod'
import { AgreementId, Purpose } from '../document.ts'
import { PolicyDate } from '../policy-date.ts'
import { Consent, Supplier } from '../supplier/document.ts'

const listOf = <T extends z.ZodType>(item: T) => z.array(item).min(1).readonly()

/** Tagged items that an agreement authorises: a regime, whole or by codes. `XI` covers `XI(c)`; `XI(c)` covers `XI(c)(4)`, not `XI(d)`. */
const Items = z.strictObject({
  regime: Jurisdiction.shape.regime,
  codes: listOf(z.string().min(1).max(40)).optional(),
})

/**
 * One agreement, licence or exemption, as decisions read it. What it does not mention it does not limit, but for parties,
 * uses, ceiling and dates, which every agreement states, and for tagged items, which it covers only where it names them.
 */
export const Agreement = z.strictObject({
  id: AgreementId,
  title: z.string().min(1).max(200),
  type: z.enum(['blanket', ...agreementTypes]),
  /** Nations that it lets receive, each from and until its own day. */
  parties: listOf(
    z.strictObject({ nation: Nation, from: PolicyDate.optional(), until: PolicyDate.optional() }),
  ),
  /** Where what is released may be; absent: wherever its parties are. */
  territory: listOf(Nation).optional(),
  items: listOf(Items).optional(),
  kinds: listOf(Kind).optional(),
  datasets: listOf(DatasetName).optional(),
  fields: listOf(FieldName).optional(),
  uses: listOf(Purpose),
  ceiling: Classification,
  /** Highest value of one tagged item; an item that states no value, or another currency, is not covered. */
  value: z
    .strictObject({
      atMost: z.string().regex(/^(0|[1-9]\d{0,20})(\.\d{1,9})?$/, 'not a decimal string'),
      currency: z.string().regex(/^[A-Z]{3}$/, 'not an ISO 4217 code'),
    })
    .optional(),
  effective: PolicyDate,
  expires: PolicyDate,
  /** From this moment it covers nothing, whatever `expires` says. */
  revoked: PolicyDate.optional(),
  /** Where the facts are from. */
  source: z.string().min(1).max(300).optional(),
})
export type Agreement = z.infer<typeof Agreement>

/** A nation's register of agreements and of suppliers' consents, as written, signed and hashed: dates stay text, and parsing adds nothing. */
export const RegisterDocument = z.strictObject({
  exercise: z.string().optional(),
  nation: Nation,
  edition: z.int().min(1),
  from: PolicyDate,
  until: PolicyDate,
  agreements: z.array(Agreement).readonly(),
  /** Whose consent COMMERCIAL fields need, and what they have consented to. */
  suppliers: listOf(Supplier).optional(),
  consents: listOf(Consent).optional(),
})
export type RegisterDocument = z.infer<typeof RegisterDocument>
