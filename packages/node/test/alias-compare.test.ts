import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { differsByOneLetter, withoutOneLetter } from '../src/alias/compare/one-letter.ts'
import {
  compareNames,
  knownCompanies,
  type LinkSuggestion,
  readSourceName,
  type SourceName,
} from '../src/alias/index.ts'

const source = (name: string, places: readonly string[] = [], nations: readonly string[] = []) => ({
  name,
  count: 1,
  places,
  nations,
})
const around = ['Zander', 'Tench Corp', 'General Carp', 'Pike Aero', 'Pike Sonar', 'Perch Marine']

function compare(a: SourceName, b: SourceName): LinkSuggestion | undefined {
  const names = [a, b, ...around.map((name) => source(name, ['Lakeside, OH']))]
  const known = knownCompanies(names)
  return compareNames(readSourceName(a, known), readSourceName(b, known), known)
}
const codes = (found: LinkSuggestion | undefined) => ({
  relation: found?.relation,
  names: found?.names,
  reasons: found?.reasons.map(({ code }) => code),
  against: found?.against.map(({ code }) => code),
})

describe('two names of one party', () => {
  test.each([
    ['PIKE', 'Pike', 'SAME_LETTERS'],
    ['Pike-Sonar', 'Pike Sonar', 'SAME_LETTERS'],
    ['Pike', 'Pike Company', 'LEGAL_FORM'],
    ['Gen Carp', 'General Carp', 'ABBREVIATION'],
    ['General Carp', 'Genral Carp', 'SPELLING'],
    ['GCOTS', 'General Carp Ordnance Tactical Systems', 'INITIALS'],
    ['GC Sonar', 'General Carp Sonar', 'INITIALS'],
    ['NPW', 'Northern Pike Works (NPW)', 'IN_BRACKETS'],
    ['Pike', 'Pike - ECP 10', 'TRAILING_NOTE'],
    ['Pike', 'Pike OCO', 'TRAILING_NOTE'],
    ['Pike', 'Pike (Lot 3)', 'BRACKET_NOTE'],
    ['Pike', 'Pike - Reef', 'UNCLEAR_NOTE'],
    ['Pike', 'Pike @Lakeside, OH', 'PLACE_BEHIND'],
    ['Pike Army Ammunition', 'Pike Army Ammunition Plant', 'LEFT_OUT'],
    ['Loach', 'Loach Technologies', 'GENERAL_WORD'],
  ])('%s and %s: %s', (a, b, code) => {
    expect(codes(compare(source(a), source(b)))).toEqual({
      relation: 'same-party',
      names: [a, b].sort(),
      reasons: [code],
      against: [],
    })
  })

  test('reasons are sentences that name what they saw', () => {
    const found = compare(source('Gen Carp', ['Lakeside, OH']), source('General Carp Co'))
    expect(found?.reasons.map(({ words }) => words)).toEqual([
      'one name shortens words of the other: GEN ~ GENERAL',
      'the same but for the legal form: CO',
    ])
  })
})

describe('a part and its whole', () => {
  test.each([
    ['Pike Missile Systems', 'SUBUNIT'],
    ['Pike Land Systems Division', 'SUBUNIT'],
    ['Pike Corp Harbour Division', 'SUBUNIT'],
    ['Pike RDX', 'PREFIX'],
    ['Pike Systems', 'GENERAL_WORD'],
    ['Pike Lakeside', 'PLACE_IN_NAME'],
    ['Pike Lakeside OH', 'PLACE_IN_NAME'],
    ['Pike Canada', 'PLACE_IN_NAME'],
  ])('%s is part of Pike: %s', (part, code) => {
    const found = codes(compare(source('Pike'), source(part)))
    expect(found).toMatchObject({ relation: 'part-of', names: [part, 'Pike'] })
    expect(found.reasons).toContain(code)
  })
})

describe('a member of a venture or team is never the venture', () => {
  test.each([
    ['PIKE/ZANDER', ['JOINT_VENTURE']],
    ['Pike and Zander', ['JOINT_VENTURE']],
    ['Pike & Zander, LLC', ['JOINT_VENTURE']],
    ['Zander w/ Pike', ['JOINT_VENTURE']],
    ['Pike/Loach', ['JOINT_VENTURE', 'UNCLEAR_MEMBER']],
    ['Zander Pike Systems', ['JOINT_VENTURE', 'SIDE_BY_SIDE']],
    ['Pike Joint Venture', ['JOINT_VENTURE']],
    ['Pike Team', ['JOINT_VENTURE']],
    ['Loach Pike', ['WORDS_IN_FRONT']],
  ])('Pike takes part in %s', (venture, against) => {
    const found = compare(source('Pike'), source(venture))
    expect(codes(found)).toMatchObject({
      relation: 'takes-part',
      names: ['Pike', venture],
      against,
    })
  })

  test('but two spellings of the venture are one party', () => {
    for (const [a, b] of [
      ['PIKE/ZANDER', 'Pike and Zander'],
      ['PIKE/ZANDER', 'Zander / Pike'],
      ['Zander Pike Systems', 'Zander Pike Systems (ZPS)'],
    ] as const)
      expect(compare(source(a), source(b))?.relation).toBe('same-party')
  })
})

