import { pathsOf, readConfig, readSigner } from '@entente/node'
import { sealVoteBy, toBase64url } from '@entente/schema'
import { z } from 'zod'
import { CliError } from '../../cli-error.ts'
import { EXIT } from '../../exit-codes.ts'
import { refuseExisting } from '../../files.ts'
import { formatDocument, headOptions, shortId } from '../../joint/joint-text.ts'
import { type Ballot, ballotOf, readBallot, readVote, writeVote } from '../../joint/vote-files.ts'
import type { Session } from '../../session.ts'
import { defineVerb } from '../../verb.ts'

export const jointVoteVerb = defineVerb({
  name: 'joint vote',
  arguments: '[document]',
  purpose:
    'Say what this nation holds of a joint document as it stands now, signed with an officer’s key where that key is, once it was shown and you say so. It counts until the document is changed.',
  options: [
    { flags: '--endorse', purpose: 'it is right as it is' },
    { flags: '--object', purpose: 'it is not' },
    { flags: '--withdraw', purpose: 'take the last word back' },
    { flags: '--key <file>', purpose: 'key of a release officer of this nation (PEM)' },
    {
      flags: '--head <hash>',
      purpose: 'sign what `joint show` showed without asking; refuse if it is not this any more',
      repeat: true,
    },
    { flags: '--yes', purpose: 'sign it as it is now without asking' },
    {
      flags: '--from <file>',
      purpose: 'a document that `joint show --out` wrote: no node is needed',
    },
    { flags: '--out <file>', purpose: 'write what is signed here, for --install at the node' },
    { flags: '--install <file>', purpose: 'take in what was signed elsewhere; needs no key' },
  ],
  example: 'joint vote 7Q2b --endorse --key NOR.officer.pem',
  where: 'at a node that has such a document',
  next: 'entente joint show DOCUMENT',
  input: z.strictObject({
    document: z.string().optional(),
    endorse: z.boolean().default(false),
    object: z.boolean().default(false),
    withdraw: z.boolean().default(false),
    key: z.string().optional(),
    head: z.array(z.string()).default([]),
    yes: z.literal(true).optional(),
    from: z.string().optional(),
    out: z.string().optional(),
    install: z.string().optional(),
  }),
  run: async (session, { document: id, endorse, object, withdraw, key, head, yes, ...files }) => {
    const { atNode, io, json, say } = session
    const { from, out, install } = files
    if (install !== undefined) {
      const document = await atNode((api) => api.jointVote(readVote(install)))
      return { json: { document }, text: formatDocument(document, io) }
    }
    const said = [endorse && 'endorse', object && 'object', withdraw && 'withdraw'] as const
    const [choice, ...others] = said.filter((each) => each !== false)
    if (choice === undefined || others.length > 0)
      throw new CliError('USAGE', 'say one of --endorse, --object and --withdraw')
    if (key === undefined)
      throw new CliError(
        'USAGE',
        'a vote is a person’s: name the key of a release officer with --key, or take in with --install what one has signed',
      )
    if (from !== undefined && out === undefined)
      throw new CliError('USAGE', 'name a file for what is signed with --out')
    if (out !== undefined) refuseExisting(out)
    const { nation, document, heads, lines } =
      from === undefined ? await ballotAtNode(session, id) : readBallot(from)
    if (head.length > 0 && [...head].sort().join() !== [...heads].sort().join())
      throw new CliError(
        'JOINT_STALE',
        `the document has been changed since: its heads are ${heads.map(shortId).join(', ')}`,
      )
    // Before it is signed, and apart from the answer: who signs has seen just this, here or where its heads were shown.
    for (const line of [...lines, '', `To sign: ${choice}, on the heads ${heads.join(', ')}`])
      say(line)
    const isSeen = yes === true || head.length > 0
    if (!isSeen && (await io.confirm('Sign it?')) !== true)
      return {
        json: { signed: null, document, heads },
        text: json
          ? ''
          : `Nothing was signed. At a terminal you are asked; else the same command with ${headOptions(heads)} signs what is shown here.`,
        exit: EXIT.waiting,
      }
    const signer = readSigner(key)
    const seal = sealVoteBy(
      {
        nation,
        key: toBase64url(signer.publicKey),
        document,
        heads: [...heads],
        choice,
        at: io.nowMs(),
      },
      signer.sign,
    )
    const vote = { document, heads: [...heads], choice, seal }
    if (out === undefined) {
      const shown = await atNode((api) => api.jointVote(vote))
      return { json: { document: shown }, text: formatDocument(shown, io) }
    }
    writeVote(out, vote)
    return {
      json: { file: out, ...vote },
      text: `${out}: ${choice}, signed on just this\nNext: entente joint vote --install ${out}`,
    }
  },
})

async function ballotAtNode(
  { atNode, folder, io }: Session,
  document: string | undefined,
): Promise<Ballot> {
  if (document === undefined) throw new CliError('USAGE', 'name the document: `entente joint list`')
  const shown = await atNode((api) => api.jointShow({ document }))
  const { nation } = readConfig(pathsOf(folder).config)
  return ballotOf(nation, shown, formatDocument(shown, io))
}
