import type { Preview } from '@entente/node'
import { z } from 'zod'
import type { Io } from '../../io.ts'
import { formatTable } from '../../text.ts'
import { defineVerb } from '../../verb.ts'

export const releasePreviewVerb = defineVerb({
  name: 'release preview',
  purpose: 'Show what is new for each nation, field by field with its rule. Sends nothing.',
  options: [
    { flags: '--dataset <name>', purpose: 'only this dataset' },
    { flags: '--to <nation>', purpose: 'only to this nation' },
    { flags: '--lines', purpose: 'name every record, not only totals' },
  ],
  example: 'release preview --to GBR --lines',
  next: 'entente release run --plan DIGEST releases exactly this',
  input: z.strictObject({
    dataset: z.string().optional(),
    to: z.string().optional(),
    lines: z.boolean().default(false),
  }),
  run: async ({ atNode, io }, { dataset, to, lines }) => {
    const request = {
      ...(dataset !== undefined && { dataset }),
      ...(to !== undefined && { recipient: to }),
    }
    const preview = await atNode((api) => api.preview(request))
    const parts = [totals(preview, io), ...(lines ? [details(preview, io)] : []), sayNext(preview)]
    return { json: { ...preview }, text: parts.join('\n\n') }
  },
})

function totals({ nations }: Preview, io: Io): string {
  return formatTable(
    ['to', 'puts', 'drops', 'fields', 'transformed', 'withheld fields', 'withheld records'],
    nations.map((n) => [
      n.nation,
      n.puts,
      n.drops,
      n.fields,
      n.transformed,
      n.withheldFields,
      n.withheldRecords,
    ]),
    io,
  )
}

function details({ nations }: Preview, io: Io): string {
  const rows = nations.flatMap(({ nation, lines }) =>
    lines.flatMap((line) => {
      const first = [nation, line.op, line.title]
      const withheld = line.withheld > 0 ? [[...first, `${line.withheld} withheld`, '', '']] : []
      const fields = line.fields.map(({ field, level, rules }) => [
        ...first,
        field,
        level,
        rules.join(', '),
      ])
      return line.op === 'drop' ? [[...first, '', '', '']] : [...fields, ...withheld]
    }),
  )
  return formatTable(['to', 'op', 'record', 'field', 'as', 'rules'], rows, io)
}

function sayNext({ plan, policyEdition }: Preview): string {
  if (policyEdition === null)
    return 'No policy is in force, so nothing may go. Next: entente policy install FILE'
  if (plan === null) return 'Nothing waits for release.'
  return `Plan ${plan}, by edition ${policyEdition} of the policy.\nNext: entente release run --plan ${plan}`
}
