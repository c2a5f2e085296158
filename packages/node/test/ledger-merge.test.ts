import { canonicalJson, joinLabels, type Label } from '@entente/schema'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { absorb } from '../src/ledger/record/absorb.ts'
import { amend, type Edit, toStored } from '../src/ledger/record/amend-record.ts'
import { boundOf } from '../src/ledger/record/bound.ts'
import {
  currentField,
  mergeRecords,
  mergeRegisters,
  toDataRecord,
} from '../src/ledger/record/merge-record.ts'
import { renderRecord } from '../src/ledger/record/render-record.ts'
import type { FieldContent, StoredRecord, Version } from '../src/ledger/record/stored-record.ts'
import { formatStored, parseStored } from '../src/ledger/record/stored-text.ts'
import type { Writer } from '../src/ledger/record/write-versions.ts'
import { national, released, supplier } from './ledger-fixture.ts'

const by = (actor: string): Writer => ({
  actor,
  note: { atMs: 1, author: `analyst ${actor}`, reason: 'exercise' },
})
const id = `urn:entente:${'0'.repeat(32)}`
const base = toStored(
  id,
  supplier('Works', { products: { value: ['cobalt'], label: released } }),
  by('a'),
  'k1',
)
const field = (record: StoredRecord, name: string) => toDataRecord(record).fields[name]

const edit: fc.Arbitrary<Edit> = fc.oneof(
  fc.record({
    set: fc.dictionary(
      fc.constantFrom('legal_name', 'products', 'size'),
      fc.record({
        value: fc.constantFrom('x', 'y', 'z'),
        label: fc.constantFrom(released, national),
      }),
      { minKeys: 1, maxKeys: 2 },
    ),
  }),
  fc.record({
    envelope: fc.record({ status: fc.constantFrom('active' as const, 'withdrawn' as const) }),
  }),
  fc.constant({ unset: ['products'] }),
)
const step = fc.oneof(
  fc.record({ by: fc.nat(2), edit }),
  fc.record({ by: fc.nat(2), takesIn: fc.nat(2) }),
)

/** Three nodes edit one record and now and then take in what another one has: what each of them holds in the end. */
const replicas = fc.array(step, { maxLength: 14 }).map((steps) => {
  const held: [StoredRecord, StoredRecord, StoredRecord] = [base, base, base]
  for (const step of steps) {
    const own = held[step.by] as StoredRecord
    if ('takesIn' in step) held[step.by] = mergeRecords([own, held[step.takesIn] as StoredRecord])
    else if (!step.edit.unset || field(own, 'products'))
      held[step.by] = amend(own, step.edit, by('abc'.charAt(step.by)))
  }
  return held
})

describe('merging what nodes wrote apart', () => {
  test('gives the same whatever the order', () =>
    fc.assert(
      fc.property(replicas, ([a, b, c]) => {
        const merged = mergeRecords([a, b, c])
        expect(mergeRecords([c, a, b])).toEqual(merged)
        expect(mergeRecords([b, a])).toEqual(mergeRecords([a, b]))
      }),
    ))

  test('gives the same whatever the grouping', () =>
    fc.assert(
      fc.property(replicas, ([a, b, c]) => {
        expect(mergeRecords([mergeRecords([a, b]), c])).toEqual(
          mergeRecords([a, mergeRecords([b, c])]),
        )
        expect(mergeRecords([mergeRecords([a, b]), c])).toEqual(mergeRecords([a, b, c]))
      }),
    ))

  test('changes nothing when there is nothing new', () =>
    fc.assert(
      fc.property(replicas, ([a, b]) => {
        const merged = mergeRecords([a, b])
        expect(mergeRecords([merged, a])).toEqual(merged)
        expect(mergeRecords([merged, merged])).toEqual(merged)
      }),
    ))

  test('never shows a field under a label wider than any version that stands', () =>
    fc.assert(
      fc.property(replicas, ([a, b, c]) => {
        const merged = mergeRecords([a, b, c])
        for (const [name, register] of Object.entries(merged.fields))
          for (const { now } of register) {
            const label = field(merged, name)?.label
            if (now && label) expect(joinLabels(label, now.label)).toEqual(label)
          }
      }),
    ))

  test('shows a conflict only where two nodes left different content', () =>
    fc.assert(
      fc.property(replicas, (all) => {
        const merged = mergeRecords(all)
        for (const [name, { conflict }] of Object.entries(toDataRecord(merged).fields)) {
          const contents = new Set(merged.fields[name]?.map(({ now }) => JSON.stringify(now)))
          expect(conflict ?? false).toBe(contents.size > 1)
        }
      }),
    ))
})

