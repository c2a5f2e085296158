import {
  type AuthorityCertificate,
  type PolicySeal,
  registerSealType,
  type Verify,
} from '@entente/schema'
import { z } from 'zod'
import { openSeals, PolicyError, sealOfCompiled } from '../seal.ts'
import { checkRegister } from './check.ts'
import { type CompiledRegister, compileRegister } from './compile.ts'
import { RegisterDocument } from './document.ts'

/** A register and the seals of the authorities that put it in force. */
export const SignedRegister = z.strictObject({
  register: RegisterDocument,
  signatures: z.array(z.string()).readonly(),
})
export type SignedRegister = z.infer<typeof SignedRegister>

/** What an authority signs, as JWS of type `registerSealType`: the agreements stay home. */
export const registerSealOf = (document: RegisterDocument): PolicySeal =>
  sealOfCompiled(compileRegister(document))

/**
 * Opens a signed register: sealed by at least `quorum` different authorities of its nation, and free of issues; every consent and
 * withdrawal in it by its supplier's own key.
 * @throws {PolicyError} `POLICY_FORM`, `POLICY_NATION`, `POLICY_UNSIGNED`, `POLICY_SIGNATURE`, `POLICY_DIGEST`, `POLICY_INVALID`
 */
export function openRegister(
  file: unknown,
  authorities: readonly AuthorityCertificate[],
  verify: Verify,
  quorum: number,
): CompiledRegister {
  const parsed = SignedRegister.safeParse(file)
  if (!parsed.success) throw new PolicyError('POLICY_FORM', z.prettifyError(parsed.error))
  const register = compileRegister(parsed.data.register)
  const sealed = {
    type: registerSealType,
    what: 'register',
    seal: sealOfCompiled(register),
  } as const
  openSeals(sealed, parsed.data.signatures, authorities, verify, quorum)
  const issue = checkRegister(parsed.data.register, verify)[0]
  if (issue !== undefined)
    throw new PolicyError('POLICY_INVALID', `${issue.code} at ${issue.place}: ${issue.message}`)
  return register
}
