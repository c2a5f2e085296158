import { z } from 'zod'
import { formatDocument, shortId, standingWords } from '../../joint/joint-text.ts'
import { formatTable } from '../../text.ts'
import { defineVerb } from '../../verb.ts'

export const jointShowVerb = defineVerb({
  name: 'joint show',
  arguments: '<document>',
  purpose: 'Show a joint document: who wrote what, who endorses it, and what was refused.',
  example: 'joint show 7Q2b',
  where: 'at a node that has such a document',
  next: 'entente joint vote DOCUMENT --endorse',
  input: z.strictObject({ document: z.string() }),
  run: async ({ atNode, io }, { document: id }) => {
    const document = await atNode((api) => api.jointShow({ document: id }))
    return { json: { document }, text: formatDocument(document, io) }
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
