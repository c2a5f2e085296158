import { mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { sayIssue } from '@entente/node'
import { exportCedar, PolicyDocument, SignedPolicy } from '@entente/policy'
import { z } from 'zod'
import { CliError } from '../../cli-error.ts'
import { readJsonFile } from '../../files.ts'
import { count } from '../../text.ts'
import { defineVerb } from '../../verb.ts'

export const policyExportVerb = defineVerb({
  name: 'policy export',
  arguments: '<file>',
  purpose:
    'Write the rows of a policy as Cedar policies and schema, for an auditor to ask another engine. Works offline.',
  options: [{ flags: '--cedar <dir>', purpose: 'folder to write into; made where it is missing' }],
  example: 'policy export examples/policies/NOR.json --cedar ./NOR-cedar',
  next: 'cedar validate --policies DIR/policies.cedar --schema DIR/schema.cedarschema',
  input: z.strictObject({
    file: z.string(),
    cedar: z.string({ error: 'name the folder to write into with --cedar' }).min(1),
  }),
  run: (_, { file, cedar }) => {
    const document = readPolicy(file)
    const { policies, staticPolicies, text, schema } = exportCedar(document)
    const directory = resolve(cedar)
    mkdirSync(directory, { recursive: true })
    const files = {
      'policies.cedar': text,
      'policies.json': `${JSON.stringify({ staticPolicies }, null, 2)}\n`,
      'schema.cedarschema': schema,
    }
    for (const [name, content] of Object.entries(files))
      writeFileSync(join(directory, name), content)
    const { nation, edition, rules } = document
    return {
      json: {
        directory,
        files: Object.keys(files),
        nation,
        edition,
        rows: rules.length,
        policies: policies.map(({ id, row, effect, part }) => ({ id, row, effect, part })),
      },
      text: `${directory}: ${count(rules.length, 'row')} of ${nation} edition ${edition} as Cedar permits, ${policies.length} in all. Ask which are satisfied, and take any error for a denial.`,
    }
  },
})

/** @throws {CliError} `FILE_FORM` naming the place */
function readPolicy(file: string): PolicyDocument {
  const input = readJsonFile(file)
  const signed = SignedPolicy.safeParse(input)
  const parsed = PolicyDocument.safeParse(signed.success ? signed.data.policy : input)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw new CliError(
    'FILE_FORM',
    `${file} is no policy: ${issue === undefined ? '' : sayIssue(issue)}; entente policy check names every fault`,
  )
}
