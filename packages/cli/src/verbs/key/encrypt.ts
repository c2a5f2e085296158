import { encryptKeys } from '@entente/node'
import { z } from 'zod'
import { defineVerb } from '../../verb.ts'

export const keyEncryptVerb = defineVerb({
  name: 'key encrypt',
  purpose: 'Encrypt the keys of this node, or one key file, under a passphrase.',
  options: [{ flags: '--key <file>', purpose: 'a key that lies elsewhere, such as the root’s' }],
  example: 'key encrypt --key NOR.root.pem',
  next: 'entente serve asks for it; unattended: --passphrase-fd N, or the systemd credential entente-passphrase',
  input: z.strictObject({ key: z.string().optional() }),
  run: ({ folder }, { key }) => {
    const files = encryptKeys(key === undefined ? { folder } : { file: key })
    return {
      json: { files },
      text: [
        ...files.map((file) => `Encrypted: ${file}`),
        'What lay on the disk before may be found there until it is written over, and in copies: make new keys if that matters (entente key rotate).',
      ].join('\n'),
    }
  },
})