describe('what speaks against a link is shown and lowers it', () => {
  const pike = source('Pike', ['Lakeside, OH'], ['USA'])
  const sure = compare(pike, source('Pike Corp', ['Lakeside, OH'], ['USA']))?.confidence ?? 0

  test.each<[string, SourceName]>([
    ['OTHER_PLACE', source('Pike Corp', ['Harbour, TX'], ['USA'])],
    ['OTHER_NATION', source('Pike Corp', [], ['GBR'])],
    ['PRODUCT_IN_FRONT', source('CSX MK3 PIKE', ['Lakeside, OH'], ['USA'])],
  ])('%s', (code, other) => {
    const found = compare(pike, other)
    expect(found?.against.map((reason) => reason.code)).toEqual([code])
    expect(found?.confidence).toBeLessThan(sure)
  })

  test.each([
    ['OTHER_LEGAL_FORM', 'Pike Inc', 'Pike GmbH', 80],
    ['OTHER_WORDS', 'Pike Sonar', 'Pike Aero', 29],
    ['SHARED_WORD_ONLY', 'General Carp', 'General Loach', 29],
    ['SHARED_WORD_ONLY', 'Marine Carp', 'Marine', 29],
    ['SHORT_NAME', 'Loach', 'Loack', 60],
    ['FEW_INITIALS', 'NPW', 'Northern Pike Works', 40],
  ])('%s: %s and %s', (code, a, b, most) => {
    const found = compare(source(a), source(b))
    expect(found?.against.map((reason) => reason.code)).toContain(code)
    expect(found?.confidence).toBeLessThanOrEqual(most)
  })

  test('a unit abroad is less of a surprise than a party abroad', () => {
    const unit = compare(source('Pike', [], ['USA']), source('Pike Systems Ltd', [], ['GBR']))
    const party = compare(source('Pike', [], ['USA']), source('Pike Ltd', [], ['GBR']))
    expect(unit).toMatchObject({ relation: 'part-of' })
    expect(party).toMatchObject({ relation: 'same-party' })
    for (const found of [unit, party]) expect(found?.confidence).toBeLessThanOrEqual(50)
  })
})

test('nothing links names that share no word', () => {
  expect(compare(source('Pike'), source('Zander'))).toBeUndefined()
  expect(compare(source('Pike'), source(' - '))).toBeUndefined()
  expect(compare(source('Pike'), source('Pike'))).toBeUndefined()
})

const word = fc.constantFrom(
  ...'Pike Zander General Carp Systems Missile Inc Ltd - / & and ( ) OCO ECP 10 Lakeside , Gen Tench GC L-3 Team'.split(
    ' ',
  ),
)
const anyName = fc.record({
  name: fc.array(word, { minLength: 1, maxLength: 7 }).map((words) => words.join(' ')),
  count: fc.nat({ max: 9 }),
  places: fc.subarray(['Lakeside, OH', 'Harbour, TX', 'TBD']),
  nations: fc.subarray(['USA', 'GBR']),
})

test('the order of the two names does not matter', () => {
  fc.assert(
    fc.property(anyName, anyName, (a, b) => {
      expect(compare(a, b)).toEqual(compare(b, a))
    }),
  )
})

test('a confidence is a whole percent below 100, and every relation has a reason', () => {
  fc.assert(
    fc.property(anyName, anyName, (a, b) => {
      const found = compare(a, b)
      if (found === undefined) return
      expect(Number.isInteger(found.confidence)).toBe(true)
      expect(found.confidence).toBeGreaterThanOrEqual(1)
      expect(found.confidence).toBeLessThanOrEqual(99)
      expect(found.reasons.length + found.against.length).toBeGreaterThan(0)
      expect([...found.names].sort()).toEqual([a.name, b.name].sort())
    }),
  )
})

test('words that differ by one letter share a word without one letter', () => {
  const letters = fc.string({ unit: fc.constantFrom('A', 'B', 'C'), maxLength: 7 })
  const distance = (a: string, b: string): number => {
    const rows = Array.from({ length: a.length + 1 }, (_, i) =>
      Array.from({ length: b.length + 1 }, (_none, j) => (i === 0 ? j : j === 0 ? i : 0)),
    )
    const at = (i: number, j: number): number => rows[i]?.[j] ?? Number.POSITIVE_INFINITY
    for (let i = 1; i <= a.length; i += 1)
      for (let j = 1; j <= b.length; j += 1) {
        const swap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
        const row = rows[i] as number[]
        row[j] = Math.min(
          at(i - 1, j) + 1,
          at(i, j - 1) + 1,
          at(i - 1, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1),
          swap ? at(i - 2, j - 2) + 1 : Number.POSITIVE_INFINITY,
        )
      }
    return at(a.length, b.length)
  }
  fc.assert(
    fc.property(letters, letters, (a, b) => {
      expect(differsByOneLetter(a, b)).toBe(distance(a, b) === 1)
      if (!differsByOneLetter(a, b)) return
      const shared = [...withoutOneLetter(a)].filter((rest) => withoutOneLetter(b).has(rest))
      expect(shared).not.toEqual([])
    }),
    { numRuns: 3_000 },
  )
})
