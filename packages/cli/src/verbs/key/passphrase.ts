import { changePassphrase, setPassphraseSource } from '@entente/node'
import { z } from 'zod'
import { createPassphraseSource } from '../../passphrase-source.ts'
import { defineVerb } from '../../verb.ts'

export const keyPassphraseVerb = defineVerb({
  name: 'key passphrase',
  purpose: 'Change the passphrase of the keys of this node, or of one key file.',
  options: [
    { flags: '--key <file>', purpose: 'a key that lies elsewhere, such as the root’s' },
    {
      flags: '--new-passphrase-fd <n>',
      purpose: 'read the new one from this descriptor (else asked for)',
    },
  ],
  example: 'key passphrase --key NOR.root.pem',
  next: 'forget the old passphrase, and destroy every copy of the files that it opens',
  input: z.strictObject({ key: z.string().optional(), newPassphraseFd: z.string().optional() }),
  run: ({ folder, io, passphraseFd }, { key, newPassphraseFd }) => {
    // The old one comes from where every verb has it, the new one from elsewhere: two descriptors, or the terminal; never the credential, which opens them now.
    const { open } = createPassphraseSource(io, passphraseFd)
    const { create } = createPassphraseSource({ ...io, env: {} }, newPassphraseFd)
    setPassphraseSource({ open, create })
    const at = key === undefined ? { folder } : { file: key }
    changePassphrase(at)
    return {
      json: { ...at },
      text: `${key ?? 'The keys of this node'}: under the new passphrase.`,
    }
  },
})
