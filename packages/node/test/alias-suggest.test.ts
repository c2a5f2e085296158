import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  conflictsWith,
  knownCompanies,
  type LinkDecisions,
  type LinkSuggestion,
  readSourceName,
  type SourceName,
  suggestLinks,
} from '../src/alias/index.ts'
import { candidatePairs } from '../src/alias/suggest/candidate-pairs.ts'

const undecided: LinkDecisions = { linked: [], distinct: [] }
const source = (name: string, places: readonly string[] = [], nations: readonly string[] = []) => ({
  name,
  count: 1,
  places,
  nations,
})
const links = (found: readonly LinkSuggestion[]) =>
  found.map(({ relation, names }) => `${names[0]} ${relation} ${names[1]}`)

const family = [
  { ...source('Pike', ['Lakeside, OH'], ['USA']), count: 9 },
  source('PIKE', ['Harbour, TX'], ['USA']),
  source('Pike Co', ['Lakeside, OH'], ['USA']),
  source('Pike - ECP 10'),
  source('Pike Missile Systems', ['Lakeside, OH'], ['USA']),
  source('Pike Missile Systems Inc', ['Lakeside, OH'], ['USA']),
  source('Pike Systems Ltd', [], ['GBR']),
  source('Zander', ['Harbour, TX'], ['USA']),
  source('Zander/Pike', ['Lakeside, OH']),
  source('TBD - Pike'),
  source('Various'),
]

describe('suggestions', () => {
  test('say of each name once what is new, most confident first', () => {
    const found = suggestLinks(family, undecided)
    expect(links(found)).toEqual([
      'Pike same-party Pike Co',
      'Pike Missile Systems same-party Pike Missile Systems Inc',
      'PIKE same-party Pike',
      'Pike takes-part Zander/Pike',
      'Pike same-party Pike - ECP 10',
      'Pike Missile Systems part-of Pike',
      'Zander takes-part Zander/Pike',
      'Pike Systems Ltd part-of Pike',
    ])
    expect(found.map(({ confidence }) => confidence)).toEqual(
      found.map(({ confidence }) => confidence).sort((a, b) => b - a),
    )
  })

  test('weigh the nations of all names of a party', () => {
    const silent = suggestLinks(family, undecided).find(({ names }) =>
      names.includes('Pike Systems Ltd'),
    )
    expect(silent?.against.map(({ code }) => code)).toContain('OTHER_NATION')
    const linked = [['Tench Ltd', 'TENCH']]
    const [link] = suggestLinks(
      [source('TENCH'), source('Tench Ltd', [], ['GBR']), source('Tench', [], ['USA'])],
      { linked, distinct: [] },
    )
    expect(link?.against.map(({ code }) => code)).toEqual(['OTHER_NATION'])
  })

  test('are not made of less than the asked confidence', () => {
    expect(links(suggestLinks(family, undecided, 95))).toEqual([
      'Pike same-party Pike Co',
      'Pike Missile Systems same-party Pike Missile Systems Inc',
    ])
  })

  test('that a person refused open others', () => {
    const three = [source('Pike'), source('Pike Co'), source('Pike Corporation')]
    expect(links(suggestLinks(three, undecided))).toEqual([
      'Pike same-party Pike Co',
      'Pike same-party Pike Corporation',
    ])
    const distinct: [string, string][] = [
      ['Pike', 'Pike Co'],
      ['Pike Corporation', 'Pike'],
    ]
    expect(links(suggestLinks(three, { linked: [], distinct }))).toEqual([
      'Pike Co same-party Pike Corporation',
    ])
  })
})

test('a large family is compared with its most frequent names, and none is lost', () => {
  const spellings = Array.from({ length: 400 }, (_, at) => source(`Pike - ECP ${at}`))
  const slips = ['Piike', 'Tench Pieke Works', 'Pikke - ECP 7', 'Pikes Co'].map((name) =>
    source(name),
  )
  const all = [...family.slice(0, 4), ...spellings, ...slips, source('Tench Pike Works')]
  const known = knownCompanies(all)
  const pairs = [...candidatePairs(all.map((name) => readSourceName(name, known)))]
  expect(pairs.length).toBeLessThan(all.length * 20)
  const same = suggestLinks(all, undecided).filter(({ relation }) => relation === 'same-party')
  for (const { name } of spellings)
    expect(same.some(({ names: pair }) => pair.includes(name))).toBe(true)
})

