import { resolve } from 'node:path'
import { makeRecoveryKey } from '@entente/node'
import { z } from 'zod'
import { defineVerb } from '../../verb.ts'

export const backupKeyVerb = defineVerb({
  name: 'backup key',
  arguments: '<file>',
  purpose:
    'Make the recovery key, outside of the node’s folder, and have the node copy what opens its log, encrypted to that key, before it publishes.',
  options: [{ flags: '--to <dir>', purpose: 'folder for the copies, on another disk' }],
  example: 'backup key recovery.pem --to entente-backup',
  next: 'restart entente serve; take the key off this computer',
  input: z.strictObject({
    file: z.string(),
    to: z.string({ error: 'name the folder for the copies with --to' }),
  }),
  run: ({ folder }, { file, to }) => {
    const [keyPath, backupFolder] = [resolve(file), resolve(to)]
    const key = makeRecoveryKey({ folder, keyPath, backupFolder })
    return {
      json: { key, keyPath, backupFolder },
      text: `Recovery key:  ${keyPath} (keep it offline; without it the copies cannot be read)\nCopies go to:  ${backupFolder}`,
    }
  },
})
