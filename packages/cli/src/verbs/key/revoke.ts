import { readSigner, revokeKey } from '@entente/node'
import { z } from 'zod'
import { defineVerb } from '../../verb.ts'

export const keyRevokeVerb = defineVerb({
  name: 'key revoke',
  purpose: 'Take a statement key back, from the leaf after its last good one on.',
  options: [
    { flags: '--root <file>', purpose: 'root key of the nation (PEM)' },
    { flags: '--last-good <leaf>', purpose: 'last leaf that still counts, or none' },
    { flags: '--reason <text>', purpose: 'why; partners and auditors read it' },
    { flags: '--key <key>', purpose: 'which key (else the one of the last good leaf)' },
  ],
  example: 'key revoke --root NOR.root.pem --last-good 4711 --reason "laptop stolen"',
  next: 'entente key rotate --now, then a new roster that every nation signs and installs',
  input: z.strictObject({
    root: z.string({ error: 'name the root key with --root' }),
    lastGood: z.union([z.literal('none'), z.coerce.number().int().min(0)], {
      error: 'name the last good leaf with --last-good, or none',
    }),
    reason: z.string({ error: 'say why with --reason' }).min(1).max(200),
    key: z.string().optional(),
  }),
  run: ({ folder }, { root, lastGood, reason, key }) => {
    const revoked = revokeKey(folder, readSigner(root), {
      lastGood: lastGood === 'none' ? null : lastGood,
      reason,
      atMs: Date.now(),
      key,
    })
    return {
      json: { ...revoked },
      text: [
        `Key ${revoked.key} is revoked ${revoked.lastGood === null ? 'altogether' : `after leaf ${revoked.lastGood}`}, as soon as a roster that says so is installed.`,
        'Partners then refuse later leaves under it, and hide what they had admitted of them. It cannot be taken back.',
        `Next: entente key rotate --now, then build a roster with ${revoked.nationFilePath} under a higher --number, have every nation sign it, install it.`,
      ].join('\n'),
    }
  },
})
