import type { Label } from '@entente/schema'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { composeFragment } from '../src/compose.ts'
import { createDecider } from '../src/decider.ts'
import type { PolicyDocument } from '../src/document.ts'
import { explain } from '../src/explain.ts'
import { scanSpill } from '../src/spill/scan.ts'
import { allFive, october, open, policyWith, record, recordWith } from './fixtures.ts'

const label = (change: Partial<Label> = {}): Label => ({
  classification: 'UNCLASSIFIED',
  releasableTo: ['GBR'],
  caveats: [],
  ...change,
})
const told = (value: Parameters<typeof scanSpill>[0], change: Partial<Label> = {}) =>
  scanSpill(value, label(change)).map(({ kind, what, text }) => `${kind}: ${what}: ${text}`)

test.each([
  ['TOP SECRET', ['marking: a mark of TOP SECRET: TOP SECRET']],
  ['the annex is SECRET.', ['marking: a mark of SECRET: SECRET']],
  ['NATO RESTRICTED', ['marking: a mark of RESTRICTED: NATO RESTRICTED']],
  ['OFFICIAL-SENSITIVE', ['marking: a mark of RESTRICTED: OFFICIAL-SENSITIVE']],
  [
    'VS-NUR FÜR DEN DIENSTGEBRAUCH',
    ['marking: a mark of RESTRICTED: VS-NUR FÜR DEN DIENSTGEBRAUCH'],
  ],
  ['SECRET//NOFORN', ['marking: a mark of SECRET: SECRET', 'marking: a mark of NOFORN: NOFORN']],
  ['(S//NF) range', ['marking: a mark of SECRET: (S//NF)']],
  ['COMMERCIAL IN CONFIDENCE', ['marking: a mark of COMMERCIAL: COMMERCIAL IN CONFIDENCE']],
  ['ask a.person@example.org', ['personal: e-mail address: a.person@example.org']],
  ['+47 22 00 00 00', ['personal: telephone number: +47 22 00 00 00']],
  ['(555) 010-0199', ['personal: telephone number: (555) 010-0199']],
  ['000-12-3456', ['personal: social security number: 000-12-3456']],
  ['born 12.03.1970', ['personal: date of birth: born 12.03.1970']],
])('finds in %j what its label does not foresee', (text, found) => {
  expect(told(text)).toEqual(found)
})

test.each([
  'a secret ballot, in confidence',
  'SECRETARY OF DEFENSE',
  'UNRESTRICTED LINE ITEM(S)',
  'NSN 5865-01-234-5678, part 123-4567-89',
  'circuits, CU I and CUIRASS',
  'AN/ASQ-235 +12 V, 28 VDC',
  'delivered 2026-03-12, size 12-34-5678',
  'user@host',
  '',
])('finds nothing in %j', (text) => {
  expect(told(text)).toEqual([])
})

test('a word that the label foresees is none', () => {
  expect(told('SECRET//NOFORN', { classification: 'SECRET', caveats: ['NOFORN'] })).toEqual([])
  expect(told('SECRET', { classification: 'TOP SECRET' })).toEqual([])
  expect(told('SECRET', { classification: 'CONFIDENTIAL' })).toHaveLength(1)
})

test('paragraphs without a mark among marked ones are found, and all unmarked ones are not', () => {
  expect(told('(U) one\nand two\n\n(U) three')).toEqual([
    'prose: a paragraph without a portion mark: and two',
  ])
  expect(told('one\ntwo\nthree')).toEqual([])
})

test('says where in a value it stands', () => {
  expect(scanSpill(['x', { 'a/b': 'now SECRET' }], label())).toEqual([
    { kind: 'marking', what: 'a mark of SECRET', text: 'SECRET', path: '/1/a~1b', span: [4, 10] },
  ])
})

test('every span is the text it names, whatever the text', () => {
  const word = fc.constantFrom('SECRET', 'TOP SECRET', '(S)', '\n', 'x@y.org', ' ', 'NOFORN', '(U)')
  fc.assert(
    fc.property(fc.array(fc.oneof(word, fc.string({ unit: 'grapheme' }))), (parts) => {
      const text = parts.join(' ')
      for (const { span, text: said } of scanSpill(text, label()))
        expect(text.slice(span[0], span[1])).toBe(said)
    }),
    { numRuns: 300 },
  )
})

