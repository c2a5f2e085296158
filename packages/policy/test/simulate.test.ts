import { expect, test } from 'vitest'
import { checkPolicy } from '../src/check.ts'
import type { Row } from '../src/document.ts'
import { addLike, addMember, endAgreement, removeNation } from '../src/simulate.ts'
import { allFive, documentWith } from './fixtures.ts'

const row = (id: string, change: object): Row => ({ ...allFive, id, ...change }) as Row
const base = documentWith({
  rules: [
    row('named', { match: { recipient: { in: ['GBR', 'NOR'] } } }),
    row('alone', { match: { recipient: { in: ['NOR'] } } }),
    row('others', { effect: 'deny', match: { recipient: { notIn: ['NOR', 'GBR'] } } }),
    allFive,
  ],
})
const rows = (document: typeof base) =>
  Object.fromEntries(document.rules.map(({ id, match }) => [id, match.recipient]))

test('a nation like another has its ceiling, its stays and its rows, and the policy stays sound', () => {
  const policy = addLike(base, 'NZL', 'NOR')
  expect(policy.ceilings).toEqual({ ...base.ceilings, NZL: 'RESTRICTED' })
  expect(policy.groups['NATO']).toContainEqual({ nation: 'NZL', from: '1949-08-24' })
  expect(policy.groups['AUKUS']).toEqual(base.groups['AUKUS'])
  expect(rows(policy)).toEqual({
    named: { in: ['GBR', 'NOR', 'NZL'] },
    alone: { in: ['NOR', 'NZL'] },
    others: { notIn: ['NOR', 'GBR', 'NZL'] },
    'all-fields': undefined,
  })
  expect(checkPolicy(policy)).toEqual([])
  // A row that leaves it out goes on leaving it out; all else is as it was.
  const others = base.rules.find(({ id }) => id === 'others')
  const back = removeNation(policy, 'NZL')
  expect({
    ...back,
    rules: back.rules.map((each) => (each.id === 'others' ? others : each)),
  }).toEqual(base)
})

test('a nation that is gone leaves no row empty, and none that leaves it out', () => {
  const policy = removeNation(base, 'NOR')
  expect(policy.ceilings).not.toHaveProperty('NOR')
  expect(JSON.stringify(policy.groups)).not.toContain('NOR')
  expect(rows(policy)).toEqual({
    named: { in: ['GBR'] },
    others: { notIn: ['NOR', 'GBR'] },
    'all-fields': undefined,
  })
  expect(checkPolicy(policy)).toEqual([])
})

test('a member joins a group from its day on', () => {
  const { groups } = addMember(base, 'AUKUS', 'NOR', '2027-01-01')
  expect(groups['AUKUS']?.at(-1)).toEqual({ nation: 'NOR', from: '2027-01-01' })
})

test('what cannot be imagined is refused, with what there is', () => {
  expect(() => addLike(base, 'NZL', 'POL')).toThrow('POL has no ceiling')
  expect(() => addLike(base, 'GBR', 'NOR')).toThrow('GBR has a place in this policy already')
  expect(() => removeNation(base, 'POL')).toThrow('POL has no place')
  expect(() => addMember(base, 'QUAD', 'NOR', '2027-01-01')).toThrow('it has AUKUS, NATO, PARTNERS')
  expect(() => addMember(base, 'NATO', 'NOR', '2027-01-01')).toThrow('a member of NATO already')
  const register = {
    nation: 'USA',
    edition: 1,
    from: '2026-01-01',
    until: '2028-01-01',
    agreements: [],
  }
  expect(() => endAgreement(register, 'rates', '2026-10-01')).toThrow('rates is no agreement')
})
