import { z } from 'zod'
import { type OfficerCertificate, PublicKey } from './certificate.ts'
import { Digest } from './digest.ts'
import { digestOf } from './hash.ts'
import { JwsError, openJws, peekJws, type Sign, signJws, type Verify } from './jws.ts'
import { Nation } from './nation.ts'
import { FieldName, RecordId } from './record.ts'
import { keyBytes, type Roster } from './roster.ts'
import { Inputs } from './statement/release.ts'
import { AtMs } from './statement/said.ts'

const sortedSet = <T extends z.ZodType<string>>(item: T, most: number) =>
  z
    .array(item)
    .min(1)
    .max(most)
    .readonly()
    .refine((list) => list.every((x, i) => i === 0 || (list[i - 1] as string) < x), {
      error: 'must be sorted and without repeats',
    })

/**
 * An originator's consent that the holder of a fragment hands on fields of it. The names are those of the statement `consent`, which
 * will carry it between nodes. `nation`: the originator; `key`: of its officer who seals; `record`: the originator's; `head`: digest of the fragment
 * that the holder has; `transform`: the finest form in which it may go, null as it is; `derived`: also what the holder has made of
 * the fields. From `until` on it consents to nothing.
 */
export const RetransferConsent = z.strictObject({
  nation: Nation,
  key: PublicKey,
  holder: Nation,
  record: RecordId,
  head: Digest,
  fields: sortedSet(FieldName, 256),
  transform: z.enum(['fine', 'coarse']).nullable(),
  derived: z.boolean(),
  recipients: sortedSet(Nation, 64),
  purpose: Inputs.shape.purpose,
  until: AtMs,
})
export type RetransferConsent = z.infer<typeof RetransferConsent>
export const consentSealType = 'entente-consent-seal'

/** A consent whose seal has been checked. */
export interface SealedConsent {
  /** Digest of the content: names it in inputs, lists and reports. */
  readonly digest: string
  readonly consent: RetransferConsent
  readonly officer: OfficerCertificate
  /** As it was sealed, compact JWS. */
  readonly seal: string
}

export type ConsentCode = 'CONSENT_FORM' | 'CONSENT_NATION' | 'CONSENT_OFFICER' | 'CONSENT_SEAL'

/** A consent that consents to nothing; the message says why and what to do. */
export class ConsentError extends Error {
  override readonly name = 'ConsentError'
  readonly code: ConsentCode
  constructor(code: ConsentCode, message: string) {
    super(message)
    this.code = code
  }
}

export const sealConsent = (consent: RetransferConsent, sign: Sign): string =>
  signJws(consentSealType, consent, sign)

/**
 * Opens a consent: sealed by a release officer whom the root of the originator certifies in this roster. Whether it has run out, and
 * whom it is for, the caller looks at.
 * @throws {ConsentError} `CONSENT_FORM` (malformed), `CONSENT_NATION` (not in the roster), `CONSENT_OFFICER` (no officer, or none any
 * more), `CONSENT_SEAL` (the signature is not that officer's)
 */
export function openConsent(
  seal: string,
  members: Roster['members'],
  verify: Verify,
): SealedConsent {
  const claimed = parse(() => peekJws(seal).payload)
  const { nation, key } = claimed
  const member = members.get(nation)
  if (member === undefined)
    throw new ConsentError(
      'CONSENT_NATION',
      `${nation} is not in the roster, so nobody can consent for it`,
    )
  const officer = member.officers.find((each) => each.key === key && each.nation === nation)
  if (officer === undefined)
    throw new ConsentError(
      'CONSENT_OFFICER',
      `it is sealed by no release officer whom the root of ${nation} certifies in this roster: ask ${nation} to seal it with an officer’s key, or for its present nation file`,
    )
  try {
    const consent = parse(() => openJws(seal, consentSealType, keyBytes(key), verify))
    return { digest: digestOf(consent), consent, officer, seal }
  } catch (error) {
    if (!(error instanceof JwsError)) throw error
    throw new ConsentError(
      error.code === 'JWS_SIGNATURE' ? 'CONSENT_SEAL' : 'CONSENT_FORM',
      error.code === 'JWS_SIGNATURE'
        ? `the seal is not that of ${officer.name} of ${nation} over this consent: it was changed, ask for it again`
        : error.message,
    )
  }
}

function parse(read: () => unknown): RetransferConsent {
  let payload: unknown
  try {
    payload = read()
  } catch (error) {
    if (error instanceof JwsError && error.code === 'JWS_SIGNATURE') throw error
    const why = error instanceof Error ? error.message : String(error)
    throw new ConsentError('CONSENT_FORM', `this is no sealed consent: ${why}`)
  }
  const parsed = RetransferConsent.safeParse(payload)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  throw new ConsentError(
    'CONSENT_FORM',
    `this is no sealed consent (${issue?.path.join('.')}: ${issue?.message})`,
  )
}
