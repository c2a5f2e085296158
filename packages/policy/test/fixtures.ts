import type { DataRecord, Label } from '@entente/schema'
import { type CompiledPolicy, compilePolicy, withRegister } from '../src/compile.ts'
import { PolicyDocument, type Row } from '../src/document.ts'
import type { Question } from '../src/question.ts'
import { compileRegister } from '../src/register/compile.ts'
import type { RegisterDocument } from '../src/register/document.ts'
import type { Consent } from '../src/supplier/document.ts'

/** 2026-10-01T00:00Z. */
export const october = 1_790_812_800_000

export const open: Label = {
  classification: 'UNCLASSIFIED',
  releasableTo: ['PARTNERS'],
  caveats: [],
}

export const allFive: Row = {
  id: 'all-fields',
  effect: 'permit',
  match: { recipientGroups: { intersects: ['AUKUS'] } },
  reasonCode: 'AUKUS-EXACT',
  authority: 'AUKUS exercise 1',
}

/** A policy of the USA as an officer would file it, with some of it changed. */
export function policyWith(change: Partial<PolicyDocument> = {}): CompiledPolicy {
  return compilePolicy(documentWith(change))
}

export function documentWith(change: Partial<PolicyDocument> = {}): PolicyDocument {
  return PolicyDocument.parse({
    nation: 'USA',
    edition: 1,
    from: '2026-01-01',
    until: '2028-01-01',
    datasets: { production: { mode: 'manual', title: 'Production' } },
    groups: {
      AUKUS: ['AUS', 'GBR', 'USA'].map((nation) => ({ nation, from: '2021-09-15' })),
      NATO: [
        { nation: 'USA', from: '1949-08-24' },
        { nation: 'NOR', from: '1949-08-24' },
        { nation: 'GBR', from: '1949-08-24' },
      ],
      PARTNERS: ['AUS', 'CAN', 'GBR', 'NOR', 'USA'].map((nation) => ({
        nation,
        from: '2021-01-01',
      })),
    },
    ceilings: { AUS: 'SECRET', GBR: 'SECRET', NOR: 'RESTRICTED' },
    bands: {
      rate: {
        levels: [
          { name: 'fine', edges: ['0', '10', '30', '100', '300', '1000'] },
          { name: 'coarse', edges: ['0', '30', '300'] },
        ],
      },
      months: {
        levels: [
          { name: 'fine', edges: ['0', '6', '12', '18', '24'] },
          { name: 'coarse', edges: ['0', '12', '24'] },
        ],
      },
    },
    rules: [allFive],
    tests: [],
    ...change,
  })
}

export const record: DataRecord = {
  id: `urn:entente:${'0'.repeat(32)}`,
  kind: 'capability',
  originator: 'USA',
  dataset: 'production',
  envelope: {
    asOf: '2026-02-01',
    status: 'active',
    source: { document: 'exercise' },
    handling: { originator_control: false, onward_release: 'none' },
  },
  fields: {
    title: { value: 'AN/ASQ-235', label: open },
    rate_max: { value: { number: '25', unit: 'each', per: 'year' }, label: open },
    lead_time: { value: { production: '9', total: '12', unit: 'months' }, label: open },
    owner_contact: { value: 'room 4', label: { ...open, releasableTo: [] } },
  },
}

/** The record with some of its envelope, its frame, or one field's label changed. */
export const recordWith = (change: Partial<DataRecord>): DataRecord => ({ ...record, ...change })
export const labelled = (field: string, change: Partial<Label>): DataRecord =>
  recordWith({
    fields: {
      ...record.fields,
      [field]: {
        value: record.fields[field]?.value ?? null,
        label: { ...open, ...record.fields[field]?.label, ...change },
      },
    },
  })

export const permitted: Question = {
  record,
  field: 'rate_max',
  recipient: 'GBR',
  purpose: 'use',
  atMs: october,
  sender: 'USA',
}

/** The same record, which names its supplier. */
export const suppliedBy = (about: DataRecord, supplier = 'Acme'): DataRecord => ({
  ...about,
  fields: { ...about.fields, supplier: { value: supplier, label: open } },
})

/** What Acme lets GBR have, with some of it changed. Its seal is looked at where a register is opened, not where it decides. */
export const consentWith = (change: Partial<Consent> = {}): Consent => ({
  id: 'acme-1',
  supplier: 'acme',
  recipients: ['GBR'],
  uses: ['use'],
  effective: '2026-01-01',
  expires: '2028-01-01',
  seal: '-',
  ...change,
})

export const registerOf = (
  consents: readonly Consent[],
  change: Partial<RegisterDocument> = {},
): RegisterDocument => ({
  nation: 'USA',
  edition: 1,
  from: '2026-01-01',
  until: '2028-01-01',
  agreements: [],
  suppliers: [
    {
      id: 'acme',
      title: 'EXERCISE Acme',
      key: 'A'.repeat(43),
      names: ['Acme', 'Works of A'],
      ncage: ['1AA22'],
    },
    { id: 'bolt', title: 'EXERCISE Bolt', key: 'B'.repeat(43), names: ['Bolt', 'Works of B'] },
  ],
  consents,
  ...change,
})

export const beside = (policy: CompiledPolicy, ...consents: readonly Consent[]): CompiledPolicy =>
  withRegister(policy, compileRegister(registerOf(consents)))