const words = 'Pike Zander Tench General Carp Systems Missile Inc Ltd - / and OCO 10 GC Team'.split(
  ' ',
)
const anyName = fc.record({
  name: fc
    .array(fc.constantFrom(...words), { minLength: 1, maxLength: 4 })
    .map((parts) => parts.join(' ')),
  count: fc.nat({ max: 9 }),
  places: fc.subarray(['Lakeside, OH', 'Harbour, TX']),
  nations: fc.subarray(['USA', 'GBR']),
})
const anyNames = fc.uniqueArray(anyName, { selector: ({ name }) => name, maxLength: 14 })
const asked = anyNames.chain((names) => {
  const pair = fc
    .tuple(fc.nat(), fc.nat())
    .map(([a, b]): [string, string] => [nameAt(names, a), nameAt(names, b)])
  const pairs: fc.Arbitrary<[string, string][]> =
    names.length === 0 ? fc.constant([]) : fc.array(pair, { maxLength: 4 })
  return fc.record({
    names: fc.constant(names),
    // Persons link with `conflictsWith` at hand: no pair is both linked and different.
    decisions: fc.record({ linked: pairs, distinct: pairs }).map(({ linked, distinct }) => ({
      linked,
      distinct: distinct.filter(([a, b]) => !areLinked(linked, a, b)),
    })),
  })
})
const nameAt = (names: readonly SourceName[], at: number): string =>
  names[at % names.length]?.name ?? ''
const areLinked = (linked: readonly (readonly string[])[], a: string, b: string): boolean =>
  conflictsWith({ linked, distinct: [[a, b]] }, [a, a])

describe('whatever the names and decisions,', () => {
  test('order does not matter', () => {
    fc.assert(
      fc.property(asked, ({ names, decisions }) => {
        const turned = {
          linked: decisions.linked.map((set) => set.toReversed()).reverse(),
          distinct: decisions.distinct.map(([a, b]) => [b, a] as const).reverse(),
        }
        expect(suggestLinks(names.toReversed(), turned)).toEqual(suggestLinks(names, decisions))
      }),
    )
  })

  test('what was decided is not suggested again', () => {
    fc.assert(
      fc.property(asked, ({ names, decisions }) => {
        const { linked, distinct } = decisions
        for (const { names: pair } of suggestLinks(names, decisions, 1)) {
          expect(areLinked(linked, ...pair)).toBe(false)
          expect(distinct.map((apart) => apart.toSorted())).not.toContainEqual(pair.toSorted())
        }
      }),
    )
  })

  test('all same-party suggestions together keep apart what a person said is different', () => {
    fc.assert(
      fc.property(asked, ({ names, decisions }) => {
        let { linked } = decisions as LinkDecisions
        for (const { relation, names: pair } of suggestLinks(names, decisions, 1)) {
          if (relation !== 'same-party') continue
          expect(conflictsWith({ linked, distinct: decisions.distinct }, pair)).toBe(false)
          linked = [...linked, pair]
        }
      }),
    )
  })

  test('deciding as suggested comes to an end, with nothing left to suggest', () => {
    fc.assert(
      fc.property(anyNames, (names) => {
        const linked: (readonly string[])[] = []
        const distinct: (readonly [string, string])[] = []
        for (let round = 0; round <= names.length * names.length; round += 1) {
          const [next] = suggestLinks(names, { linked, distinct })
          if (next === undefined) return
          if (next.relation === 'same-party') linked.push(next.names)
          else distinct.push(next.names)
        }
        expect.unreachable('there is always something to suggest')
      }),
      { numRuns: 40 },
    )
  })

  test('a name that comes twice is one name', () => {
    fc.assert(
      fc.property(anyNames, (names) => {
        const halves = names.flatMap((name) => [
          { ...name, count: name.count, places: [] },
          { ...name, count: 0, nations: [] },
        ])
        expect(suggestLinks(halves, undecided)).toEqual(suggestLinks(names, undecided))
      }),
    )
  })
})

test('ten thousand names are compared in blocks', { timeout: 300_000 }, () => {
  const syllables = 'BAR TEN MOR VEL KAS DOR LIN RUP SAN TOR WEX HAL GIN POL QUA ZER'.split(' ')
  const kinds = [
    'Systems',
    'Technologies Inc',
    'Marine',
    'Missile Systems',
    'Co',
    'Ltd',
    '',
    ' - ECP 1',
  ]
  const bits = (at: number, from: number, size: number): number => (at >> from) % size
  const names = Array.from({ length: 10_000 }, (_, at) => {
    // Multiplying by an odd number only shuffles; a third of the companies have ten names each.
    const company = Math.imul(at % 3 === 0 ? at % 1_990 : at, 40_503) & 0xffff
    const word = [0, 4, 8].map((from) => syllables[bits(company, from, 16)]).join('')
    const tail = syllables[bits(company, 12, 16)]
    return source(`${word} ${tail} ${kinds[at % 8]}`.trim(), [`Town ${at % 300}, TX`], ['USA'])
  })
  const start = performance.now()
  const found = suggestLinks(names, undecided)
  const timeMs = Math.round(performance.now() - start)
  process.stdout.write(`${names.length} names: ${found.length} suggestions in ${timeMs} ms\n`)
  expect(found.length).toBeGreaterThan(1_000)
})
