import { type Caveat, fieldsOf, Kind, roles, type Sensitivity } from '@entente/schema'
import { expect, test } from 'vitest'
import { mayRead, type ReadField, readable } from '../src/may-read.ts'

/** A field of each class. */
const ofClass: Readonly<Record<Sensitivity, readonly [Kind, string]>> = {
  P: ['supplier', 'legal_name'],
  G: ['supplier', 'registrations'],
  R: ['supplier', 'screened'],
  B: ['supplier', 'foci'],
  N: ['supplier', 'risk_note'],
  C: ['supplier', 'second_tier'],
}
const unmarked = { classification: 'UNCLASSIFIED', caveats: [] } as const
const inConfidence = { classification: 'RESTRICTED', caveats: ['COMMERCIAL'] as Caveat[] } as const
const own = ['name:Acme', 'ncage:1AA22']
const fieldOf = (sensitivity: Sensitivity, change: Partial<ReadField> = {}): ReadField => {
  const [kind, name] = ofClass[sensitivity]
  const label = sensitivity === 'C' ? inConfidence : unmarked
  return { kind, name, label, named: own, ...change }
}

test('the access matrix: a contractor reads P, G and its own C; everybody else all that has come', () => {
  const matrix = roles.map((role) =>
    (['P', 'G', 'R', 'B', 'N', 'C'] as const)
      .filter((each) => mayRead({ role, supplier: own }, fieldOf(each)))
      .join(''),
  )
  expect(Object.fromEntries(roles.map((role, i) => [role, matrix[i]]))).toEqual({
    contracting: 'PGRBNC',
    engineering: 'PGRBNC',
    logistics: 'PGRBNC',
    'program-management': 'PGRBNC',
    'release-officer': 'PGRBNC',
    contractor: 'PGC',
  })
})

test.each<[fact: string, field: ReadField, supplier: readonly string[] | undefined]>([
  ['it is of another firm', fieldOf('C', { named: ['name:Bolt'] }), own],
  ['it is of another firm as well', fieldOf('C', { named: ['name:Acme', 'name:Bolt'] }), own],
  ['nobody is named', fieldOf('C', { named: [] }), own],
  ['nobody can tell whose it is', fieldOf('C', { named: null }), own],
  ['the reader says no firm', fieldOf('C'), undefined],
  [
    'a public field is marked COMMERCIAL by another',
    fieldOf('P', { label: inConfidence, named: ['name:Bolt'] }),
    own,
  ],
  [
    'a public field is under a stricter banner',
    fieldOf('P', { label: { ...unmarked, classification: 'SECRET' } }),
    own,
  ],
  [
    'a public field has a caveat',
    fieldOf('G', { label: { ...unmarked, caveats: ['ORCON'] } }),
    own,
  ],
  [
    'its own is SECRET',
    fieldOf('C', { label: { ...inConfidence, classification: 'SECRET' } }),
    own,
  ],
  ['the sender names other roles', fieldOf('P', { roles: ['engineering'] }), own],
  ['the kind does not know the field', fieldOf('P', { name: 'of_tomorrow' }), own],
])('a contractor does not read when %s', (_, field, supplier) => {
  expect(mayRead({ role: 'contractor', ...(supplier && { supplier }) }, field)).toBe(false)
})

test('a sender that names contractors lets them read under any banner, of their own classes alone', () => {
  const named = { roles: ['contractor'], label: { classification: 'SECRET', caveats: [] } } as const
  expect(mayRead({ role: 'contractor' }, fieldOf('G', named))).toBe(true)
  expect(mayRead({ role: 'contractor' }, fieldOf('R', named))).toBe(false)
  expect(mayRead({ role: 'contractor' }, fieldOf('C', { roles: ['contractor'] }))).toBe(false)
})

test('where a field that names a supplier has not come, nobody can tell whose it is', () => {
  const reader = { role: 'contractor', supplier: ['name:Acme', 'name:Acme Works'] } as const
  const price = { value: '1' }
  const one = { supplier: { value: 'Acme' }, unit_cost: price }
  const both = { ...one, supplier_ref: { value: 'Acme Works' } }
  const isRead = (fields: Parameters<typeof readable>[1]['fields']) =>
    'unit_cost' in readable(reader, { id: '', kind: 'capability', banner: inConfidence, fields })
  expect(isRead(both)).toBe(true)
  expect(isRead(one)).toBe(false)
  // Our own record has labels, and all that it names.
  const label = { ...inConfidence, releasableTo: [] }
  expect(isRead({ supplier: { value: 'Acme', label }, unit_cost: { ...price, label } })).toBe(true)
})

test('a limit binds every role', () => {
  for (const role of roles)
    expect(mayRead({ role }, fieldOf('R', { roles: ['logistics'] }))).toBe(role === 'logistics')
})

test('no field of any kind is a contractor’s but of the classes P, G and C', () => {
  for (const kind of Kind.options)
    for (const [name, { sensitivity }] of Object.entries(fieldsOf(kind))) {
      const label = sensitivity === 'C' ? inConfidence : unmarked
      const found = mayRead(
        { role: 'contractor', supplier: own },
        { kind, name, label, named: own },
      )
      expect([name, found]).toEqual([name, ['P', 'G', 'C'].includes(sensitivity)])
    }
})
