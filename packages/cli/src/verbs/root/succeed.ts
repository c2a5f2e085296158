import { readSigner, succeedRoot } from '@entente/node'
import { keyBytes, NationFile } from '@entente/schema'
import { z } from 'zod'
import { CliError } from '../../cli-error.ts'
import { EXIT } from '../../exit-codes.ts'
import { readJsonFile, refuseExisting, writeJsonFile } from '../../files.ts'
import { fingerprintWords } from '../../fingerprint.ts'
import { cleanField } from '../../text.ts'
import { defineVerb } from '../../verb.ts'

export const rootSucceedVerb = defineVerb({
  name: 'root succeed',
  arguments: '<nation-file>',
  purpose:
    'Give the place of a nation’s root to another key, where both are: each signs the other, and the new one signs every certificate again.',
  options: [
    { flags: '--root <file>', purpose: 'present root key of the nation (PEM)' },
    { flags: '--to <file>', purpose: 'the new root key (PEM), made by entente root init' },
    { flags: '--reason <text>', purpose: 'why; partners and auditors read it' },
    { flags: '--out <file>', purpose: 'nation file to write' },
    { flags: '--yes', purpose: 'sign without asking' },
  ],
  example:
    'root succeed NOR.nation.json --root NOR.root.pem --to new/NOR.root.pem --reason "ten years old" --out NOR.succeeded.json',
  next: 'at every node of the nation: entente root install NOR.succeeded.json',
  input: z.strictObject({
    nationFile: z.string(),
    root: z.string({ error: 'name the present root key with --root' }),
    to: z.string({ error: 'name the new root key with --to' }),
    reason: z.string({ error: 'say why with --reason' }).min(1).max(200),
    out: z.string({ error: 'name the file to write with --out' }),
    yes: z.literal(true).optional(),
  }),
  run: async ({ io, json, say }, { nationFile, root, to, reason, out, yes }) => {
    refuseExisting(out)
    const parsed = NationFile.safeParse(readJsonFile(nationFile))
    if (!parsed.success)
      throw new CliError(
        'FILE_FORM',
        `${nationFile} is no nation file: take NATION.nation.json out of the folder of the nation’s main node`,
      )
    const [old, next] = [readSigner(root), readSigner(to)]
    const { file, word } = succeedRoot(parsed.data, old, next, { atMs: io.nowMs(), reason })
    const { nation, organisation, certificates } = file
    const words = {
      from: fingerprintWords(keyBytes(word.from)),
      to: fingerprintWords(keyBytes(word.to)),
    }
    for (const line of [
      `${nation} (${cleanField(organisation)}): its root gives its place to another, because: ${cleanField(reason)}`,
      `  present root: ${words.from}`,
      `  new root:     ${words.to}`,
      `  ${certificates.length} certificates are signed again, word for word`,
      'A root names one successor. A second one proves that somebody else has the key: partners take neither then.',
    ])
      say(line)
    if (yes !== true && (await io.confirm('Sign it with both?')) !== true)
      return {
        json: { signed: null, words },
        text: json
          ? ''
          : 'Nothing was signed. At a terminal you are asked; else the same command with --yes signs it.',
        exit: EXIT.waiting,
      }
    writeJsonFile(out, file)
    return {
      json: { file: out, nation, succession: word, words, certificates: certificates.length },
      text: [
        `${out}: the new root of ${nation} is ${words.to}, as the old one has signed.`,
        'Keep the old key until a roster with the new root is in force; until then only the old one revokes and recalls. Then destroy every copy of it: it could still revoke.',
        `Next: at every node of ${nation}: entente root install ${out}`,
      ].join('\n'),
    }
  },
})
