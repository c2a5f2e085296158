import { z } from 'zod'
import { CliError } from '../../cli-error.ts'
import { formatTable } from '../../text.ts'
import { defineVerb } from '../../verb.ts'

export const datasetListVerb = defineVerb({
  name: 'dataset list',
  purpose: 'List this nation’s datasets as the policy in force names them, and who asks for them.',
  example: 'dataset list',
  next: 'entente dataset add NAME --policy FILE, where one is missing',
  input: z.strictObject({}),
  run: async ({ atNode, io }) => {
    const { datasets } = await atNode((api) => api.datasetList())
    const rows = datasets.map(({ dataset, title, mode, steward, records, asked }) => [
      dataset,
      title ?? 'not named by the policy: nothing of it goes to anybody',
      mode ?? '-',
      steward ?? '-',
      records,
      [...new Set(asked.map(({ nation }) => nation))].join(' ') || '-',
    ])
    return {
      json: { datasets },
      text:
        rows.length === 0
          ? 'there is no dataset yet: name one in the policy with `entente dataset add`, or give one to `entente record add`'
          : formatTable(['dataset', 'title', 'mode', 'steward', 'records', 'asked by'], rows, io),
    }
  },
})

export const datasetShowVerb = defineVerb({
  name: 'dataset show',
  arguments: '<dataset>',
  purpose:
    'Show one dataset: what it is, who answers for it, how it is marked, and who asks for what of it.',
  example: 'dataset show production',
  next: 'entente release preview --dataset DATASET',
  input: z.strictObject({ dataset: z.string() }),
  run: async ({ atNode, io }, { dataset }) => {
    const { datasets } = await atNode((api) => api.datasetList())
    const found = datasets.find((each) => each.dataset === dataset)
    if (found === undefined)
      throw new CliError(
        'DATASET_UNKNOWN',
        `there is no dataset ${dataset}; there are ${datasets.map((each) => each.dataset).join(', ') || 'none'}`,
      )
    const { title, description, steward, mode, label, records, kinds, asked } = found
    const marked =
      label === undefined
        ? 'each field by its class'
        : `at least ${[label.classification, ...label.caveats].join('//')}`
    const lines = [
      ['Title', title ?? '- (the policy in force does not name it: nothing of it goes)'],
      ['What it is', description ?? '-'],
      ['Steward', steward ?? '-'],
      [
        'Releases',
        mode === 'live'
          ? 'at once what the policy permits'
          : mode === null
            ? '-'
            : 'when an officer runs a plan',
      ],
      ['Marked', `${marked}, where nobody says more`],
      ['Records', `${records}${kinds.length > 0 ? `: ${kinds.join(', ')}` : ''}`],
      ['Asked by', asked.map(({ nation, words }) => `${nation} (${words})`).join(', ') || 'nobody'],
    ]
    return { json: { ...found }, text: formatTable(['', ''], lines, io).trimStart() }
  },
})
