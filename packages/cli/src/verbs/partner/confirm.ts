import { existsSync } from 'node:fs'
import { type EditionStanding, type NodeApi, pathsOf, readRosterJson } from '@entente/node'
import { z } from 'zod'
import { CliError } from '../../cli-error.ts'
import { EXIT } from '../../exit-codes.ts'
import { refuseExisting, writeJsonFile } from '../../files.ts'
import { allowOption, sayEdition } from '../../pairing/edition-text.ts'
import { pairingWordsOf, sayOffer, sayPaired, signDraft } from '../../pairing/pairing-text.ts'
import { readPairing } from '../../pairing/read-pairing.ts'
import type { Session } from '../../session.ts'
import { cleanField } from '../../text.ts'
import { defineVerb, type Outcome } from '../../verb.ts'

export const partnerConfirmVerb = defineVerb({
  name: 'partner confirm',
  arguments: '<reply...>',
  purpose:
    'Confirm replies to invitations, once the six words have been compared. Where an invitation was accepted, name the nation instead.',
  options: [
    { flags: '--root <file>', purpose: 'root key of this nation, to sign the next roster at once' },
    { flags: '--request <file>', purpose: 'write that roster, to be signed where the root key is' },
    allowOption,
    { flags: '-o, --out <file>', purpose: 'write the roster too, for a partner without a line' },
    { flags: '--yes', purpose: 'ask nothing, and vouch for the six words: for scripts' },
  ],
  example: 'partner confirm can.reply --root NOR.root.pem',
  next: 'entente policy new, to start from a template: paired is not sharing.',
  input: z.strictObject({
    reply: z.array(z.string()).min(1),
    root: z.string().optional(),
    request: z.string().optional(),
    allow: z.string().optional(),
    out: z.string().optional(),
    yes: z.boolean().default(false),
  }),
  run: async (session, { reply: given, ...options }) => {
    const [first = ''] = given
    if (given.length === 1 && /^[A-Z]{3}$/.test(first) && !existsSync(first))
      return session.atNode((api) => confirmAccepted(session, api, first, options.yes))
    for (const path of [options.out, options.request]) if (path !== undefined) refuseExisting(path)
    const replies: string[] = []
    for (const file of given) replies.push(await readPairing(file))
    return session.atNode((api) => confirmReplies(session, api, replies, options))
  },
})

interface Options {
  readonly root?: string | undefined
  readonly request?: string | undefined
  readonly allow?: string | undefined
  readonly out?: string | undefined
  readonly yes: boolean
}

async function confirmReplies(
  { folder, io, say }: Session,
  api: NodeApi,
  replies: readonly string[],
  { root, request, allow, out, yes }: Options,
): Promise<Outcome> {
  const { offers, draft } = await api.pairingReplies({ replies })
  for (const offer of offers) say(sayOffer(offer))
  const isSigning = draft !== null && (root !== undefined || request !== undefined)
  if (isSigning) sayEdition(say, { folder, draft, allow })
  const nations = offers.map(({ nation }) => nation)
  const words = offers.map(({ nation, code }) => ({ nation, words: pairingWordsOf(code) }))
  const compared = `Have you compared the six words with ${nations.join(', ')} by telephone, and are they the same?`
  const asked =
    isSigning && root !== undefined
      ? `${compared} Then this roster is signed with the root of ${api.nation}.`
      : compared
  if (!yes && (await io.confirm(asked)) !== true)
    return {
      json: { confirmed: false, words },
      text: `Nothing has been confirmed. Call ${nations.join(', ')} on a number that you know and compare the six words; if they differ, somebody stands between you.\nNext: the same with --yes, once they are the same`,
      exit: EXIT.waiting,
    }
  const signature = signDraft(draft, api.nation, root)
  const standing = await api.partnerConfirm({ replies, signature })
  if (request !== undefined && draft !== null) writeJsonFile(request, draft)
  const isInForce = standing.state === 'in force'
  if (out !== undefined && isInForce) writeJsonFile(out, readRosterJson(pathsOf(folder).roster))
  return {
    json: { confirmed: true, words, ...standing, request: request ?? null, out: out ?? null },
    text: isInForce ? await sayPaired(api, nations) : sayProposed(api, standing, nations, request),
    exit: isInForce ? EXIT.done : EXIT.waiting,
  }
}

function sayProposed(
  { nation }: NodeApi,
  { number, unsigned }: EditionStanding,
  nations: readonly string[],
  request: string | undefined,
): string {
  const own = unsigned.includes(nation)
    ? request === undefined
      ? '\nNext: entente partner sign --root FILE'
      : `\nNext: where the root key is: entente roster sign ${request} --key FILE; then here: entente partner sign ${request}`
    : '\nNext: entente status says who has signed; it comes into force by itself'
  return `Confirmed: ${nations.join(', ')}. Roster ${number} is proposed and waits for the root of ${unsigned.join(', ')}.${own}`
}

async function confirmAccepted(
  { io, say }: Session,
  api: NodeApi,
  nation: string,
  yes: boolean,
): Promise<Outcome> {
  const { code, organisation } = await api.partnerShow({ nation })
  if (code === null)
    throw new CliError(
      'FILE_MISSING',
      `no invitation of ${nation} has been accepted here, and there is no file ${nation}`,
    )
  const words = pairingWordsOf(code)
  say(`Six words: ${words}`)
  say(`Nation:    ${nation}, ${cleanField(organisation ?? 'unknown')}`)
  const asked = `Have you compared the six words with ${nation} by telephone, and are they the same?`
  if (!yes && (await io.confirm(asked)) !== true)
    return {
      json: { nation, confirmed: false, words },
      text: 'Nothing has been confirmed.\nNext: the same with --yes, once they are the same',
      exit: EXIT.waiting,
    }
  const { state, words: how } = await api.partnerCompared({ nation })
  const isPaired = (await api.partnerShow({ nation })).state === 'paired'
  return {
    json: { nation, confirmed: true, words, state: isPaired ? 'paired' : state },
    text: isPaired ? await sayPaired(api, [nation]) : `${nation}: ${how}`,
  }
}
