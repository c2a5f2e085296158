import { type DataRecord, digestOf, type Label, type Terms } from '@entente/schema'
import { expect, test } from 'vitest'
import { absorb } from '../src/ledger/record/absorb.ts'
import { amend, type Draft, toStored } from '../src/ledger/record/amend-record.ts'
import { mergeRecords, toDataRecord } from '../src/ledger/record/merge-record.ts'
import type { StoredRecord } from '../src/ledger/record/stored-record.ts'
import { bindingOf, hasTerms, joinBindings } from '../src/parties/name-binding.ts'
import { copyOwn } from '../src/records/copy-record.ts'

const label: Label = { classification: 'RESTRICTED', releasableTo: [], caveats: [] }
const id = (digit: string) => `urn:entente:${digit.repeat(32)}`
const received = { record: id('a'), head: digestOf('head'), value: digestOf('Beacon') }
const ofAus: Terms = { originator: 'AUS', onward_release: 'ask', received }
const ofGbr: Terms = { originator: 'GBR', onward_release: 'none' }
const both = { originator: 'AUS', onward_release: 'ask', others: [ofGbr] }

const draft = (terms: Terms | undefined, value = 'Beacon'): Draft => ({
  kind: 'capability',
  dataset: 'production',
  originator: 'USA',
  envelope: {
    asOf: '2026-01-01',
    status: 'draft',
    source: { document: 'copy' },
    handling: { originator_control: true, onward_release: 'ask' },
    derivedFrom: [{ record: id('a'), originator: 'AUS' }],
  },
  fields: { title: { value, label, ...(terms && { terms }) } },
})
const by = (actor: string) => ({ actor, note: { author: actor, reason: 'test', atMs: 1 } })
const stored = (terms: Terms | undefined, actor = 'a', value?: string) =>
  toStored(id('1'), draft(terms, value), by(actor), 'key')
const termsOf = (record: StoredRecord) => toDataRecord(record).fields['title']?.terms

test('an edit, and taking out and putting back, keep the terms, and do not say anew what came', () => {
  const record = stored(ofAus)
  const edited = amend(record, { set: { title: { value: 'Other' } } }, by('a'))
  expect(termsOf(edited)).toEqual(ofAus)
  const out = amend(edited, { unset: ['title'] }, by('a'))
  expect(termsOf(amend(out, { set: { title: { value: 'New' } } }, by('b')))).toEqual(ofAus)
  expect(termsOf(amend(record, { set: { title: { label } }, narrow: true }, by('a')))).toEqual(
    ofAus,
  )
})

test('what a source says later joins its terms with those that bind, and loosens none', () => {
  expect(
    termsOf(absorb(stored(ofAus), draft(undefined, 'Newer'), by('a'), 'an authority')),
  ).toEqual(ofAus)
  const free: Terms = { originator: 'AUS', onward_release: 'free', received }
  expect(termsOf(absorb(stored(ofAus), draft(free, 'Newer'), by('a'), 'an authority'))).toEqual(
    ofAus,
  )
  expect(termsOf(absorb(stored(ofAus), draft(ofGbr, 'Newer'), by('a'), null))).toEqual(both)
})

test('what nodes wrote apart is of all originators, and no longer what one of them gave', () => {
  const [a, b] = [stored(ofAus, 'a'), stored(ofGbr, 'b')]
  for (const merged of [mergeRecords([a, b]), mergeRecords([b, a])])
    expect(termsOf(merged)).toEqual(both)
  // The same content, received alike by both, stays known.
  expect(termsOf(mergeRecords([stored(ofAus, 'a'), stored(ofAus, 'b', 'Other')]))).toEqual(ofAus)
  // Settling the conflict by hand loosens nothing.
  const settled = amend(mergeRecords([a, b]), { set: { title: { value: 'Beacon' } } }, by('c'))
  expect(termsOf(settled)).toEqual(both)
})

test('a copy of a copy has the terms, with what came; a name written down elsewhere has them without', () => {
  const record: DataRecord = toDataRecord(stored(ofAus))
  const { draft: again } = copyOwn(record, {
    dataset: 'production',
    nation: 'USA',
    asOf: '2026-02-01',
  })
  expect(again.fields['title']?.terms).toEqual(ofAus)
  expect(again.envelope.derivedFrom).toContainEqual({ record: id('a'), originator: 'AUS' })

  const supplied = (terms: Terms): DataRecord => ({
    ...record,
    fields: { supplier: { value: 'Works', label, terms } },
  })
  const [aus, gbr] = [bindingOf('Works', [supplied(ofAus)]), bindingOf('Works', [supplied(ofGbr)])]
  expect(aus.terms).toEqual({ originator: 'AUS', onward_release: 'ask' })
  expect(joinBindings(aus, gbr).terms).toEqual(both)
  expect(joinBindings(gbr, aus).terms).toEqual(both)
  expect(hasTerms(aus.terms, both as Terms)).toBe(false)
  expect(hasTerms(both as Terms, aus.terms)).toBe(true)
  expect(hasTerms(undefined, aus.terms)).toBe(false)
})
