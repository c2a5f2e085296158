import { basename, extname } from 'node:path'
import { fileSource, pathsOf, readConfig, suggestMapping } from '@entente/node'
import { DatasetName, Kind, Nation } from '@entente/schema'
import { z } from 'zod'
import { EXIT } from '../../../exit-codes.ts'
import { mustExist } from '../../../files.ts'
import { tableInput, tableOf, tableOptions } from '../../../table-options.ts'
import { defineVerb } from '../../../verb.ts'

export const importMapSuggestVerb = defineVerb({
  name: 'import map suggest',
  arguments: '<file>',
  purpose:
    'Propose a mapping from the columns and sample values of a file, with remarks on what was guessed. It is yours to read and mend.',
  options: [
    { flags: '--kind <kind>', purpose: 'kind of record (else the one that fits best)' },
    { flags: '--dataset <name>', purpose: 'dataset the records belong to' },
    { flags: '--name <name>', purpose: 'name of the mapping (else the file’s)' },
    { flags: '--nation <code>', purpose: 'nation whose records they are (else that of the node)' },
    ...tableOptions,
  ],
  example: 'import map suggest examples/can/sites.json',
  next: 'write it to a file, mend it, entente import map check FILE',
  input: z.strictObject({
    file: z.string(),
    kind: Kind.optional(),
    dataset: DatasetName.optional(),
    name: z.string().optional(),
    nation: Nation.optional(),
    ...tableInput,
  }),
  run: async (session, { file, kind, dataset, name, nation, ...rest }) => {
    mustExist(file)
    const suggestion = await suggestMapping(fileSource(file, basename(file)), {
      name: name ?? nameOf(file),
      nation: nation ?? readConfig(pathsOf(session.folder).config).nation,
      today: new Date(session.io.nowMs()).toISOString().slice(0, 10),
      kind,
      dataset,
      table: tableOf(rest),
    })
    const { matches, key, keyIsUnique, kinds, text } = suggestion
    const nothing = matches.length === 0
    if (nothing)
      session.say(
        'no column could be told: the file has no rows that can be read, or its header is in another row (--header-row) or its cells are parted otherwise (--delimiter)',
      )
    const fields = matches.map(({ column, field, confidence }) => ({ column, field, confidence }))
    return {
      json: { kind: suggestion.kind, kinds, key, keyIsUnique, matches: fields, text },
      text: text.trimEnd(),
      exit: nothing ? EXIT.usage : EXIT.done,
    }
  },
})

const months =
  'jan(uary)?|feb(ruary)?|mar(ch)?|apr(il)?|may|june?|july?|aug(ust)?|sept?(ember)?|oct(ober)?|nov(ember)?|dec(ember)?'
/** Dates, years, quarters and months, standing by themselves. */
const dated = new RegExp(
  `(?<![a-z0-9])((fy)?(19|20)\\d{2}([-_. ]?(0[1-9]|1[0-2])([-_. ]?[0-3]\\d)?)?|[0-3]?\\d[-_. ][01]?\\d[-_. ](19|20)\\d{2}|q[1-4]|${months})(?![a-z0-9])`,
  'g',
)

/** A name that a mapping may have, from a file's; not from its date, for the sheet of next month has the same mapping. */
function nameOf(file: string): string {
  const name = basename(file, extname(file))
    .toLowerCase()
    .replace(dated, ' ')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+|-+$/g, '')
    .slice(0, 60)
  return name.replace(/-+$/, '') || 'table'
}
