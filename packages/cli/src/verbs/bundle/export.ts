import { resolve } from 'node:path'
import { Nation } from '@entente/schema'
import { z } from 'zod'
import { count } from '../../text.ts'
import { defineVerb } from '../../verb.ts'

export const bundleExportVerb = defineVerb({
  name: 'bundle export',
  purpose:
    'Write all that a partner may have and does not have yet into one encrypted file, to be carried to it.',
  options: [
    { flags: '--to <nation>', purpose: 'who it is for: only that nation’s node can open it' },
    { flags: '-o, --out <file>', purpose: 'file to write (else NATION-DATE.bundle)' },
    { flags: '--force', purpose: 'write over the file' },
    { flags: '--offline', purpose: 'this node has no network: work without a running node' },
  ],
  example: 'bundle export --to NOR -o nor.bundle',
  next: 'carry the file to NOR, where: entente bundle import nor.bundle',
  input: z.strictObject({
    to: Nation,
    out: z.string().optional(),
    force: z.boolean().default(false),
    offline: z.boolean().default(false),
  }),
  run: async ({ io, atNode }, { to, out, force, offline }) => {
    const date = new Date(io.nowMs()).toISOString().slice(0, 10)
    const path = resolve(out ?? `${to}-${date}.bundle`)
    const given = await atNode((api) => api.bundleExport({ to, path, overwrite: force }), {
      offline,
    })
    const holds = [
      count(given.statements, 'statement'),
      count(given.bodies, 'body').replace('bodys', 'bodies'),
      ...(given.notices > 0 ? [`${count(given.notices, 'notice')} of what is taken back`] : []),
      ...(given.acknowledged > 0 ? [`acknowledges ${count(given.acknowledged, 'feed')}`] : []),
      ...(given.cosigns > 0 ? [`cosigns its log up to ${given.cosigns}`] : []),
      ...(given.asks > 0 ? [`asks to cosign ours up to ${given.asks}`] : []),
    ]
    const until = new Date(given.expiresMs).toISOString().slice(0, 10)
    return {
      json: { path, to, ...given },
      text: [
        `${path}: bundle ${given.number} for ${to}, ${given.bytes} bytes: ${holds.join('; ')}`,
        `It widens nothing after ${until}. What ${to} acknowledges comes back in a bundle of its own: entente bundle import FILE`,
      ].join('\n'),
    }
  },
})
