import { createHmac } from 'node:crypto'
import type { DataRecord } from '@entente/schema'
import { digestText, hashText } from './bundle-builder.ts'
import { canonical } from './second-fragment.ts'

const label = (releasableTo: readonly string[], caveats: readonly 'ORCON'[] = []) =>
  ({ classification: 'RESTRICTED', releasableTo, caveats }) as const

function recordOf(name: string, status: 'active' | 'withdrawn' = 'active'): DataRecord {
  const to = ['GBR', 'NOR']
  return {
    id: `urn:entente:${hashText(name).toString('hex').slice(0, 32)}`,
    kind: 'capability',
    originator: 'USA',
    dataset: 'capabilities',
    envelope: {
      asOf: '2026-09-30',
      status,
      source: { document: 'exercise' },
      handling: { originator_control: true, onward_release: 'ask' },
    },
    fields: {
      title: { value: name, label: label(to) },
      supplier: { value: 'exercise maker', label: label(to, ['ORCON']) },
      rate_max: { value: { number: '1440', unit: 'each', per: 'year' }, label: label(['GBR']) },
      lead_time: { value: { total: '12', unit: 'months' }, label: label(to) },
      place: { value: { text: 'Pier 4, Dartmouth', nation: 'CAN' }, label: label(to) },
      demand: { value: { quantity: '7', unit: 'each', period: 'year' }, label: label([]) },
    },
  }
}
/** A record of which the price is in its maker’s confidence. */
export const priced: DataRecord = {
  ...recordOf('JSAM'),
  fields: {
    title: { value: 'JSAM', label: label(['GBR', 'NOR']) },
    supplier: { value: 'exercise maker', label: label(['GBR', 'NOR']) },
    unit_cost: {
      value: { amount: '90', currency: 'USD' },
      label: { classification: 'RESTRICTED', releasableTo: ['NOR'], caveats: ['COMMERCIAL'] },
    },
  },
}
export const asq = recordOf('AN/ASQ-235')
export const mk58 = recordOf('MK-58')
export const mk58Gone = recordOf('MK-58', 'withdrawn')

/** Title and maker to both; rates to GBR, in the first edition banded; the lead time to GBR in the first edition alone. */
export const policyOf = (edition: number, level: 'fine' | 'coarse' = 'fine') => ({
  nation: 'USA',
  edition,
  from: '2026-09-01',
  until: '2027-09-01',
  datasets: { capabilities: { mode: 'manual', title: 'Capabilities' } },
  groups: {},
  ceilings: { GBR: 'SECRET', NOR: 'RESTRICTED' },
  bands: {
    rate: {
      levels: [
        { name: 'fine', edges: ['0', '100', '1000', '10000'] },
        { name: 'coarse', edges: ['0', '1000'] },
      ],
    },
  },
  rules: [
    {
      id: 'all',
      effect: 'permit',
      match: {
        field: { in: ['title', 'supplier', 'rate_max'] },
        recipient: { in: ['GBR', 'NOR'] },
      },
      reasonCode: 'treaty',
      authority: 'Treaty 1',
    },
    {
      id: 'banded-rates',
      effect: 'transform',
      transform: { kind: 'band', level },
      match: { field: { in: ['rate_max'] }, recipient: { in: ['GBR', 'NOR'] } },
      reasonCode: 'banded',
      authority: 'Treaty 1',
    },
    ...(edition === 1
      ? [
          {
            id: 'lead-time',
            effect: 'permit',
            match: { field: { in: ['lead_time'] }, recipient: { in: ['GBR'] } },
            reasonCode: 'bilateral',
            authority: 'Agreement 2',
          },
        ]
      : []),
  ],
  tests: [],
})

/** Makers as they are, titles under a pseudonym, places as their country. */
export function namelessPolicyOf(edition: number) {
  const policy = policyOf(edition)
  const recipient = { in: ['GBR', 'NOR'] }
  const ground = { effect: 'transform', reasonCode: 'nameless', authority: 'Treaty 1' }
  return {
    ...policy,
    rules: [
      {
        id: 'makers',
        effect: 'permit',
        match: { field: { in: ['supplier'] }, recipient },
        reasonCode: 'treaty',
        authority: 'Treaty 1',
      },
      {
        ...ground,
        id: 'names',
        transform: { kind: 'pseudonym' },
        match: { kind: { in: ['capability'] }, field: { in: ['title'] }, recipient },
      },
      {
        ...ground,
        id: 'places',
        transform: { kind: 'country' },
        match: { field: { in: ['place'] }, recipient },
      },
    ],
  }
}

/** What the policy gives, worked out by hand. */
const maker = { supplier: 'exercise maker' }
const rate = { rate_max: { number: { from: '1000', to: '10000' }, unit: 'each', per: 'year' } }
const lead = { lead_time: { total: '12', unit: 'months' } }
export const toGbrFirst = (title: string) => ({ title, ...maker, ...rate, ...lead })
export const toGbrSecond = (title: string) => ({ title, ...maker, ...rate })
export const toNor = (title: string) => ({ title, ...maker })

export const recordKey = (record: DataRecord) =>
  createHmac('sha256', hashText(`${record.originator} fragments`))
    .update(record.id)
    .digest()

/** How decision inputs name a version of a record. */
export const versionText = (record: DataRecord): string =>
  createHmac('sha256', recordKey(record))
    .update(digestText(canonical(record)))
    .digest('base64url')