describe('two nodes that edited one record apart', () => {
  const ours = amend(base, { set: { legal_name: { value: 'Ours' } } }, by('a'))
  test('keep both edits when the fields differ', () => {
    const theirs = amend(base, { set: { products: { value: ['nickel'] } } }, by('b'))
    const merged = toDataRecord(mergeRecords([ours, theirs]))
    expect(merged.fields['legal_name']).toEqual({ value: 'Ours', label: released })
    expect(merged.fields['products']).toEqual({ value: ['nickel'], label: released })
  })
  test('keep several edits of one field in a row over the version the other never touched', () => {
    const twice = amend(ours, { set: { legal_name: { value: 'Ours again' } } }, by('a'))
    expect(field(mergeRecords([base, twice]), 'legal_name')).toEqual({
      value: 'Ours again',
      label: released,
    })
  })
  test('see the conflict under the joined label, and settle it with the next edit', () => {
    const theirs = amend(
      base,
      { set: { legal_name: { value: 'Theirs', label: national } } },
      by('b'),
    )
    const merged = mergeRecords([ours, theirs])
    expect(field(merged, 'legal_name')).toEqual({
      value: 'Theirs',
      label: joinLabels(released, national),
      conflict: true,
    })
    const settled = amend(merged, { set: { legal_name: { value: 'Ours' } } }, by('a'))
    expect(field(mergeRecords([settled, ours, theirs]), 'legal_name')).toEqual({
      value: 'Ours',
      label: national,
    })
  })
  test('keep a conflict standing while another field is edited', () => {
    const theirs = amend(base, { set: { legal_name: { value: 'Theirs' } } }, by('b'))
    const later = amend(
      mergeRecords([ours, theirs]),
      { set: { size: { value: 'small', label: released } } },
      by('a'),
    )
    expect(field(later, 'legal_name')?.conflict).toBe(true)
  })
  test('show a field that one took out and the other changed', () => {
    const without = amend(base, { unset: ['products'] }, by('b'))
    const changed = amend(base, { set: { products: { value: ['nickel'] } } }, by('a'))
    expect(field(mergeRecords([without, base]), 'products')).toBeUndefined()
    expect(field(mergeRecords([without, changed]), 'products')).toEqual({
      value: ['nickel'],
      label: released,
      conflict: true,
    })
  })
  test('a withdrawal outlasts an edit of the envelope made apart', () => {
    const withdrawn = amend(base, { envelope: { status: 'withdrawn' } }, by('a'))
    const dated = amend(base, { envelope: { asOf: '2026-02-01' } }, by('b'))
    expect(toDataRecord(mergeRecords([withdrawn, dated])).envelope.status).toBe('withdrawn')
  })
})

test('a record read back from its text is the same record', () =>
  fc.assert(
    fc.property(replicas, ([a, b, c]) => {
      const merged = mergeRecords([a, b, c])
      expect(parseStored(formatStored(merged))).toEqual(merged)
    }),
  ))

test('a value keeps the text that it was given as', () => {
  const size = { value: 'small', label: released, asGiven: 'SMALL  ' }
  const record = toStored(id, supplier('Works', { size }), by('a'))
  expect(JSON.parse(renderRecord(record).json)).toEqual(toDataRecord(record))
  expect(parseStored(formatStored(record))).toEqual(record)
})

test('a record is rendered as its canonical JSON', () =>
  fc.assert(
    fc.property(replicas, ([a, b, c]) => {
      const merged = mergeRecords([a, b, c])
      expect(renderRecord(merged).json).toBe(canonicalJson(toDataRecord(merged)))
    }),
  ))

describe('what binds a field that nodes changed apart', () => {
  const value = (label: Label): FieldContent => ({ value: 'x', label })
  const edited: Version<FieldContent> = { now: value(released), at: [2, 'b'] }
  const takenOut: Version<FieldContent> = { now: null, at: [2, 'a'], out: { label: national } }

  test('is also the label under which one of them took it out', () => {
    const register = mergeRegisters([[takenOut], [edited]])
    expect(register).toHaveLength(2)
    expect(currentField(register)).toMatchObject({ value: 'x', label: national })
    expect(boundOf(register)?.label).toEqual(national)
  })

  test('is every label under which they took it out, and the terms of either', () => {
    const terms = { originator: 'GBR', onward_release: 'none' } as FieldContent['terms']
    const other: Version<FieldContent> = {
      now: null,
      at: [2, 'b'],
      out: { label: released, ...(terms && { terms }) },
    }
    const register = mergeRegisters([[other], [takenOut]])
    expect(currentField(register)).toBeNull()
    expect(boundOf(register)).toEqual({ label: national, terms })
  })

  test('holds against a signed source where one of them had narrowed it by hand', () => {
    const byHand: Version<FieldContent> = {
      now: value(national),
      at: [2, 'a'],
      imported: value(released),
    }
    const apart = {
      ...base,
      fields: { ...base.fields, risk_note: mergeRegisters([[edited], [byHand]]) },
    }
    const said = supplier('Works', { risk_note: { value: 'y', label: released } })
    const after = absorb(apart, said, by('a'), 'USA policy authority')
    expect(field(after, 'risk_note')).toMatchObject({ value: 'y', label: national })
  })
})
