import { Kind, kinds } from '@entente/schema'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decide, levelOf } from '../src/decide.ts'
import type { Row } from '../src/document.ts'
import {
  type Form,
  isCoarser,
  isName,
  isPlace,
  joinLevels,
  type Level,
  levels,
  mustDrop,
  mustDropAll,
  transformTo,
} from '../src/levels.ts'
import { gainOf, type Outcome, outcomes } from '../src/outcome.ts'
import { allFive, permitted, policyWith } from './fixtures.ts'

/** What each level tells: the join tells what both do. A second reading of the order, by sets. */
const told: Readonly<Record<Level, string>> = {
  exact: 'value,fine,coarse,nation,code',
  fine: 'fine,coarse',
  coarse: 'coarse',
  country: 'nation',
  pseudonym: 'code',
  redact: '',
}
const factsOf = (level: Level) => told[level].split(',').filter(Boolean)
const telling = (facts: readonly string[]) =>
  levels.find((level) => told[level] === facts.join()) ?? 'none'
const isWithin = (a: Level, b: Level) => factsOf(a).every((fact) => factsOf(b).includes(fact))

test('the join of two levels tells what both tell, in whatever order and however often', () => {
  for (const a of levels) {
    expect(joinLevels(a, a)).toBe(a)
    for (const b of levels) {
      const both = factsOf(a).filter((fact) => factsOf(b).includes(fact))
      expect(joinLevels(a, b)).toBe(telling(both))
      expect(joinLevels(b, a)).toBe(joinLevels(a, b))
      expect(isCoarser(a, b)).toBe(a !== b && isWithin(a, b))
      for (const c of levels)
        expect(joinLevels(joinLevels(a, b), c)).toBe(joinLevels(a, joinLevels(b, c)))
    }
  }
})

const transforms = fc.array(fc.constantFrom(...levels.filter((level) => level !== 'exact')), {
  minLength: 1,
  maxLength: 6,
})
const rowTo = (level: Exclude<Level, 'exact'>, i: number): Row => ({
  id: `row-${i}`,
  effect: 'transform',
  match: { recipient: { in: ['GBR'] } },
  transform: transformTo(level),
  reasonCode: `ROW-${i}`,
  authority: 'Exercise',
})

test('all matching transforms are joined, whatever their order and however often they stand there', () => {
  fc.assert(
    fc.property(transforms, fc.boolean(), fc.nat(), (wanted, alsoExact, seed) => {
      const rows = [...(alsoExact ? [allFive] : []), ...wanted.map(rowTo)]
      const turned = rows.toSorted((a, b) => (hash(a.id, seed) < hash(b.id, seed) ? -1 : 1))
      // The ids keep their order: other ids, other places among the rows.
      const renamed = turned.map((row, i) => ({ ...row, id: `other-${i}` }))
      const common = factsOf('exact').filter((fact) =>
        wanted.every((level) => factsOf(level).includes(fact)),
      )
      for (const rules of [rows, turned, renamed, [...rows, ...twice(wanted)]]) {
        const decision = decide(permitted, policyWith({ rules }))
        expect(decision.effect).toBe('transform')
        expect(levelOf(decision)).toBe(telling(common))
      }
      expect(decide(permitted, policyWith({ rules: turned }))).toEqual(
        decide(permitted, policyWith({ rules: rows })),
      )
    }),
    { numRuns: 40 },
  )
})
const hash = (id: string, seed: number) => ((Number(id.at(-1)) || 7) * 31 + seed * 17) % 101
const twice = (wanted: readonly Exclude<Level, 'exact'>[]) =>
  wanted.map((level, i) => rowTo(level, i + 10))

test('one more transform never tells more', () => {
  fc.assert(
    fc.property(transforms, transforms, (some, more) => {
      const [before, after] = [some, [...some, ...more]].map((wanted) =>
        levelOf(decide(permitted, policyWith({ rules: wanted.map(rowTo) }))),
      )
      expect(isWithin(after ?? 'exact', before ?? 'redact')).toBe(true)
    }),
    { numRuns: 40 },
  )
})

test('what is held is dropped unless what comes tells all of it and is no other form of a name', () => {
  const forms = levels.filter((level): level is Form => level !== 'redact')
  for (const before of forms) {
    expect(mustDrop(before, undefined)).toBe(true)
    for (const now of forms) {
      const aboutNames = (before === 'pseudonym') !== (now === 'pseudonym')
      expect(mustDrop(before, now)).toBe(aboutNames || !isWithin(before, now))
      expect(mustDropAll({ title: before, x: 'exact' }, { title: now })).toBe(aboutNames)
    }
    expect(mustDrop('a level of a later engine', before)).toBe(true)
    expect(mustDropAll({ title: before }, {})).toBe(false)
  }
})

test('a change of outcome that tells something new is a gain, even where it tells less of another sort', () => {
  const levelIn = (outcome: Outcome) => outcome.replace('approve ', '') as Form | 'nothing'
  const asks = (outcome: Outcome) => outcome.startsWith('approve')
  for (const before of outcomes)
    for (const after of outcomes) {
      const [was, now] = [before, after].map((outcome): Level => {
        const level = levelIn(outcome)
        return level === 'nothing' ? 'redact' : level
      }) as [Level, Level]
      const freed = asks(before) && !asks(after) && after !== 'nothing'
      expect(gainOf(before, after) > 0).toBe(!isWithin(now, was) || freed)
      if (before !== after && isWithin(now, was) && !freed)
        expect(gainOf(before, after)).toBeLessThan(0)
    }
})

test('places and names are fields of their sort alone', () => {
  const pairs = Kind.options.flatMap((kind) =>
    [...Object.keys(kinds[kind].fields), 'constructor', 'ext'].map(
      (field) => [kind, field] as const,
    ),
  )
  const named = pairs.filter(([kind, field]) => isName(kind, field))
  expect(named).toHaveLength(Kind.options.length)
  for (const [kind, field] of named) expect(kinds[kind].identity).toContain(field)
  expect(pairs.filter(([kind, field]) => isPlace(kind, field)).map(String)).toEqual([
    'capability,place',
    'supplier,place',
    'facility,address',
  ])
})
