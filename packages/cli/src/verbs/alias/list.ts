import { z } from 'zod'
import { relationWords } from '../../relation-words.ts'
import { formatTable, formatTime } from '../../text.ts'
import { defineVerb } from '../../verb.ts'

export const aliasListVerb = defineVerb({
  name: 'alias list',
  arguments: '[text]',
  purpose:
    'List what was decided of names, and every decision with who made it or took it back, when and why.',
  example: 'alias list raytheon',
  where: 'in the demo, at the USA’s node',
  next: 'entente alias unlink NAME --from NAME takes one back',
  input: z.strictObject({ text: z.string().optional() }),
  run: async ({ atNode, io }, { text }) => {
    const { standing, history } = await atNode((api) =>
      api.aliasList(text === undefined ? {} : { text }),
    )
    const holds = standing.map(({ name, relation, other }) => [
      name,
      relationWords[relation],
      other,
    ])
    const changes = history.map((each) => [
      formatTime(each.atMs),
      each.author,
      each.supplier,
      each.values.length === 0
        ? `${each.field}: taken back`
        : `${each.field}: ${each.values.join('; ')}`,
      each.reason,
    ])
    return {
      json: { standing, history },
      text: `${formatTable(['name', '', 'name'], holds, io)}\n\n${formatTable(['at', 'by', 'supplier', 'decided', 'reason'], changes, io)}`,
    }
  },
})
