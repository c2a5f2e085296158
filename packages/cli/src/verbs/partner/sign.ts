import { parseRosterFile, readSigner, signRoster } from '@entente/node'
import { z } from 'zod'
import { CliError } from '../../cli-error.ts'
import { EXIT } from '../../exit-codes.ts'
import { readJsonFile, refuseExisting, writeJsonFile } from '../../files.ts'
import { allowOption, sayEdition } from '../../pairing/edition-text.ts'
import { sayPaired } from '../../pairing/pairing-text.ts'
import { defineVerb } from '../../verb.ts'

export const partnerSignVerb = defineVerb({
  name: 'partner sign',
  arguments: '[file]',
  purpose:
    'Sign the roster that is proposed, or take one in that was signed where the root key is.',
  options: [
    { flags: '--root <file>', purpose: 'root key of this nation' },
    { flags: '--request <file>', purpose: 'write the roster, to be signed elsewhere' },
    allowOption,
    { flags: '--number <n>', purpose: 'which one, if several are proposed' },
    { flags: '--yes', purpose: 'ask nothing: for scripts' },
  ],
  example: 'partner sign --root GBR.root.pem',
  next: 'entente status: it comes into force everywhere once every root has signed.',
  input: z.strictObject({
    file: z.string().optional(),
    root: z.string().optional(),
    request: z.string().optional(),
    allow: z.string().optional(),
    number: z.coerce.number().int().min(1).optional(),
    yes: z.boolean().default(false),
  }),
  run: async ({ atNode, folder, io, say }, { file, root, request, number, allow, yes }) => {
    const given = file === undefined ? null : parseRosterFile(readJsonFile(file))
    if (request !== undefined) refuseExisting(request)
    return atNode(async (api) => {
      const proposals = await api.rosterProposals()
      const fitting = proposals.filter((each) => number === undefined || each.number === number)
      const draft = given ?? fitting.at(-1)?.draft
      if (draft === undefined)
        throw new CliError('PROPOSAL_UNKNOWN', 'no roster is proposed here that is not in force')
      const edition = draft.witnessPolicy.number
      const named = draft.nations.map(({ nation }) => nation)
      if (root !== undefined || request !== undefined) sayEdition(say, { folder, draft, allow })
      if (request !== undefined) {
        writeJsonFile(request, draft)
        return {
          json: { file: request, number: edition, nations: named },
          text: `${request}: roster ${edition} of ${named.join(', ')}.\nNext: where the root key is: entente roster sign ${request} --key FILE; then here: entente partner sign ${request}`,
        }
      }
      if (given === null && root === undefined)
        throw new CliError('USAGE', 'name the root key with --root, or write a --request for it')
      if (root !== undefined) {
        if (!yes && (await io.confirm(`Sign it with the root of ${api.nation}?`)) !== true)
          return {
            json: { number: edition, signed: false },
            text: 'Nothing has been signed.\nNext: the same with --yes',
            exit: EXIT.waiting,
          }
      }
      const roster = root === undefined ? draft : signRoster(draft, readSigner(root))
      const standing = await api.rosterSigned({ roster })
      const others = named.filter((nation) => nation !== api.nation)
      const { state, unsigned, uncompared } = standing
      return {
        json: { ...standing },
        text:
          state === 'in force'
            ? `Roster ${edition} is in force.\n${await sayPaired(api, others)}`
            : unsigned.length > 0
              ? `Roster ${edition}: still to be signed by ${unsigned.join(', ')}; it comes into force by itself`
              : `Roster ${edition} is signed by all.\nNext: compare the six words: entente partner confirm ${uncompared.join(', ')}`,
      }
    })
  },
})
