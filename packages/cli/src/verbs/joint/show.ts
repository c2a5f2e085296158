import { pathsOf, readConfig } from '@entente/node'
import { z } from 'zod'
import { refuseExisting } from '../../files.ts'
import { formatDocument, headOptions, shortId, standingWords } from '../../joint/joint-text.ts'
import { ballotOf, writeBallot } from '../../joint/vote-files.ts'
import { formatTable } from '../../text.ts'
import { defineVerb } from '../../verb.ts'

export const jointShowVerb = defineVerb({
  name: 'joint show',
  arguments: '<document>',
  purpose: 'Show a joint document: who wrote what, who endorses it, and what was refused.',
  options: [
    {
      flags: '--out <file>',
      purpose: 'write it for `joint vote --from`, where an officer’s key is',
    },
  ],
  example: 'joint show 7Q2b',
  where: 'at a node that has such a document',
  next: 'entente joint vote DOCUMENT --endorse --key FILE --head HASH',
  input: z.strictObject({ document: z.string(), out: z.string().optional() }),
  run: async ({ atNode, folder, io }, { document: id, out }) => {
    if (out !== undefined) refuseExisting(out)
    const document = await atNode((api) => api.jointShow({ document: id }))
    const text = formatDocument(document, io)
    const { nation } = readConfig(pathsOf(folder).config)
    if (out === undefined)
      return {
        json: { document },
        text: document.terms.validators.includes(nation)
          ? `${text}\n\nNext, on just this: entente joint vote ${shortId(document.id)} --endorse --key FILE ${headOptions(document.heads)}`
          : text,
      }
    writeBallot(out, ballotOf(nation, document, text))
    return {
      json: { document, file: out },
      text: `${text}\n\n${out}: to be voted on as it stands now\nNext: where the officer’s key is, entente joint vote --from ${out} --endorse --key FILE --out VOTE`,
    }
  },
})

export const jointListVerb = defineVerb({
  name: 'joint list',
  purpose: 'List the documents that this nation writes with others, and how each stands.',
  example: 'joint list',
  next: 'entente joint show DOCUMENT',
  input: z.strictObject({}),
  run: async ({ atNode, io }) => {
    const documents = await atNode((api) => api.jointList())
    const rows = documents.map((each) => [
      shortId(each.id),
      each.title ?? 'without a title',
      each.terms.kind,
      each.terms.members.join(', '),
      standingWords(each),
    ])
    return {
      json: { documents },
      text: formatTable(['id', 'title', 'kind', 'members', 'stands'], rows, io),
    }
  },
})
