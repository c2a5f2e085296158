import { verifyEd25519 } from '@entente/node'
import { type Consent, checkRegister, PolicyError } from '@entente/policy'
import { z } from 'zod'
import { readAuthorityFile, registerKind, soundDocument } from '../../authority-file.ts'
import { CliError } from '../../cli-error.ts'
import { readJsonFile, writeJsonFile } from '../../files.ts'
import { defineVerb } from '../../verb.ts'
import { SupplierFile } from './consent-file.ts'

export const registerAddVerb = defineVerb({
  name: 'register add',
  arguments: '<register> <file>',
  purpose:
    'For an authority: put a supplier’s sealed consent or withdrawal into the register, as its next edition. The register must name the supplier with its key. Works offline.',
  options: [{ flags: '--out <file>', purpose: 'register to write, unsigned (else REGISTER)' }],
  example: 'register add USA.register.json acme-1.sealed.json',
  next: 'entente register sign REGISTER, then entente register install',
  input: z.strictObject({ register: z.string(), file: z.string(), out: z.string().optional() }),
  run: (_, { register: path, file, out = path }) => {
    const register = soundDocument(readAuthorityFile(registerKind, path))
    const parsed = SupplierFile.safeParse(readJsonFile(file))
    if (!parsed.success)
      throw new CliError(
        'FILE_FORM',
        `${file} is neither a sealed consent nor a withdrawal; entente register consent makes one`,
      )
    const given = parsed.data
    if (given.nation !== register.nation)
      throw new CliError(
        'FILE_FORM',
        `${file} is a word to ${given.nation}, and ${path} is the register of ${register.nation}`,
      )
    const consents =
      'consent' in given
        ? withConsent(register.consents ?? [], given.consent)
        : withdrawn(register.consents ?? [], given.withdrawal, file, path)
    const next = { ...register, edition: register.edition + 1, consents }
    const [issue] = checkRegister(next, verifyEd25519)
    if (issue !== undefined)
      throw new PolicyError('POLICY_INVALID', `${issue.code} at ${issue.place}: ${issue.message}`)
    writeJsonFile(out, next)
    const what =
      'consent' in given ? `consent ${given.consent.id}` : `the end of ${given.withdrawal.consent}`
    return {
      json: { file: out, edition: next.edition, consents: consents.length },
      text: `${out}: edition ${next.edition} with ${what}, not signed yet.\nNext: entente register sign ${out} --key AUTHORITY.pem`,
    }
  },
})

/** A consent takes the place of an older one of its id; the same once more stays as it is, ended or not. */
const withConsent = (consents: readonly Consent[], consent: Consent) =>
  consents.some(({ seal }) => seal === consent.seal)
    ? consents
    : [...consents.filter(({ id }) => id !== consent.id), consent]

function withdrawn(
  consents: readonly Consent[],
  { consent: id, from, seal }: Extract<SupplierFile, { withdrawal: unknown }>['withdrawal'],
  file: string,
  path: string,
): readonly Consent[] {
  if (!consents.some((consent) => consent.id === id))
    throw new CliError('FILE_FORM', `${file} takes ${id} back, which ${path} does not have`)
  return consents.map((consent) =>
    consent.id === id ? { ...consent, withdrawn: { from, seal } } : consent,
  )
}
