import { writeFileSync } from 'node:fs'
import { parseRosterFile, pathsOf, tlogPolicyOf, verifyEd25519 } from '@entente/node'
import { Nation, openRoster } from '@entente/schema'
import { z } from 'zod'
import { readJsonFile } from '../../files.ts'
import { defineVerb } from '../../verb.ts'

export const logPolicyVerb = defineVerb({
  name: 'log policy',
  arguments: '<nation>',
  purpose:
    'Say whom to trust about the log of a nation, its key and its witnesses, as a file for tools of others (C2SP tlog-policy).',
  options: [
    { flags: '--roster <file>', purpose: 'roster that says it (else the installed one)' },
    { flags: '--out <file>', purpose: 'write the policy there, byte for byte' },
  ],
  example: 'log policy GBR --out gbr.tlog-policy',
  next: 'entente log prove INDEX --out FILE gives what such a tool checks',
  input: z.strictObject({
    nation: Nation,
    roster: z.string().min(1).optional(),
    out: z.string().min(1).optional(),
  }),
  run: ({ folder }, { nation, roster: file = pathsOf(folder).roster, out }) => {
    const given = parseRosterFile(readJsonFile(file))
    const policy = tlogPolicyOf(nation, openRoster(given, verifyEd25519))
    if (out !== undefined) writeFileSync(out, policy, { flag: 'wx' })
    return {
      json: { nation, policy, ...(out !== undefined && { out }) },
      text:
        out === undefined ? policy.trimEnd() : `${out}: whom to trust about the log of ${nation}`,
      exercise: given.exercise ?? null,
    }
  },
})
