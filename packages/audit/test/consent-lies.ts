import {
  type DataRecord,
  digestOf,
  openConsent,
  type RetransferConsent,
  sealConsent,
} from '@entente/schema'
import { type BuiltNation, hashText, row } from './bundle-builder.ts'
import { asq } from './exercise-data.ts'
import { platformVerify } from './keys.ts'
import type { Lie } from './lie-tools.ts'
import { release, type Told } from './story.ts'

const theirs = `urn:entente:${hashText('a record of GBR').toString('hex').slice(0, 32)}`
const head = digestOf('what GBR gave')

/** What the USA made of a record of GBR: its title came from there, and may be handed on if GBR says so. */
function copied(change: { value?: string; onward?: 'free' | 'ask' | 'none' } = {}): DataRecord {
  const { value = 'Beacon', onward: onward_release = 'ask' } = change
  const { title } = asq.fields
  const id = `urn:entente:${hashText(`copy ${JSON.stringify(change)}`)
    .toString('hex')
    .slice(0, 32)}`
  if (title === undefined) throw new RangeError('no title')
  const received = { record: theirs, head, value: digestOf('Beacon') }
  return {
    ...asq,
    id,
    envelope: {
      ...asq.envelope,
      handling: { originator_control: true, onward_release },
      derivedFrom: [{ record: theirs, originator: 'GBR' }],
    },
    fields: {
      title: { ...title, value, terms: { originator: 'GBR', onward_release, received } },
    },
  }
}

/** GBR consents, sealed as an officer of it does, or as somebody else. @returns the digest by which inputs name it */
function consent(
  { usa, gbr }: Told,
  change: Partial<RetransferConsent> = {},
  signer: BuiltNation['keys']['officer'] = gbr.keys.officer,
): string {
  const content: RetransferConsent = {
    nation: 'GBR',
    key: gbr.keys.officer.base64url,
    holder: 'USA',
    record: theirs,
    head,
    fields: ['title'],
    transform: null,
    derived: false,
    recipients: ['NOR'],
    purpose: 'use',
    until: Date.parse('2027-01-01'),
    ...change,
  }
  row(usa, 'consents.jsonl', { seal: sealConsent(content, signer.sign) })
  return digestOf(content)
}

/** Hands it on to NOR, as decided on some consents. */
function handOn(told: Told, record: DataRecord, consents: readonly string[]): void {
  const put = { put: record, values: { title: record.fields['title']?.value } }
  const until = Date.parse('2027-01-01')
  const inputs = consents.length === 0 ? {} : { consents, validUntil: until }
  release(told, told.usa, told.nor, 'second', [put], { inputs })
}

/** Lies about content of others: it goes without their consent, or on one that is none. */
export const consentLies: readonly Lie[] = [
  [
    'content of another nation handed on without a consent',
    'CONSENT_MISSING',
    'USA',
    { late: (told) => handOn(told, copied(), []) },
  ],
  [
    'a consent that was held, and not read',
    'CONSENT_MISSING',
    'USA',
    {
      late: (told) => {
        consent(told)
        handOn(told, copied(), [])
      },
    },
  ],
  [
    'a consent that had run out',
    'CONSENT_MISSING',
    'USA',
    {
      late: (told) => handOn(told, copied(), [consent(told, { until: Date.parse('2026-01-01') })]),
    },
  ],
  [
    'a value changed since it came',
    'CONSENT_MISSING',
    'USA',
    { late: (told) => handOn(told, copied({ value: 'Our beacon' }), [consent(told)]) },
  ],
  [
    'terms that let nobody have it, whatever was consented to',
    'CONSENT_MISSING',
    'USA',
    { late: (told) => handOn(told, copied({ onward: 'none' }), [consent(told)]) },
  ],
  [
    'a consent named that is not shown',
    'CONSENT_MISSING',
    'USA',
    { late: (told) => handOn(told, copied({ onward: 'free' }), [digestOf('no consent')]) },
  ],
  [
    'a consent sealed by the holder’s own officer',
    'CONSENT_SEAL',
    'USA',
    { late: (told) => void consent(told, {}, told.usa.keys.officer) },
  ],
]

/** That the honest way stays open: what the lies change one fact of has nothing to find. */
export const honestly = (told: Told): void => {
  const digest = consent(told)
  const seal = String(told.usa.rows['consents.jsonl']?.at(-1)?.['seal'])
  openConsent(seal, told.federation.roster.members, platformVerify)
  handOn(told, copied(), [digest])
}
