import { supplierSigner } from '@entente/node'
import { ConsentSentence, consentSealType } from '@entente/policy'
import { signJws, toBase64url } from '@entente/schema'
import { z } from 'zod'
import { CliError } from '../../cli-error.ts'
import { readJsonFile, writeJsonFile } from '../../files.ts'
import { defineVerb } from '../../verb.ts'

export const registerConsentVerb = defineVerb({
  name: 'register consent',
  arguments: '<file>',
  purpose:
    'For a supplier: seal a consent to let a nation pass on what is in your confidence, with your own key; makes the key unless it is there. FILE (JSON) has id, supplier, recipients, uses, effective and expires; kinds, datasets, fields, records and roles limit it. Works offline.',
  options: [
    { flags: '--nation <nation>', purpose: 'the nation that gets the consent, such as USA' },
    { flags: '--key <file>', purpose: 'your own key (PEM); give it to nobody' },
    { flags: '--out <file>', purpose: 'sealed consent to write (else FILE with .sealed.json)' },
  ],
  example: 'register consent acme-1.json --nation USA --key acme.pem',
  next: 'send the sealed file to the nation’s authority, who takes it with entente register add',
  input: z.strictObject({
    file: z.string(),
    nation: z.string({ error: 'name the nation with --nation' }),
    key: z.string({ error: 'name your key with --key' }),
    out: z.string().optional(),
  }),
  run: (_, { file, nation, key, out = file.replace(/(\.json)?$/, '.sealed.json') }) => {
    const given = readJsonFile(file)
    const said = ConsentSentence.safeParse(
      typeof given === 'object' && given !== null ? { ...given, nation } : given,
    )
    if (!said.success) throw new CliError('FILE_FORM', `${file}: ${where(said.error)}`)
    const { nation: to, ...terms } = said.data
    if (!(terms.effective < terms.expires))
      throw new CliError('FILE_FORM', `${file}: expires must be after effective`)
    const signer = supplierSigner(key)
    const seal = signJws(consentSealType, said.data, signer.sign)
    const publicKey = toBase64url(signer.publicKey)
    writeJsonFile(out, { nation: to, key: publicKey, consent: { ...terms, seal } })
    return {
      json: { file: out, key: publicKey, consent: terms.id },
      text: [
        `${out}: consent ${terms.id} of ${terms.supplier} to ${to}, for ${terms.recipients.join(', ')}, until ${terms.expires}.`,
        `Your public key, which the authority compares with you: ${publicKey}`,
        `Next: send ${out} to the authority of ${to}; entente register withdraw takes it back`,
      ].join('\n'),
    }
  },
})

/** The first thing that is wrong, by the name of the member. */
function where({ issues: [issue] }: z.ZodError): string {
  const name = issue?.path.map(String).join('.') || 'the file'
  return `${name}: ${issue?.message}; a consent is {"id": "acme-1", "supplier": "acme", "recipients": ["GBR"], "uses": ["use"], "effective": "2026-01-01", "expires": "2027-01-01"}`
}
