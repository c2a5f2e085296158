import { resolve } from 'node:path'
import {
  digestOfRequest,
  type InitOptions,
  initNode,
  initNodeForRoot,
  joinNation,
  newPassphrase,
} from '@entente/node'
import { toHex } from '@entente/schema'
import { z } from 'zod'
import { CliError } from '../cli-error.ts'
import { refuseExisting, writeTextFile } from '../files.ts'
import { fingerprintWords } from '../fingerprint.ts'
import { sayDocument } from '../root/say-request.ts'
import { defineVerb, type Outcome } from '../verb.ts'

const EXERCISE = 'EXERCISE: public facts, invented labels and policies'

const PLAIN =
  'Keys lie unencrypted, readable by this user: entente key encrypt, and entente key encrypt --key FILE for those of persons.'

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
    {
      flags: '--join <file>',
      purpose: 'make a further node of the nation of this nation file; its root certifies it',
    },
    { flags: '--drafts', purpose: 'with --join: it only drafts, and has no log' },
    {
      flags: '--root-csr <file>',
      purpose:
        'make no root key: write what the root is to sign to this file, for entente root sign',
    },
    { flags: '--plain-keys', purpose: 'leave keys unencrypted, and ask for no passphrase' },
    { flags: '--exercise [text]', purpose: 'mark every table and export as an exercise' },
  ],
  example: 'init --nation NOR --org "Norwegian Defence Materiel Agency" --listen 192.0.2.7:4470',
  next: 'entente serve, then entente partner invite NATION; and take the root key off this computer.',
  input: z.strictObject({
    nation: z.string().optional(),
    org: z.string().min(1).optional(),
    join: z.string().optional(),
    drafts: z.literal(true).optional(),
    listen: z.string().default('127.0.0.1:4470'),
    endpoint: z.array(z.string()).default([]),
    keys: z.string().optional(),
    authorities: z.coerce.number().int().min(1).max(9).default(1),
    policyQuorum: z.coerce.number().int().min(1).max(9).default(1),
    origin: z.string().optional(),
    name: z.string().optional(),
    rootCsr: z.string().optional(),
    plainKeys: z.literal(true).optional(),
    exercise: z.union([z.literal(true), z.string().startsWith('EXERCISE')]).optional(),
  }),
  run: (
    { folder, io, say },
    {
      nation,
      org,
      listen,
      endpoint,
      keys,
      authorities,
      policyQuorum,
      origin,
      name,
      rootCsr,
      plainKeys,
      exercise,
      join,
      drafts,
    },
  ) => {
    const passphrase =
      plainKeys === true ? null : newPassphrase(`the keys of ${nation ?? name ?? 'this node'}`)
    if (join !== undefined)
      return joined({
        folder: resolve(folder),
        nationFile: resolve(join),
        listen,
        name: name ?? missing('name the new node with --name, such as "Laptop 1"'),
        ...(drafts && { drafts }),
        ...(endpoint.length > 0 && { endpoints: endpoint }),
        ...(origin !== undefined && { origin }),
        ...(passphrase !== null && { passphrase }),
        ...(exercise !== undefined && { exercise: exercise === true ? EXERCISE : exercise }),
      })
    if (drafts) missing('--drafts goes with --join: the first node of a nation releases')
    if (nation === undefined) return missing('name it with --nation, such as NOR')
    if (org === undefined) return missing('name it with --org')
    if (rootCsr !== undefined) refuseExisting(rootCsr)
    const options = {
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
      ...(passphrase !== null && { passphrase }),
      ...(exercise !== undefined && { exercise: exercise === true ? EXERCISE : exercise }),
    }
    if (rootCsr !== undefined) return askForRoot(options, rootCsr, io.nowMs(), say)
    const made = initNode(options)
    // Whoever asked for it knows.
    if (passphrase === null && plainKeys !== true) say(PLAIN)
    const { root, ...paths } = made
    const words = fingerprintWords(root)
    return {
      json: { ...paths, root: toHex(root), words, encrypted: passphrase !== null },
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

function missing(why: string): never {
  throw new CliError('USAGE', why)
}

function joined(options: Parameters<typeof joinNation>[0]): Outcome {
  const made = joinNation(options)
  const { nation, folder, origin, requestPath, root } = made
  const words = fingerprintWords(root)
  return {
    json: { ...made, root: toHex(root), words },
    text: [
      `A further node of ${nation} is ready in ${folder}`,
      origin === null ? 'It only drafts, and has no log.' : `Log:            ${origin}`,
      `Request:        ${requestPath}`,
      `Root of ${nation}:    ${words} (compare by voice)`,
      '',
      `Next, where the root key is: entente key certify-node ${requestPath} --root FILE`,
      'Then a new roster, installed at every node; then entente serve here.',
    ].join('\n'),
  }
}

/** The node is made, and waits for its root. */
function askForRoot(
  options: InitOptions,
  file: string,
  nowMs: number,
  say: (line: string) => void,
): Outcome {
  const { text, request, ...made } = initNodeForRoot(options, nowMs)
  writeTextFile(file, text)
  if (options.passphrase === undefined) say(PLAIN)
  const words = fingerprintWords(digestOfRequest(request))
  return {
    json: { ...made, request: file, words, encrypted: options.passphrase !== undefined },
    text: [
      `A node of ${made.nation} is made in ${made.folder}, and waits for its root.`,
      `${file} asks the root to`,
      ...request.documents.flatMap(sayDocument),
      ...made.authorityKeyPaths.map((path) => `Authority key:  ${path}`),
      `Officer key:    ${made.officerKeyPath}`,
      `Words:          ${words} (root sign shows the same)`,
      '',
      `Next: carry the file to the computer with the root key: entente root sign ${file} --root FILE`,
      'Then: bring the answer back: entente root install FILE',
    ].join('\n'),
  }
}
