import { readSigner } from '@entente/node'
import { parseIsoDate } from '@entente/policy'
import {
  digestOf,
  FieldName,
  Nation,
  RecordId,
  RetransferConsent,
  sealConsent,
  toBase64url,
} from '@entente/schema'
import { z } from 'zod'
import { CliError } from '../../cli-error.ts'
import { writeConsentFile } from '../../consents/consent-file.ts'
import { sayConsent } from '../../consents/consent-text.ts'
import { refuseExisting } from '../../files.ts'
import { findRecord } from '../../find-record.ts'
import type { Session } from '../../session.ts'
import { defineVerb } from '../../verb.ts'

export const consentSignVerb = defineVerb({
  name: 'consent sign',
  arguments: '<record>',
  purpose:
    'Consent that a partner hands on fields of one of our records, sealed with an officer’s key.',
  options: [
    { flags: '--holder <nation>', purpose: 'who holds the record from us, and may hand it on' },
    { flags: '--for <nation>', purpose: 'to whom; give it again for more', repeat: true },
    { flags: '--until <date>', purpose: 'from then on it consents to nothing' },
    { flags: '--key <file>', purpose: 'key of a release officer (PEM)' },
    { flags: '--field <name>', purpose: 'only this field; else all they hold', repeat: true },
    { flags: '--at-most <level>', purpose: 'no finer than fine or coarse; else as it is' },
    { flags: '--purpose <purpose>', purpose: 'use (unless said), display or retransfer' },
    { flags: '--derived', purpose: 'also what the holder changes in them, or adds of that name' },
    { flags: '--out <file>', purpose: 'consent to write (else NATION-to-HOLDER.consent.jws)' },
    {
      flags: '--nation <nation>',
      purpose: 'who consents: with --head and --field, away from the node',
    },
    {
      flags: '--head <digest>',
      purpose: 'digest of what the holder has, as consent sign --json says',
    },
  ],
  example:
    'consent sign AN/ASQ-235 --holder USA --for NOR --until 2027-03-31 --key AUS.officer.pem',
  where: 'at the node of the nation whose record it is',
  next: 'carry the file to the holder: entente consent install FILE',
  input: z.strictObject({
    record: z.string(),
    holder: Nation,
    for: z.array(Nation).min(1, 'name the nations with --for'),
    until: z.string({ error: 'say with --until when it runs out' }),
    key: z.string({ error: 'name the officer’s key with --key' }),
    field: z.array(FieldName).default([]),
    atMost: z.enum(['fine', 'coarse']).optional(),
    purpose: RetransferConsent.shape.purpose.default('use'),
    derived: z.boolean().default(false),
    out: z.string().optional(),
    nation: Nation.optional(),
    head: RetransferConsent.shape.head.optional(),
  }),
  run: async (session, input) => {
    const { holder, field, until: date, atMost, derived, purpose } = input
    const until = parseIsoDate(date)
    if (until === null)
      throw new CliError('USAGE', `--until ${date} is no date: write it as 2027-03-31`)
    const { nation, record, head, fields: held } = await draftOf(session, input)
    const strange = field.filter((name) => !held.includes(name))
    if (strange.length > 0)
      throw new CliError(
        'USAGE',
        `${holder} does not hold ${strange.join(', ')} of it; it holds ${held.join(', ')}`,
      )
    if (input.for.includes(holder) || input.for.includes(nation))
      throw new CliError('USAGE', `--for names other nations than ${nation} and ${holder}`)
    const out = input.out ?? `${nation}-to-${holder}.consent.jws`
    refuseExisting(out)
    const { publicKey, sign } = readSigner(input.key)
    const consent = RetransferConsent.parse({
      nation,
      key: toBase64url(publicKey),
      holder,
      record,
      head,
      fields: sortedSet(field.length > 0 ? field : held),
      transform: atMost ?? null,
      derived,
      recipients: sortedSet(input.for),
      purpose,
      until,
    })
    writeConsentFile(out, sealConsent(consent, sign))
    return {
      json: { file: out, digest: digestOf(consent), consent },
      text: `${sayConsent(consent)}\n${out}: sealed.\nNext: at ${holder}, entente consent install ${out}`,
    }
  },
})

const sortedSet = (names: readonly string[]) => [...new Set(names)].sort()

/** What is consented over: as it was typed, or as the node knows it. */
async function draftOf(
  { atNode }: Session,
  input: {
    readonly record: string
    readonly holder: string
    readonly field: readonly string[]
    readonly nation?: string | undefined
    readonly head?: string | undefined
  },
) {
  const { nation, head, field, holder } = input
  if (nation === undefined && head === undefined)
    return atNode(async (api) =>
      api.consentDraft({ record: await findRecord(api, input.record, { own: true }), holder }),
    )
  const record = RecordId.safeParse(input.record)
  if (nation === undefined || head === undefined || field.length === 0 || !record.success)
    throw new CliError(
      'USAGE',
      'away from the node, name all of it: the record by its id, --nation, --head and every --field',
    )
  return { nation, head, fields: field, record: record.data }
}
