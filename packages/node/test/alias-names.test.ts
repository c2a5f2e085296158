import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { knownCompanies, normalName, readSourceName, tokensOf } from '../src/alias/index.ts'
import { shortForm } from '../src/alias/name/name-words.ts'
import { townsOf } from '../src/alias/name/towns.ts'

describe('the comparison form of a name', () => {
  test.each([
    ['capitals and spaces', ' Northern  works ', 'NORTHERN WORK'],
    ['punctuation', 'Northern-Works, (West)', 'NORTHERN WORK WEST'],
    ['marks on letters', 'Construções Ågård', 'CONSTRUCOE AGARD'],
    ['a legal form', 'Northern Works, Inc.', 'NORTHERN WORK'],
    ['a legal form in letters', 'Northern Works L.L.C.', 'NORTHERN WORK'],
    ['several legal forms', 'Northern Works Company, LLC', 'NORTHERN WORK'],
    ['a foreign legal form', 'Nordværk A/S', 'NORDVÆRK'],
    ['an article', 'The Northern Works Company', 'NORTHERN WORK'],
    ['long words of companies', 'Northern Technologies International', 'NORTHERN TECH INTL'],
    ['short words of companies', 'NORTHERN TECH INTL', 'NORTHERN TECH INTL'],
    ['two words in one', 'Northern Techsystems', 'NORTHERN TECH SYS'],
    ['initials', 'J. F. Northern', 'JF NORTHERN'],
    ['a designation', 'N-3 Northern', 'N3 NORTHERN'],
    ['a designation without space', 'N-3Communications', 'N3 COMM'],
    ['a number behind a word', 'Northern2', 'NORTHERN 2'],
    ['two makers', 'Pike & Perch', 'PIKE PERCH'],
    ['nothing but a legal form', 'AG', 'AG'],
    ['no letters', ' -- ', ''],
  ])('of %s', (_, name, normal) => {
    expect(normalName(name)).toBe(normal)
    expect(tokensOf(name).join(' ')).toBe(normal)
  })

  test('of a comparison form is itself', () => {
    const word = fc.oneof(
      fc.constantFrom(...shortForm.keys(), 'the', 'and', 'A/S', 'L-3', 'J.', 'x', 'SS', 'TECHSYS'),
      fc.string({ minLength: 1, maxLength: 9 }),
      fc.string({ unit: 'grapheme', maxLength: 5 }),
    )
    const name = fc
      .array(fc.tuple(word, fc.constantFrom(' ', '-', '. ', '/', ', ', ' & ', '', '(')))
      .map((parts) => parts.flat().join(''))
    fc.assert(
      fc.property(name, (text) => {
        expect(normalName(normalName(text))).toBe(normalName(text))
      }),
      { numRuns: 2_000 },
    )
  })

  test('is the same for every short and long spelling of one word', () => {
    for (const [long, short] of shortForm) expect(tokensOf(`Pike ${long} x`)[1]).toBe(short)
  })
})

const names = [
  'Pike',
  'Perch Systems',
  'Zander GmbH',
  'Pike Marine',
  'Carp and Bream Boats',
  'North Pike',
  'Ruffe Works',
].map((name) => ({ name, places: ['Lakeside, OH'] }))
const known = knownCompanies(names)
const read = (name: string) => {
  const { core, members, joint, ...rest } = readSourceName(
    { name, count: 1, places: [], nations: [] },
    known,
  ).reading
  const text = (words: typeof core): string => words.map(({ raw }) => raw).join(' ')
  return { core: text(core), joint, members: members.map(text), ...rest }
}

