import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { fillTemplate } from '../src/policy-templates/fill-template.ts'
import { run } from './fake.ts'

const folder = mkdtempSync(join(tmpdir(), 'entente-policy-'))
afterAll(() => rmSync(folder, { recursive: true }))
const template = { template: 'bilateral', nation: 'NOR', from: '2026-01-01', until: '2028-01-01' }
const good = fillTemplate({ ...template, template: 'bilateral', partners: ['DNK'] })
const file = join(folder, 'NOR.yaml')

/** The good policy with one text in place of another, read by a verb. */
async function check(was: string, becomes: string, verb = 'check') {
  expect(good).toContain(was)
  const text = good.replace(was, becomes)
  writeFileSync(file, text)
  const line = text.slice(0, good.indexOf(was)).split('\n').length
  return { line, ...(await run(['policy', verb, file, '--folder', folder])) }
}
const rule = 'recipient: { in: [DNK] }'

test('a good policy is written back as it is signed: comments and layout do not count', async () => {
  writeFileSync(file, good)
  const checked = await run(['policy', 'check', file, '--json'])
  expect(checked.exit).toBe(0)
  const json = join(folder, 'NOR.json')
  writeFileSync(json, good.replaceAll(/#.*$/gm, ''))
  const again = await run(['policy', 'check', json, '--json'])
  expect(JSON.parse(again.out).digest).toBe(JSON.parse(checked.out).digest)
})

describe('a policy is refused, naming file, line, row, field and what to do, that has', () => {
  test.each<[fault: string, was: string, becomes: string, says: RegExp]>([
    [
      'an unknown nation',
      rule,
      'recipient: { in: [DNX] }',
      /FORM in row open-to-partners, match\.recipient\.in\[0\]\n.*DNX is not an ISO 3166-1 alpha-3 code/,
    ],
    ['the code NO for Norway', 'nation: NOR', 'nation: NO', /FORM in nation\n.*write NOR/],
    [
      'false, where another tool has read NO',
      rule,
      'recipient: { in: [false] }',
      /match\.recipient\.in\[0\]\n.*three letters in quotes/,
    ],
    [
      'an unknown operator',
      rule,
      'recipient: { like: DNK }',
      /match\.recipient\.like\n.*has no member like.*take it out/,
    ],
    [
      'an unknown attribute',
      rule,
      `${rule}\n      colour: { in: [red] }`,
      /row open-to-partners, match(\.colour)?\n/,
    ],
    [
      'an unknown field',
      'field: { in: [rate_max, lead_time] }',
      'field: { in: [rate_max, leadtime] }',
      /UNKNOWN_FIELD in row restricted-rates-in-bands, match\.field\.in\[1\]\n.*entente schema/,
    ],
    [
      'an unknown level',
      'atMost: UNCLASSIFIED',
      'atMost: OPEN',
      /match\.classification\.atMost\n.*is none of UNCLASSIFIED/,
    ],
    [
      'an unknown effect',
      'effect: approve',
      'effect: ask',
      /row contacts-by-officer, effect\n.*permit, transform, approve or deny/,
    ],
    [
      'a date that does not exist',
      'from: 2026-01-01 ',
      'from: 2026-02-30 ',
      /FORM in from\n.*write year-month-day/,
    ],
    [
      'a date in another order',
      'from: 2026-01-01 ',
      'from: 01.02.2026 ',
      /FORM in from\n.*2026-10-01/,
    ],
    [
      'an end before its beginning',
      'until: 2028-01-01 ',
      'until: 2025-01-01 ',
      /INTERVAL in until\n/,
    ],
    [
      'two rows of one id',
      'id: contacts-by-officer',
      'id: open-to-partners',
      /DUPLICATE_ID in row open-to-partners, id\n.*another id/,
    ],
    [
      'a table that there is not',
      'ceilings:',
      'ceiling: {}\nceilings:',
      /FORM in ceiling\n.*take it out/,
    ],
    ['no ceilings', 'ceilings:\n  DNK: RESTRICTED', '', /FORM in ceilings\n.*write ceilings/],
    [
      'an edge that is a number',
      '"0", "12", "24"',
      '0, 12, 24',
      /FORM in bands\.months\.levels\[1\]\.edges\[0\]\n.*write "0", in quotes/,
    ],
    [
      'a test that fails',
      'expect: permit',
      'expect: deny',
      /TEST in tests\[0\]\n.*expected deny, found permit/,
    ],
    [
      'a label that is not sorted',
      'releasableTo: [DNK]',
      'releasableTo: [PARTNERS, DNK]',
      /tests\[1\]\.record\.label\.releasableTo\n.*sort the list/,
    ],
    [
      'a digest that is none',
      '# supersedes: DIGEST ',
      'supersedes: edition-1 ',
      /FORM in supersedes\n.*not a digest/,
    ],
  ])('%s', async (_, was, becomes, says) => {
    const { out, exit, line } = await check(was, becomes)
    expect(exit).toBe(7)
    expect(out).toMatch(says)
    const named = Number(/NOR\.yaml:(\d+): /.exec(out)?.[1])
    // The line of the change, or of the list or row that it is in.
    expect(Math.abs(named - line)).toBeLessThanOrEqual(becomes === '' ? 1000 : 6)
  })
})

describe('what YAML can do beside saying values is refused with its line:', () => {
  const bomb = (depth: number) =>
    Array.from({ length: depth }, (_, i) =>
      i === 0
        ? 'a0: &a0 [x, x, x, x, x, x, x, x, x]'
        : `a${i}: &a${i} [${Array(9)
            .fill(`*a${i - 1}`)
            .join()}]`,
    ).join('\n')
  test.each<[what: string, was: string, becomes: string, says: RegExp]>([
    ['a key twice', 'edition: 1 ', 'edition: 1\nedition: 2 ', /edition stands twice/],
    ['an anchor', rule, 'recipient: &to { in: [DNK] }', /&to marks a part/],
    [
      'a bomb of aliases',
      'nation: NOR',
      `${bomb(9)}\nnation: NOR`,
      /&a0 marks a part|\*a0 stands in/,
    ],
    ['a tag', 'from: 2026-01-01 ', 'from: !!timestamp 2026-01-01 ', /tags? .*take it out/],
    ['a tag of a language', 'title: Gaps', 'title: !!js/function "x"', /take it out/],
    [
      'YAML 1.1, whose NO is false',
      '# A release policy',
      '%YAML 1.1\n---\n# A release policy',
      /%YAML 1\.1 reads NO as false/,
    ],
    ['two documents', 'ceilings:\n', '---\nceilings:\n', /document/],
    [
      'a key that is a map',
      'ceilings:\n',
      'ceilings:\n  ? { a: 1 }\n  : SECRET\n',
      /a key is a word/,
    ],
    [
      'a key that is JavaScript’s',
      'ceilings:\n',
      'ceilings:\n  __proto__: SECRET\n',
      /take it out/,
    ],
    ['a tab as indentation', '  DNK: RESTRICTED', '\tDNK: RESTRICTED', /NOR\.yaml/],
  ])('%s', async (_, was, becomes, says) => {
    const { err, exit } = await check(was, becomes)
    expect([exit, err]).toEqual([2, expect.stringMatching(/NOR\.yaml(:\d+)?: .*\(FILE_FORM\)/)])
    expect(err).toMatch(says)
  })

  test('a file that is no map', async () => {
    writeFileSync(file, '- a\n- b\n')
    const { err, exit } = await run(['policy', 'check', file])
    expect([exit, err]).toEqual([2, expect.stringContaining('this is no policy')])
  })
})

test('sign refuses as check does, with the line', async () => {
  const bad = await check(rule, 'recipient: { in: [DNX] }', 'sign')
  expect(bad.err).toContain('name the authority’s key')
  const key = ['--key', '/nowhere.pem']
  writeFileSync(file, good.replace(rule, 'recipient: { in: [DNX] }'))
  const { err, exit } = await run(['policy', 'sign', file, ...key])
  expect([exit, err]).toEqual([
    4,
    expect.stringMatching(/NOR\.yaml:\d+: FORM in row open-to-partners/),
  ])
})

test.each([
  ['aukus', 'GBR', []],
  ['aukus', 'USA', ['AUS']],
  ['nato', 'NOR', []],
  ['nato', 'SWE', ['NOR', 'DNK']],
  ['five-eyes', 'NZL', []],
  ['bilateral', 'NOR', ['DNK', 'SWE']],
] as const)(
  'the start for %s of %s passes check, carries tests and keeps to the screen',
  async (name, nation, partners) => {
    const text = fillTemplate({
      template: name,
      nation,
      partners,
      from: '2026-06-01',
      until: '2028-01-01',
    })
    expect(text).not.toMatch(/\{\{|\}\}/)
    expect(text.split('\n').filter((line) => line.length > 90)).toEqual([])
    writeFileSync(file, text)
    const { out, exit } = await run(['policy', 'check', file, '--json'])
    expect([exit, JSON.parse(out)]).toMatchObject([0, { ok: true, nation, edition: 1 }])
    expect(JSON.parse(out).tests).toBeGreaterThan(4)
    const tested = await run(['policy', 'test', file])
    expect(tested.out).toMatch(/\d tests, all passed\.\n$/)
  },
)

test('members of NATO are those of the lists of others, by year', async ({ skip }) => {
  const path = '../shared/data/reference/csis_country_codes.csv'
  let rows: string[][] = []
  try {
    rows = readFileSync(path, 'utf8')
      .trim()
      .split('\n')
      .map((line) => line.replaceAll(/"[^"]*"/g, '').split(','))
  } catch {
    skip('1 skipped: ../shared is not here')
  }
  const [heads = []] = rows
  const at = (name: string) => heads.findIndex((head) => head.replace('\ufeff', '') === name)
  const years = new Map(rows.map((row) => [row[at('alpha-3')], row[at('NATOyear')]]))
  const { coalitions } = await import('../src/policy-templates/coalitions.ts')
  const members = Object.entries(coalitions.nato.members)
  expect(members).toHaveLength(32)
  for (const [nation, day] of members)
    expect([nation, day.slice(0, 4)]).toEqual([nation, years.get(nation)])
})
