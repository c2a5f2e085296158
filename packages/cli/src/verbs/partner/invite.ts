import { writeFileSync } from 'node:fs'
import { z } from 'zod'
import { refuseExisting } from '../../files.ts'
import { drawParts, qrParts } from '../../pairing/parts.ts'
import { formatTime } from '../../text.ts'
import { defineVerb } from '../../verb.ts'

const units: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 }

/** `7d`, `12h`, `30m`, as milliseconds. */
const Period = z.string().transform((text, context) => {
  const [, n, unit] = /^([1-9]\d{0,3})([mhd])$/.exec(text) ?? []
  if (n !== undefined && unit !== undefined) return Number(n) * (units[unit] ?? 0)
  context.addIssue({ code: 'custom', message: `${text} is no period such as 30m, 12h or 7d` })
  return z.NEVER
})

export const partnerInviteVerb = defineVerb({
  name: 'partner invite',
  arguments: '<nation>',
  purpose: 'Make an invitation for one nation: signed, for one use. It gives no right to any data.',
  options: [
    {
      flags: '--expires <period>',
      purpose: 'how long it holds: 30m, 12h, 7d (else 7d, at most 90d)',
    },
    {
      flags: '--answers <seconds>',
      purpose:
        'begin a roster in which requests are answered at the full period of it, one later (else 3600)',
    },
    { flags: '-o, --out <file>', purpose: 'file to write (else it is printed, to be pasted)' },
    { flags: '--qr', purpose: 'print it as QR codes as well' },
  ],
  example: 'partner invite CAN --expires 7d -o can.invite',
  next: 'send it to CAN, who runs entente partner accept; then entente partner confirm REPLY.',
  input: z.strictObject({
    nation: z.string(),
    expires: Period.default(7 * 86_400_000),
    answers: z.coerce.number().min(0.1).max(86_400).optional(),
    out: z.string().optional(),
    qr: z.boolean().default(false),
  }),
  run: async ({ atNode }, { nation, expires: forMs, answers, out, qr }) => {
    if (out !== undefined) refuseExisting(out)
    const { text, expiresMs } = await atNode((api) =>
      api.partnerInvite({
        nation,
        forMs,
        ...(answers !== undefined && { answerMs: Math.round(answers * 1000) }),
      }),
    )
    if (out !== undefined) writeFileSync(out, text, { flag: 'wx' })
    const parts = qr ? qrParts(text) : []
    const shown = [
      ...(out === undefined ? [text.trimEnd()] : []),
      ...(qr ? [drawParts(parts)] : []),
    ]
    return {
      json: { nation, file: out ?? null, text, expires: new Date(expiresMs).toISOString(), parts },
      text: [
        ...shown,
        `${out ?? 'This invitation'}: for ${nation} alone, once, until ${formatTime(expiresMs)}. It gives no right to any data.`,
        `Next: send it to ${nation} by mail or courier, who run entente partner accept FILE and send the reply back`,
      ].join('\n'),
    }
  },
})