describe('a name is read', () => {
  test.each<[string, string, Partial<ReturnType<typeof read>>]>([
    ['legal form', 'Pike Co., Inc.', { core: 'PIKE', legal: ['CO', 'INC'] }],
    ['note behind a dash', 'Pike - ECP 10', { core: 'PIKE', notes: ['ECP 10'] }],
    ['note behind the name', 'Pike OCO', { core: 'PIKE', notes: ['OCO'] }],
    ['year behind the name', 'Pike FY16', { core: 'PIKE', notes: ['FY16'] }],
    ['note behind a legal form', 'Pike LP-Spare Rope', { core: 'PIKE', notes: ['Spare Rope'] }],
    ['what may be a unit', 'Pike - Reef', { core: 'PIKE', unclear: ['Reef'] }],
    ['hyphen behind a known name', 'Zander-Install', { core: 'ZANDER', notes: ['Install'] }],
    ['hyphen within letters', 'Pike-RX', { core: 'PIKE RX', unclear: [] }],
    ['brackets', 'Pike (RX)', { core: 'PIKE', brackets: ['RX'] }],
    ['brackets in a designation', 'Pike - ALX-6(V)3', { core: 'PIKE', notes: ['ALX-6V3'] }],
    ['place behind an at', 'Pike @Lakeside, OH', { core: 'PIKE', placed: ['Lakeside, OH'] }],
    ['place behind a comma', 'Pike, Lakeside, OH', { core: 'PIKE', placed: ['Lakeside, OH'] }],
    ['product before a dash', 'Sonar Buoy - Pike', { core: 'PIKE', front: 'Sonar Buoy' }],
    ['product before a list', 'Sonar Buoy - Loach and Pike', { front: 'Sonar Buoy' }],
    ['product before a slash', 'Sonar Kit/Pike', { core: 'PIKE', front: 'Sonar Kit' }],
    ['product with a number', 'CSX MK3 PIKE', { core: 'PIKE', front: 'CSX MK3' }],
    ['a slash that is spelling', 'Pike/Marine', { core: 'PIKE MARINE', joint: undefined }],
    ['an and that is a name', 'Carp & Bream Boats', { core: 'CARP BREAM BOATS', joint: undefined }],
    ['a single letter at a slash', 'Pike F/A Works', { core: 'PIKE F A WORKS', joint: undefined }],
  ])('with its %s', (_, name, expected) => {
    expect(read(name)).toMatchObject(expected)
  })

  test.each<[string, string, string, readonly string[]]>([
    ['a slash', 'PIKE/ZANDER', 'parted', ['PIKE', 'ZANDER']],
    ['an and', 'Zander and Pike', 'parted', ['ZANDER', 'PIKE']],
    ['w/', 'Zander w/ Pike', 'parted', ['ZANDER', 'PIKE']],
    ['a short name', 'Perch/Pike', 'parted', ['PERCH', 'PIKE']],
    ['a list', 'Pike, Loach & Zander', 'unclear', ['PIKE', 'LOACH', 'ZANDER']],
    ['a dash', 'Pike - Zander', 'unclear', ['PIKE', 'ZANDER']],
    ['one that is not known', 'Pike/Loach', 'unclear', ['PIKE', 'LOACH']],
    ['nothing between them', 'Zander Pike Systems', 'side by side', ['ZANDER', 'PIKE']],
    ['its own word', 'Loach Joint Venture', 'said', []],
    ['JV', 'Loach JV, LLC', 'said', []],
  ])('as of several companies, by %s', (_, name, joint, members) => {
    expect(read(name)).toMatchObject({ joint, members })
  })

  test('without end for text of any length', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 400 }), (text) => {
        expect(read(text).core.length).toBeLessThanOrEqual(250)
      }),
    )
    for (const part of ['A ', 'Pike/', '(', '- ', 'A&', 'Pike and ', ',', 'L3', 'Systems'])
      expect(read(part.repeat(20_000)).core.length).toBeLessThanOrEqual(250)
  })
})

test.each([
  ['town and state', ['Lakeside, OH'], ['LAKESIDE']],
  ['town alone', ['Lakeside'], ['LAKESIDE']],
  ['state behind a space', ['Lakeside OH'], ['LAKESIDE']],
  ['two towns', ['Lakeside, OH/Fort Worth, TX'], ['FT WORTH', 'LAKESIDE']],
  ['street', ['12 Pike Ln, Lakeside, OH 12345-1234'], ['LAKESIDE']],
  ['state alone', ['OH', 'Ohio'], []],
  ['nation', ['Germany'], []],
  ['no place', ['TBD', 'Various', 'N/A', 'Field Mod Team', ''], []],
])('towns are taken from a %s', (_, places, towns) => {
  expect([...townsOf(places)].sort()).toEqual(towns)
})
