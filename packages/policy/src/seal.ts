import {
  type AuthorityCertificate,
  digestOf,
  keyBytes,
  openJws,
  PolicySeal,
  policySealType,
  type Verify,
} from '@entente/schema'
import { z } from 'zod'
import { checkPolicy } from './check.ts'
import { type CompiledPolicy, compilePolicy } from './compile.ts'
import { PolicyDocument } from './document.ts'

/** A policy and the seals of the authorities that put it in force. */
export const SignedPolicy = z.strictObject({
  policy: PolicyDocument,
  signatures: z.array(z.string()).readonly(),
})
export type SignedPolicy = z.infer<typeof SignedPolicy>

export type PolicyCode =
  | 'POLICY_FORM'
  | 'POLICY_INVALID'
  | 'POLICY_UNSIGNED'
  | 'POLICY_SIGNATURE'
  | 'POLICY_DIGEST'
  | 'POLICY_NATION'

/** A policy file that must not be decided with. */
export class PolicyError extends Error {
  override readonly name = 'PolicyError'
  readonly code: PolicyCode
  constructor(code: PolicyCode, message: string) {
    super(message)
    this.code = code
  }
}

/** What an authority signs, as JWS of type `policySealType`: rules and text stay home. */
export function sealOf(document: PolicyDocument): PolicySeal {
  return sealOfCompiled(compilePolicy(document))
}

/** The same of a compiled policy or register. */
export const sealOfCompiled = ({
  nation,
  edition,
  digest,
  fromMs,
  untilMs,
}: Pick<CompiledPolicy, 'nation' | 'edition' | 'digest' | 'fromMs' | 'untilMs'>): PolicySeal => ({
  nation,
  edition,
  digest,
  from: fromMs,
  until: untilMs,
})

/**
 * Opens a signed policy file: sealed by at least `quorum` different authorities of its nation, and free of issues.
 * Every signature must verify: a file with one bad seal among enough good ones has been tampered with.
 * @param authorities certificates that the nation's root has signed
 * @param quorum distinct authority keys needed, at least 1
 * @throws {PolicyError} `POLICY_FORM`, `POLICY_NATION`, `POLICY_UNSIGNED`, `POLICY_SIGNATURE`, `POLICY_DIGEST` (a seal over another
 * policy), `POLICY_INVALID` (`checkPolicy` finds issues)
 */
export function openPolicy(
  file: unknown,
  authorities: readonly AuthorityCertificate[],
  verify: Verify,
  quorum: number,
): CompiledPolicy {
  const parsed = SignedPolicy.safeParse(file)
  if (!parsed.success) throw new PolicyError('POLICY_FORM', z.prettifyError(parsed.error))
  const { policy: document, signatures } = parsed.data
  const policy = compilePolicy(document)
  const sealed = { type: policySealType, what: 'policy', seal: sealOfCompiled(policy) } as const
  openSeals(sealed, signatures, authorities, verify, quorum)
  const issue = checkPolicy(document)[0]
  if (issue !== undefined)
    throw new PolicyError('POLICY_INVALID', `${issue.code} at ${issue.place}: ${issue.message}`)
  return policy
}

/** What authorities have sealed: `what` names it in messages. */
export interface Sealed {
  readonly type: string
  readonly what: 'policy' | 'register'
  readonly seal: PolicySeal
}

/**
 * Checks the seals of an edition: at least `quorum` different authorities of its nation, and no bad one among them.
 * @throws {PolicyError} `POLICY_NATION`, `POLICY_UNSIGNED`, `POLICY_SIGNATURE`, `POLICY_DIGEST`
 */
export function openSeals(
  sealed: Sealed,
  signatures: readonly string[],
  authorities: readonly AuthorityCertificate[],
  verify: Verify,
  quorum: number,
): void {
  const { seal, what } = sealed
  const foreign = authorities.find(({ nation }) => nation !== seal.nation)
  if (foreign !== undefined)
    throw new PolicyError(
      'POLICY_NATION',
      `an authority of ${foreign.nation} cannot seal a ${what} of ${seal.nation}`,
    )
  const signers = new Set(signatures.map((jws) => signerOf(jws, sealed, authorities, verify)))
  if (signers.size < Math.max(1, quorum))
    throw new PolicyError(
      'POLICY_UNSIGNED',
      `${what} edition ${seal.edition} of ${seal.nation} has ${signers.size} seals of the ${Math.max(1, quorum)} it needs`,
    )
}

/** @returns the key that made the seal */
function signerOf(
  jws: string,
  { type, what, seal }: Sealed,
  authorities: readonly AuthorityCertificate[],
  verify: Verify,
): string {
  for (const { key } of authorities) {
    let payload: unknown
    try {
      payload = openJws(jws, type, keyBytes(key), verify)
    } catch {
      continue
    }
    const said = PolicySeal.safeParse(payload)
    if (!said.success || digestOf(said.data) !== digestOf(seal))
      throw new PolicyError(
        'POLICY_DIGEST',
        `a seal of ${what} edition ${seal.edition} of ${seal.nation} is over another ${what}`,
      )
    return key
  }
  throw new PolicyError(
    'POLICY_SIGNATURE',
    `a seal of ${what} edition ${seal.edition} of ${seal.nation} is not of any of its authorities`,
  )
}
