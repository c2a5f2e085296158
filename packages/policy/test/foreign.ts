import {
  type DataRecord,
  digestOf,
  type Envelope,
  type Field,
  type Nation,
  type RetransferConsent,
  type SealedConsent,
  type TermsOf,
} from '@entente/schema'

/** A record of a nation, numbered. */
export const foreignId = (nation: Nation, number = 1): string =>
  `urn:entente:${Buffer.from(nation).toString('hex').padEnd(24, '0')}${String(number).padStart(8, '0')}`

export const headOf = (nation: Nation, number = 1): string => digestOf(['head', nation, number])

/** A consent that nobody had to seal: gates are handed such as have been checked. */
export function sealed(consent: Partial<RetransferConsent>): SealedConsent {
  const nation = consent.nation ?? 'AUS'
  const whole: RetransferConsent = {
    nation,
    key: 'A'.repeat(43),
    holder: 'USA',
    record: foreignId(nation),
    head: headOf(nation),
    fields: ['rate_max', 'title'],
    transform: null,
    derived: false,
    recipients: ['GBR', 'NOR'],
    purpose: 'use',
    until: Date.parse('2026-12-01T00:00:00Z'),
    ...consent,
  }
  const officer = {
    role: 'release-officer' as const,
    nation,
    serial: 1,
    name: `${nation} officer`,
    key: whole.key,
  }
  return { digest: digestOf(whole), consent: whole, officer, seal: '' }
}

/** How a value came. */
export interface Came {
  readonly from: readonly Nation[]
  readonly onward: TermsOf['onward_release']
  /** `same`: as it came; `other`: changed since; `unknown`: nobody noted what came. */
  readonly value: 'same' | 'other' | 'unknown'
  /** Whether the field says so itself, or the record alone. */
  readonly terms: boolean
  readonly number?: number
  /** Whether only the originator may pass the record on; absent: no. */
  readonly control?: boolean
}

/** The record as if its fields had come from others. */
export function cameFrom(record: DataRecord, came: Came): DataRecord {
  const { from, onward, value, terms, number = 1, control = false } = came
  const envelope: Envelope = {
    ...record.envelope,
    handling: { originator_control: control, onward_release: onward },
    derivedFrom: from.map((originator) => ({ record: foreignId(originator, number), originator })),
  }
  const fields = Object.entries(record.fields).map(([name, field]): [string, Field] => [
    name,
    terms ? { ...field, ...termsOf(field) } : field,
  ])
  return { ...record, envelope, fields: Object.fromEntries(fields) }

  function termsOf(field: Field): Pick<Field, 'terms'> {
    const [originator, ...others] = from
    if (originator === undefined) return {}
    const received = {
      record: foreignId(originator, number),
      head: headOf(originator, number),
      value: digestOf(value === 'same' ? field.value : ['other', field.value]),
    }
    const more = others.map((each) => ({ originator: each, onward_release: onward }))
    return {
      terms: {
        originator,
        onward_release: onward,
        ...(value !== 'unknown' && { received }),
        ...(more.length > 0 && { others: more }),
      },
    }
  }
}
