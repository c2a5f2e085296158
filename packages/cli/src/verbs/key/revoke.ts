import { connectControl, pathsOf, revokeKey } from '@entente/node'
import { z } from 'zod'
import { writeTextFile } from '../../files.ts'
import { byRoot, rootOptions } from '../../root/by-root.ts'
import { defineVerb } from '../../verb.ts'

export const keyRevokeVerb = defineVerb({
  name: 'key revoke',
  purpose:
    'Take a statement key back, from the leaf after its last good one on. Counts at once wherever it is heard.',
  options: [
    ...rootOptions,
    { flags: '--last-good <leaf>', purpose: 'last leaf that still counts, or none' },
    { flags: '--reason <text>', purpose: 'why; partners and auditors read it' },
    { flags: '--key <key>', purpose: 'which key (else the one of the last good leaf)' },
    { flags: '--out <file>', purpose: 'write it to a file too, which anybody may carry' },
  ],
  example: 'key revoke --root NOR.root.pem --last-good 4711 --reason "laptop stolen"',
  next: 'entente key rotate --now, then a new roster that every nation signs and installs',
  input: z.strictObject({
    root: z.string().optional(),
    rootCsr: z.string().optional(),
    lastGood: z.union([z.literal('none'), z.coerce.number().int().min(0)], {
      error: 'name the last good leaf with --last-good, or none',
    }),
    reason: z.string({ error: 'say why with --reason' }).min(1).max(200),
    key: z.string().optional(),
    out: z.string().optional(),
  }),
  run: ({ folder, io }, { root, rootCsr, lastGood, reason, key, out }) =>
    byRoot(
      { folder, root, rootCsr, nowMs: io.nowMs(), takesBack: true },
      (rootKey) =>
        revokeKey(folder, rootKey, {
          lastGood: lastGood === 'none' ? null : lastGood,
          reason,
          atMs: Date.now(),
          key,
        }),
      async (revoked) => {
        if (out !== undefined) writeTextFile(out, `${revoked.seal}\n`)
        const running = await connectControl(pathsOf(folder).socket)
        await running?.revocationTake({ seals: [revoked.seal] })
        return {
          json: { ...revoked, told: running !== null },
          text: [
            `Key ${revoked.key} is revoked ${revoked.lastGood === null ? 'altogether' : `after leaf ${revoked.lastGood}`}. It cannot be taken back.`,
            running === null
              ? 'No node runs here to tell partners: give them the file of --out, for `entente key revocation FILE`.'
              : 'The running node has told the partners it reaches, and they tell theirs.',
            'Whoever hears it hangs up on a node whose present key it is, refuses later leaves, and hides what it had admitted of them.',
            `Next: entente key rotate --now, then build a roster with ${revoked.nationFilePath} under a higher --number, have every nation sign it, install it.`,
          ].join('\n'),
        }
      },
    ),
})
