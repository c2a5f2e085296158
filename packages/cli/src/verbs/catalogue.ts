import { formatSelector } from '@entente/schema'
import { z } from 'zod'
import type { Io } from '../io.ts'
import { formatTable, formatTime } from '../text.ts'
import { defineVerb } from '../verb.ts'

export const catalogueVerb = defineVerb({
  name: 'catalogue',
  purpose:
    'Show what partners offer this nation: datasets, with kinds and topics to ask for. A partner that was never asked is asked now.',
  options: [{ flags: '--from <nation>', purpose: 'only of this partner' }],
  example: 'catalogue --from CAN',
  next: 'entente subscribe DATASET --from NATION',
  input: z.strictObject({ from: z.string().optional() }),
  run: async ({ atNode, io }, { from }) => {
    const { catalogues, asked } = await atNode((api) =>
      api.catalogue(from === undefined ? {} : { from }),
    )
    const askedOf = (nation: string, dataset: string): string =>
      asked
        .filter((each) => each.from === nation && each.dataset === dataset)
        .flatMap(({ selection }) => selection.map((part) => formatSelector(part) || 'all'))
        .join('; ')
    const parts = catalogues.map(({ nation, atMs, datasets }) => {
      if (atMs === null)
        return `${nation} has been asked and has not answered yet: run this again in a minute, or see entente status`
      if (datasets.length === 0) return `${nation} offers us nothing, said on ${formatTime(atMs)}`
      const rows = datasets.map(({ dataset, title, description, steward, kinds, topics }) => [
        dataset,
        description === undefined ? title : `${title}: ${description}`,
        steward ?? '-',
        kinds.join(', '),
        topics.join(', ') || '-',
        askedOf(nation, dataset) || 'nothing',
      ])
      return `${nation} offers, said on ${formatTime(atMs)}:\n${table(rows, io)}`
    })
    return { json: { catalogues, asked }, text: parts.join('\n\n') || 'there is no partner yet' }
  },
})

const table = (rows: readonly (readonly string[])[], io: Io): string =>
  formatTable(['dataset', 'what it is', 'steward', 'kinds', 'topics', 'we ask for'], rows, io)
