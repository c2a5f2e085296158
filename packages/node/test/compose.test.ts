import { type Composition, type Form, mustDrop } from '@entente/policy'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { changeFor, type Held } from '../src/release/compose.ts'

type Level = Form
const order: readonly Level[] = ['exact', 'fine', 'coarse']

/** Of a fragment its kind alone is read here. */
const fragment = { head: { kind: 'capability' } } as NonNullable<Composition['fragment']>

/** A composition that releases these fields at these levels; null: nothing of the record goes. */
function composed(
  levels: Record<string, Level> | null,
  digest = 'new',
  roles: Composition['roles'] = {},
): Composition {
  const fields = Object.keys(levels ?? {}).sort()
  return {
    fragment: levels === null ? null : fragment,
    digest: levels === null ? null : digest,
    fields,
    authority: fields.map(() => 'ground'),
    levels: levels ?? {},
    roles,
    decisions: new Map(),
    validUntil: null,
    approvals: {},
    consents: [],
    pending: [],
    bands: {},
  }
}
const held = (fields: Record<string, Level>, digest = 'old', roles: Held['roles'] = {}): Held => ({
  dataset: 'd',
  digest,
  fields,
  roles,
  consents: [],
})

test.each<[string, Held | null, Composition, ReturnType<typeof changeFor>]>([
  ['nothing is held and nothing may go', null, composed(null), { drop: null, put: false }],
  [
    'nothing is held and something may go',
    null,
    composed({ title: 'exact' }),
    { drop: null, put: true },
  ],
  [
    'the record may no longer go',
    held({ title: 'exact' }),
    composed(null),
    { drop: 'all', put: false },
  ],
  [
    'the bytes are the same',
    held({ title: 'exact' }, 'same'),
    composed({ title: 'exact' }, 'same'),
    { drop: null, put: false },
  ],
  [
    'a value changed',
    held({ title: 'exact' }),
    composed({ title: 'exact' }),
    { drop: null, put: true },
  ],
  [
    'one field is lost',
    held({ rate: 'exact', title: 'exact' }),
    composed({ title: 'exact' }),
    { drop: ['rate'], put: true },
  ],
  [
    'one field becomes coarser',
    held({ rate: 'exact', title: 'exact' }),
    composed({ rate: 'fine', title: 'exact' }),
    { drop: ['rate'], put: true },
  ],
  [
    'one field becomes finer',
    held({ rate: 'coarse', title: 'exact' }),
    composed({ rate: 'fine', title: 'exact' }),
    { drop: null, put: true },
  ],
  [
    'a field is left to some roles, with the bytes as before',
    held({ rate: 'exact', title: 'exact' }, 'same'),
    composed({ rate: 'exact', title: 'exact' }, 'same', { rate: ['engineering'] }),
    { drop: ['rate'], put: true },
  ],
  [
    'a field is left to other roles',
    held({ rate: 'exact', title: 'exact' }, 'same', { rate: ['contracting'] }),
    composed({ rate: 'exact', title: 'exact' }, 'same', { rate: ['engineering'] }),
    { drop: ['rate'], put: true },
  ],
  [
    'the name is left to some roles, without which nothing may be held',
    held({ lead: 'exact', rate: 'exact', title: 'exact' }, 'same', { rate: ['contracting'] }),
    composed({ lead: 'exact', rate: 'exact', title: 'exact' }, 'same', {
      rate: ['contracting'],
      title: ['contracting', 'engineering'],
    }),
    { drop: 'all', put: true },
  ],
  [
    'one role more may read',
    held({ rate: 'exact', title: 'exact' }, 'same', { rate: ['contracting'] }),
    composed({ rate: 'exact', title: 'exact' }, 'same', { rate: ['contracting', 'engineering'] }),
    { drop: null, put: true },
  ],
  [
    'every role may read',
    held({ rate: 'exact', title: 'exact' }, 'same', { rate: ['contracting'] }),
    composed({ rate: 'exact', title: 'exact' }, 'same'),
    { drop: null, put: true },
  ],
  [
    'the same roles may read',
    held({ rate: 'exact', title: 'exact' }, 'same', { rate: ['contracting'] }),
    composed({ rate: 'exact', title: 'exact' }, 'same', { rate: ['contracting'] }),
    { drop: null, put: false },
  ],
  [
    'a field was dropped and comes back with the bytes as before',
    held({ title: 'exact' }, 'same'),
    composed({ rate: 'exact', title: 'exact' }, 'same'),
    { drop: null, put: true },
  ],
  [
    'a place becomes its country',
    held({ place: 'exact', title: 'exact' }),
    composed({ place: 'country', title: 'exact' }),
    { drop: ['place'], put: true },
  ],
  [
    'a country becomes the place',
    held({ place: 'country', title: 'exact' }),
    composed({ place: 'exact', title: 'exact' }),
    { drop: null, put: true },
  ],
  [
    'a band becomes a country, which is neither finer nor coarser',
    held({ place: 'fine', title: 'exact' }),
    composed({ place: 'country', title: 'exact' }),
    { drop: ['place'], put: true },
  ],
  [
    'a name gives way to a pseudonym',
    held({ rate: 'exact', title: 'exact' }),
    composed({ rate: 'exact', title: 'pseudonym' }),
    { drop: 'all', put: true },
  ],
  [
    'a pseudonym gives way to the name',
    held({ rate: 'exact', title: 'pseudonym' }),
    composed({ rate: 'exact', title: 'exact' }),
    { drop: 'all', put: true },
  ],
  [
    'a value changed beside a pseudonym',
    held({ rate: 'exact', title: 'pseudonym' }),
    composed({ rate: 'exact', title: 'pseudonym' }),
    { drop: null, put: true },
  ],
])('when %s', (_, before, now, change) => {
  expect(changeFor(before, now)).toEqual(change)
})

test('whatever is lost or made coarser is dropped, and nothing else is', () => {
  const levels = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), fc.constantFrom(...order), {
    minKeys: 1,
  })
  fc.assert(
    fc.property(levels, levels, (before, now) => {
      const { drop } = changeFor(held(before), composed(now))
      const dropped = drop === 'all' ? Object.keys(before) : (drop ?? [])
      for (const [field, level] of Object.entries(before)) {
        const after = now[field]
        const narrower = after === undefined || order.indexOf(after) > order.indexOf(level)
        expect(dropped.includes(field)).toBe(narrower)
      }
    }),
  )
})

test('of any two forms of a value, what is held goes first unless the new one tells all of it', () => {
  const forms = ['exact', 'fine', 'coarse', 'country', 'pseudonym'] as const
  for (const before of forms)
    for (const now of forms) {
      const { drop } = changeFor(held({ x: before, y: 'exact' }), composed({ x: now, y: 'exact' }))
      expect(drop !== null).toBe(mustDrop(before, now))
      if (drop !== null) expect(drop === 'all').toBe([before, now].includes('pseudonym'))
    }
})
