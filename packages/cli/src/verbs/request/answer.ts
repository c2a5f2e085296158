import { type NodeApi, readSigner, type StoredRequest } from '@entente/node'
import { parseIsoDate } from '@entente/policy'
import {
  type DecisionSeal,
  decisionSealType,
  FieldName,
  RetransferConsent,
  sealConsent,
  signJws,
  toBase64url,
} from '@entente/schema'
import { z } from 'zod'
import { CliError } from '../../cli-error.ts'
import { findRecord } from '../../find-record.ts'
import { formatTime } from '../../text.ts'
import { defineVerb } from '../../verb.ts'

export const requestAnswerVerb = defineVerb({
  name: 'request answer',
  arguments: '<n>',
  purpose:
    'Grant or refuse what a nation asks of us. The answer goes at its time; what is not granted by then is refused, in the same words as what we do not have.',
  options: [
    { flags: '--grant', purpose: 'yes: to a release within policy, or to hand on' },
    { flags: '--merge', purpose: 'yes: take the suggested value in' },
    { flags: '--refuse', purpose: 'no' },
    { flags: '--reason <text>', purpose: 'why; it stays here' },
    {
      flags: '--key <file>',
      purpose: 'key of a release officer (PEM): needed to grant; logs a refusal as signed',
    },
    { flags: '--field <name>', purpose: 'hand on: only this field', repeat: true },
    { flags: '--until <date>', purpose: 'hand on: an earlier end than asked for' },
    { flags: '--record <name>', purpose: 'release: which of our records a described one is' },
    { flags: '--over', purpose: 'merge though our value has changed since they saw it' },
    { flags: '--by <name>', purpose: 'who answers (else the user)' },
  ],
  example: 'request answer 3 --grant --key USA.officer.pem --reason "joint buy"',
  where: 'at the node of the nation that is asked',
  next: 'for a release: entente release preview or release queue, as for any other',
  input: z
    .strictObject({
      n: z.coerce.number().int().min(1),
      grant: z.boolean().default(false),
      merge: z.boolean().default(false),
      refuse: z.boolean().default(false),
      reason: z.string({ error: 'say why with --reason' }).min(1).max(1000),
      key: z.string().optional(),
      field: z.array(FieldName).default([]),
      until: z.string().optional(),
      record: z.string().optional(),
      over: z.boolean().default(false),
      by: z.string().min(1).max(200).optional(),
    })
    .refine(({ grant, merge, refuse }) => Number(grant) + Number(merge) + Number(refuse) === 1, {
      error: 'say one of --grant, --merge and --refuse',
    }),
  run: async ({ atNode, io }, input) => {
    const { n, refuse, key, reason, over, record } = input
    const answered = await atNode(async (api) => {
      const { request } = await api.requestShow({ id: n })
      if (!refuse && input.merge !== (request.ask === 'change'))
        throw new CliError(
          'USAGE',
          request.ask === 'change'
            ? 'this one suggests a change: --merge takes it in'
            : '--merge is for a suggested change: --grant says yes to this one',
        )
      const decision = refuse ? ('deny' as const) : ('approve' as const)
      const signer = key === undefined ? null : readSigner(key)
      const about: DecisionSeal = { nation: api.nation, about: request.statement, decision }
      return api.requestAnswer({
        id: n,
        decision,
        by: input.by ?? io.userName,
        reason,
        over,
        ...(record !== undefined && { record: await findRecord(api, record, { own: true }) }),
        ...(signer !== null && { seal: signJws(decisionSealType, about, signer.sign) }),
        ...(!refuse && signer !== null && { consents: consentsFor(api, request, signer, input) }),
      })
    })
    const { decided, answer, dueMs, ask, nation } = answered
    const when = answer === null ? `the answer goes ${formatTime(dueMs)}` : 'the answer has gone'
    const next =
      decided !== 'approve' || ask !== 'release'
        ? ''
        : '\nNothing has been released by that. Next: entente release preview, or release queue'
    return {
      json: { request: answered },
      text: `Request ${n} of ${nation} is ${decided === 'approve' ? 'granted' : 'refused'}; ${when}.${next}`,
    }
  },
})

/** One consent for each nation that it names, so that none of them reads of the others. */
function consentsFor(
  { nation }: NodeApi,
  { body, nation: holder }: StoredRequest,
  { publicKey, sign }: ReturnType<typeof readSigner>,
  {
    field,
    until: date,
  }: { readonly field: readonly string[]; readonly until?: string | undefined },
): readonly string[] {
  if (body?.ask !== 'retransfer') return []
  const until = date === undefined ? body.until : parseIsoDate(date)
  if (until === null)
    throw new CliError('USAGE', `--until ${date} is no date: write it as 2027-03-31`)
  const strange = field.filter((name) => !body.fields.includes(name))
  if (strange.length > 0)
    throw new CliError('USAGE', `they have not asked for ${strange.join(', ')}`)
  const { record, head, purpose, derived } = body
  const fields = field.length > 0 ? [...new Set(field)].sort() : body.fields
  return body.recipients.map((recipient) => {
    const said = { nation, key: toBase64url(publicKey), holder, record, head, fields, purpose }
    const consent = { ...said, transform: null, derived, recipients: [recipient], until }
    return sealConsent(RetransferConsent.parse(consent), sign)
  })
}
