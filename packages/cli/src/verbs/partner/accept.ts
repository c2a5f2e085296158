import { writeFileSync } from 'node:fs'
import { z } from 'zod'
import { EXIT } from '../../exit-codes.ts'
import { refuseExisting, writeJsonFile } from '../../files.ts'
import { allowOption, sayEdition } from '../../pairing/edition-text.ts'
import { pairingWordsOf, sayOffer, signDraft } from '../../pairing/pairing-text.ts'
import { readPairing } from '../../pairing/read-pairing.ts'
import { cleanField } from '../../text.ts'
import { defineVerb } from '../../verb.ts'

export const partnerAcceptVerb = defineVerb({
  name: 'partner accept',
  arguments: '[file]',
  purpose: 'Accept an invitation (file, or text on stdin) and write the reply to it.',
  options: [
    { flags: '--root <file>', purpose: 'root key of this nation, to sign the next roster at once' },
    { flags: '--request <file>', purpose: 'write that roster, to be signed where the root key is' },
    allowOption,
    { flags: '-o, --out <file>', purpose: 'reply to write (else it is printed)' },
    { flags: '--yes', purpose: 'ask nothing, and vouch for the six words: for scripts' },
  ],
  example: 'partner accept can.invite --root CAN.root.pem -o can.reply',
  next: 'send the reply back; compare the six words by telephone while they confirm it.',
  input: z.strictObject({
    file: z.string().optional(),
    root: z.string().optional(),
    request: z.string().optional(),
    allow: z.string().optional(),
    out: z.string().optional(),
    yes: z.boolean().default(false),
  }),
  run: async ({ atNode, folder, io, say }, { file, root, request, allow, out, yes }) => {
    const text = await readPairing(file)
    for (const path of [out, request]) if (path !== undefined) refuseExisting(path)
    return atNode(async (api) => {
      const { draft, ...offer } = await api.pairingRead({ text })
      const { nation } = offer
      say(sayOffer(offer))
      const isSigning = draft !== null && (root !== undefined || request !== undefined)
      if (isSigning) sayEdition(say, { folder, draft, allow })
      const asked =
        isSigning && root !== undefined
          ? `Accept the invitation of ${nation}, and sign this roster with the root of ${api.nation}?`
          : `Accept the invitation of ${nation}?`
      if (!yes && (await io.confirm(asked)) !== true)
        return {
          json: { ...offer, accepted: false },
          text: `Nothing has been accepted. Next: the same with --yes`,
          exit: EXIT.waiting,
        }
      const signature = signDraft(draft, api.nation, root)
      const { reply, code } = await api.partnerAccept({ text, signature, compared: yes })
      if (out !== undefined) writeFileSync(out, reply, { flag: 'wx' })
      if (request !== undefined && draft !== null) writeJsonFile(request, draft)
      const words = pairingWordsOf(code)
      const signed =
        draft === null || signature !== null
          ? []
          : request === undefined
            ? [
                `The root of ${api.nation} has not signed yet: entente partner sign --root FILE, once ${nation} has confirmed.`,
              ]
            : [
                `To be signed where the root key is: entente roster sign ${request} --key FILE; then here: entente partner sign ${request}`,
              ]
      return {
        json: {
          ...offer,
          accepted: true,
          code,
          words,
          file: out ?? null,
          reply,
          draft: request ?? null,
        },
        text: [
          ...(out === undefined ? [reply.trimEnd()] : []),
          `Six words: ${words}`,
          `Accepted: ${nation}, ${cleanField(offer.organisation)}.`,
          ...signed,
          `Next: send ${out ?? 'this reply'} to ${nation}, and compare the six words by telephone.`,
          ...(yes ? [] : [`Then: entente partner confirm ${nation}, once they are the same`]),
        ].join('\n'),
      }
    })
  },
})