test('a lower label never finds less', () => {
  const text = fc
    .array(fc.constantFrom('SECRET', 'NOFORN', 'RESTRICTED', 'ORCON', 'CONFIDENTIAL', 'x'))
    .map((parts) => parts.join(' '))
  fc.assert(
    fc.property(text, fc.constantFrom('RESTRICTED' as const, 'SECRET' as const), (said, level) => {
      const higher = scanSpill(said, label({ classification: level })).length
      expect(scanSpill(said, label()).length).toBeGreaterThanOrEqual(higher)
    }),
  )
})

test('cost grows with the text, not faster', () => {
  for (const bait of ['a@', '+1 (', '((S//', 'TOP ', '-1', 'VS-NUR ']) {
    const text = bait.repeat(200_000 / bait.length)
    const before = performance.now()
    scanSpill(text, label())
    expect(performance.now() - before).toBeLessThan(3_000)
  }
})

const allowed: NonNullable<PolicyDocument['spill']> = {
  allow: [{ kind: 'marking', text: 'SECRET', field: 'supplier', reason: 'part of its name' }],
}
const composed = (supplier: string, change: Partial<PolicyDocument> = {}) => {
  const policy = policyWith(change)
  const asked = recordWith({
    fields: { ...record.fields, supplier: { value: supplier, label: open } },
  })
  const question = {
    record: asked,
    recipient: 'GBR',
    purpose: 'use',
    atMs: october,
    sender: 'USA',
  } as const
  const made = composeFragment(question, createDecider(policy), { recordKey: new Uint8Array(32) })
  const why = explain({ ...question, field: 'supplier' }, policy).fields[0]
  return { made, why }
}

test('a value that may spill waits for an officer, and the rest of the record goes', () => {
  const { made, why } = composed('SECRET Sauce Ltd, ask a.person@example.org')
  expect(made.fields).not.toContain('supplier')
  expect(made.fields).toContain('title')
  expect(JSON.stringify(made.fragment)).not.toContain('Sauce')
  const because = [
    'possible spill: a mark of SECRET at characters 1 to 6',
    'possible spill: e-mail address at characters 23 to 42',
  ]
  expect(made.pending.map((each) => [each.subject.field, each.because])).toEqual([
    ['supplier', because],
  ])
  expect(why).toMatchObject({ effect: 'approve', gate: 'spill', because, level: 'redact' })
  expect(why?.words).not.toContain('Sauce')
})

test('text beside a band, or as the name of a member, is scanned as well', () => {
  expect(told({ 'TOP SECRET': true })).toEqual(['marking: a mark of TOP SECRET: TOP SECRET'])
  const policy = policyWith({
    rules: [
      allFive,
      {
        id: 'bands',
        effect: 'transform',
        match: { recipient: { in: ['GBR'] }, field: { in: ['rate_max'] } },
        transform: { kind: 'band', level: 'coarse' },
        reasonCode: 'BANDS',
        authority: 'Exercise',
      },
    ],
  })
  const sent = (unit: string) => {
    const value = { number: '25', unit, per: 'year' }
    const asked = recordWith({ fields: { ...record.fields, rate_max: { value, label: open } } })
    const question = { record: asked, recipient: 'GBR', purpose: 'use', atMs: october } as const
    return composeFragment({ ...question, sender: 'USA' }, createDecider(policy), {
      recordKey: new Uint8Array(32),
    })
  }
  expect(sent('each').levels['rate_max']).toBe('coarse')
  const held = sent('each, ask a.person@example.org')
  expect(held.fields).not.toContain('rate_max')
  expect(held.pending.map(({ subject: { field, level } }) => [field, level])).toEqual([
    ['rate_max', 'coarse'],
  ])
})

test('what a signed entry allows goes, in the field that it names and no other', () => {
  expect(composed('SECRET Sauce Ltd', { spill: allowed }).made.fields).toContain('supplier')
  expect(composed('TOP SECRET Sauce', { spill: allowed }).made.fields).not.toContain('supplier')
  const elsewhere = { allow: allowed.allow.map((entry) => ({ ...entry, field: 'title' })) }
  expect(composed('SECRET Sauce', { spill: elsewhere }).made.fields).not.toContain('supplier')
})
