import { writeFileSync } from 'node:fs'
import { pathsOf, readConfig } from '@entente/node'
import { formatIsoDate } from '@entente/policy'
import { Nation } from '@entente/schema'
import { z } from 'zod'
import { CliError } from '../../cli-error.ts'
import { refuseExisting } from '../../files.ts'
import { hasNode } from '../../policy-compare.ts'
import { templateNames } from '../../policy-templates/coalitions.ts'
import { fillTemplate } from '../../policy-templates/fill-template.ts'
import { defineVerb } from '../../verb.ts'

export const policyNewVerb = defineVerb({
  name: 'policy new',
  purpose:
    'Write a policy to begin with: commented YAML with tests, for you to change. Works offline; overwrites nothing.',
  options: [
    { flags: '--template <name>', purpose: `${templateNames.join(', ')}` },
    { flags: '--nation <code>', purpose: 'whose policy it is (else that of the node here)' },
    { flags: '--with <nations>', purpose: 'partners, with commas between (else all of the group)' },
    { flags: '--out <file>', purpose: 'file to write' },
  ],
  example: 'policy new --template bilateral --nation NOR --with DNK --out NOR.yaml',
  next: 'change it, then entente policy check FILE',
  input: z.strictObject({
    template: z.enum(templateNames, { error: `is one of ${templateNames.join(', ')}` }),
    nation: Nation.optional(),
    with: z
      .string()
      .transform((text) => text.split(',').map((part) => part.trim()))
      .pipe(z.array(Nation))
      .optional(),
    out: z.string({ error: 'name the file to write with --out' }),
  }),
  run: (session, { template, nation: named, with: partners = [], out }) => {
    const nation =
      named ?? (hasNode(session) ? readConfig(pathsOf(session.folder).config).nation : undefined)
    if (nation === undefined)
      throw new CliError('USAGE', 'say whose policy it is with --nation, such as --nation NOR')
    refuseExisting(out)
    const from = formatIsoDate(session.io.nowMs())
    const until = `${Number(from.slice(0, 4)) + 2}-01-01`
    const text = fillTemplate({ template, nation, partners: [...new Set(partners)], from, until })
    writeFileSync(out, text, { flag: 'wx' })
    return {
      json: { file: out, template, nation, from, until },
      text: `${out}: a policy of ${nation} to begin with, from ${from} until ${until}.\nRead it, change it to what has been agreed.\nNext: entente policy check ${out}`,
    }
  },
})
