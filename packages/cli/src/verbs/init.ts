import { resolve } from 'node:path'
import { initNode } from '@entente/node'
import { toHex } from '@entente/schema'
import { z } from 'zod'
import { fingerprintWords } from '../fingerprint.ts'
import { defineVerb } from '../verb.ts'

const EXERCISE = 'EXERCISE: public facts, invented labels and policies'

export const initVerb = defineVerb({
  name: 'init',
  purpose: 'Make a node: its folder, keys and certificates. Overwrites nothing.',
  options: [
    { flags: '--nation <code>', purpose: 'ISO 3166-1 alpha-3 code' },
    { flags: '--org <name>', purpose: 'organisation that runs the node' },
    { flags: '--listen <host:port>', purpose: 'address to listen on (else 127.0.0.1:4470)' },
    { flags: '--endpoint <host:port>', purpose: 'address partners dial, if another', repeat: true },
    {
      flags: '--keys <dir>',
      purpose: 'where root, authority and officer keys go (else FOLDER-keys)',
    },
    {
      flags: '--authorities <n>',
      purpose: 'policy authorities, each with a key (else 1); what widens needs two of several',
    },
    { flags: '--policy-quorum <n>', purpose: 'how many of them sign every policy (else 1)' },
    { flags: '--origin <origin>', purpose: 'origin of the release log' },
    { flags: '--name <name>', purpose: 'name of the node in its certificate' },
    { flags: '--exercise [text]', purpose: 'mark every table and export as an exercise' },
  ],
  example: 'init --nation NOR --org "Norwegian Defence Materiel Agency" --listen 192.0.2.7:4470',
  next: 'entente serve, then entente partner invite NATION; and take the root key off this computer.',
  input: z.strictObject({
    nation: z.string({ error: 'name it with --nation, such as NOR' }),
    org: z.string({ error: 'name it with --org' }).min(1),
    listen: z.string().default('127.0.0.1:4470'),
    endpoint: z.array(z.string()).default([]),
    keys: z.string().optional(),
    authorities: z.coerce.number().int().min(1).max(9).default(1),
    policyQuorum: z.coerce.number().int().min(1).max(9).default(1),
    origin: z.string().optional(),
    name: z.string().optional(),
    exercise: z.union([z.literal(true), z.string().startsWith('EXERCISE')]).optional(),
  }),
  run: (
    { folder },
    { nation, org, listen, endpoint, keys, authorities, policyQuorum, origin, name, exercise },
  ) => {
    const made = initNode({
      folder: resolve(folder),
      keysDir: resolve(keys ?? `${folder}-keys`),
      nation,
      organisation: org,
      listen,
      authorities,
      policyQuorum,
      ...(endpoint.length > 0 && { endpoints: endpoint }),
      ...(origin !== undefined && { origin }),
      ...(name !== undefined && { name }),
      ...(exercise !== undefined && { exercise: exercise === true ? EXERCISE : exercise }),
    })
    const { root, ...paths } = made
    const words = fingerprintWords(root)
    return {
      json: { ...paths, root: toHex(root), words },
      text: [
        `A node of ${nation} is ready in ${made.folder}`,
        `Log:            ${made.origin}`,
        `Root key:       ${made.rootKeyPath} (keep it offline)`,
        ...made.authorityKeyPaths.map(
          (path) => `Authority key:  ${path} (signs policies; never lies on the node)`,
        ),
        `Officer key:    ${made.officerKeyPath} (approves releases; never lies on the node)`,
        `Fingerprint:    ${words}`,
        '',
        'Next: entente serve, and in another terminal: entente partner invite NATION',
        `Then: take ${made.rootKeyPath} off this computer.`,
      ].join('\n'),
    }
  },
})
