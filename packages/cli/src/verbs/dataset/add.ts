import { writeFileSync } from 'node:fs'
import { setInYaml } from '@entente/node'
import { PolicyDocument } from '@entente/policy'
import { Caveat, Classification, DatasetName } from '@entente/schema'
import { z } from 'zod'
import { policyKind, readAuthorityFile } from '../../authority-file.ts'
import { CliError } from '../../cli-error.ts'
import { readText } from '../../files.ts'
import { defineVerb, type Verb } from '../../verb.ts'

/** `SECRET//NOFORN`: the least that a field which nobody has marked is marked. */
const DefaultLabel = z.string().transform((text, context) => {
  const [classification, ...caveats] = text.split('//').map((part) => part.trim())
  const parsed = z
    .strictObject({ classification: Classification, caveats: z.array(Caveat) })
    .safeParse({ classification, caveats })
  if (parsed.success) return parsed.data
  context.addIssue({
    code: 'custom',
    message: `${text} is no default label: write it as RESTRICTED or SECRET//NOFORN; to whom it may go, labels and rules say`,
  })
  return z.NEVER
})

const define = (action: 'add' | 'edit', purpose: string): Verb =>
  defineVerb({
    name: `dataset ${action}`,
    arguments: '<dataset>',
    purpose,
    options: [
      {
        flags: '--policy <file>',
        purpose: 'policy as written, YAML or JSON; it is changed in place',
      },
      { flags: '--title <text>', purpose: 'what partners read first' },
      { flags: '--description <text>', purpose: 'what it holds, in a sentence or two' },
      { flags: '--steward <text>', purpose: 'office that answers for it' },
      {
        flags: '--mode <mode>',
        purpose: 'live: what is permitted goes at once; manual: when an officer runs a plan',
      },
      {
        flags: '--label <label>',
        purpose: 'the least that an unmarked new field is marked, as SECRET//NOFORN',
      },
    ],
    example: `dataset ${action} spares --policy NOR.yaml --title "Spare parts" --steward "Logistics staff"`,
    next: 'raise its edition, then entente policy check FILE and entente policy sign FILE',
    input: z.strictObject({
      dataset: z.string(),
      policy: z.string({ error: 'name the policy file with --policy' }),
      title: z.string().min(1).max(200).optional(),
      description: z.string().min(1).max(1_000).optional(),
      steward: z.string().min(1).max(200).optional(),
      mode: z.enum(['live', 'manual'], { error: 'is live or manual' }).optional(),
      label: DefaultLabel.optional(),
    }),
    run: (_, { dataset, policy: file, ...given }) => {
      if (!DatasetName.safeParse(dataset).success)
        throw new CliError(
          'USAGE',
          `${dataset} is no name of a dataset: lower-case letters, digits and hyphens, a letter first`,
        )
      const { document, signatures } = readAuthorityFile(policyKind, file)
      if (signatures.length > 0)
        throw new CliError(
          'USAGE',
          `${file} is signed: change the policy as it was written before, and sign that`,
        )
      const before = PolicyDocument.shape.datasets.safeParse(
        (document as { readonly datasets?: unknown } | null)?.datasets ?? {},
      )
      if (!before.success)
        throw new CliError(
          'FILE_FORM',
          `${file}: its datasets are malformed: entente policy check ${file}`,
        )
      const known = Object.hasOwn(before.data, dataset)
      if (action === 'add' && known)
        throw new CliError(
          'USAGE',
          `${file} has a dataset ${dataset} already: entente dataset edit`,
        )
      if (action === 'edit' && !known)
        throw new CliError(
          'DATASET_UNKNOWN',
          `${file} has no dataset ${dataset}; it has ${Object.keys(before.data).join(', ') || 'none'}`,
        )
      if (action === 'add' && given.title === undefined)
        throw new CliError('USAGE', 'give it a title with --title: partners read it')
      const members = Object.fromEntries(
        Object.entries({ ...(action === 'add' && { mode: 'manual' }), ...given }).filter(
          ([, value]) => value !== undefined,
        ),
      )
      writeFileSync(file, setInYaml(readText(file), ['datasets', dataset], members))
      return {
        json: { file, dataset, ...members },
        text: `${file}: ${dataset} ${action === 'add' ? 'added' : 'changed'}. Nothing is in force yet: raise its edition, check and sign it.`,
      }
    },
  })

export const datasetAddVerb = define(
  'add',
  'Name a dataset in a policy file: title, description, steward, default label. Works offline.',
)
export const datasetEditVerb = define(
  'edit',
  'Change how a policy file describes a dataset. Works offline.',
)
