import { supplierSigner } from '@entente/node'
import { WithdrawalSentence, withdrawalSealType } from '@entente/policy'
import { signJws, toBase64url } from '@entente/schema'
import { z } from 'zod'
import { CliError } from '../../cli-error.ts'
import { mustExist, readJsonFile, writeJsonFile } from '../../files.ts'
import { defineVerb } from '../../verb.ts'
import { SupplierFile } from './consent-file.ts'

export const registerWithdrawVerb = defineVerb({
  name: 'register withdraw',
  arguments: '<file>',
  purpose:
    'For a supplier: take a sealed consent back from a day on, with the key that sealed it. Works offline.',
  options: [
    { flags: '--from <date>', purpose: 'first moment at which it counts no more: 2026-10-01' },
    { flags: '--key <file>', purpose: 'your own key (PEM)' },
    { flags: '--out <file>', purpose: 'sealed withdrawal to write (else FILE.withdrawn.json)' },
  ],
  example: 'register withdraw acme-1.sealed.json --from 2026-10-01 --key acme.pem',
  next: 'send the sealed file to the nation’s authority, who takes it with entente register add',
  input: z.strictObject({
    file: z.string(),
    from: z.string({ error: 'say from which day with --from' }),
    key: z.string({ error: 'name your key with --key' }),
    out: z.string().optional(),
  }),
  run: (_, { file, from, key, out = file.replace(/(\.sealed)?(\.json)?$/, '.withdrawn.json') }) => {
    const given = SupplierFile.safeParse(readJsonFile(file))
    if (!given.success || !('consent' in given.data))
      throw new CliError(
        'FILE_FORM',
        `${file} is no sealed consent; entente register consent makes one`,
      )
    // A withdrawal is by the key that consented: none is made here.
    mustExist(key)
    const signer = supplierSigner(key)
    const { nation, consent } = given.data
    const publicKey = toBase64url(signer.publicKey)
    if (publicKey !== given.data.key)
      throw new CliError('FILE_FORM', `${file} was sealed by another key than ${key}`)
    const said = WithdrawalSentence.safeParse({
      nation,
      supplier: consent.supplier,
      consent: consent.id,
      from,
    })
    if (!said.success) throw new CliError('USAGE', `--from ${from} is no date; write 2026-10-01`)
    const seal = signJws(withdrawalSealType, said.data, signer.sign)
    const { nation: _nation, ...withdrawal } = said.data
    writeJsonFile(out, { nation, key: publicKey, withdrawal: { ...withdrawal, seal } })
    return {
      json: { file: out, consent: consent.id, from },
      text: `${out}: consent ${consent.id} of ${consent.supplier} to ${nation} is taken back from ${from}.\nNext: send ${out} to the authority of ${nation}`,
    }
  },
})
