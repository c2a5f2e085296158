import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { type Asked, fakeNode, makeFolder, run } from './fake.ts'

const base = mkdtempSync(join(tmpdir(), 'entente-policies-'))
afterAll(() => rmSync(base, { recursive: true }))
const gbr = 'examples/policies/GBR.json'
const document = JSON.parse(readFileSync(gbr, 'utf8'))
const file = (name: string, change: object): string => {
  const path = join(base, name)
  writeFileSync(path, JSON.stringify({ ...document, ...change }))
  return path
}
const wider = file('wider.json', { edition: 2, ceilings: { ...document.ceilings, CAN: 'SECRET' } })
const narrower = file('narrower.json', { edition: 2, ceilings: { AUS: 'SECRET' }, tests: [] })
const nowhere = ['--folder', join(base, 'none')]

test('diff counts first, then examples, and says what signing needs', async () => {
  const asked: Asked[] = []
  const node = ['--folder', makeFolder()]
  const { out, exit } = await run(['policy', 'diff', gbr, wider, ...node], fakeNode(asked))
  expect(exit).toBe(0)
  expect(asked.map(([verb]) => verb)).toEqual(['policyDiff'])
  expect(out).toMatch(/^Edition 8 of GBR, beside edition 7\.\n\nOver 3 records held on 2026-05-02/)
  expect(out).toMatch(/nation +gains fields +loses fields.*\nNOR +2 +0 +0 +0\n/)
  expect(out).toMatch(/NOR +capability\.rate_max +nothing +coarse +2 +AN\/ASQ-235/)
  expect(out).toContain('where GBR has more than one authority, two must sign it')
})

test('without a node diff asks what the policies can tell apart, and says so', async () => {
  const more = await run(['policy', 'diff', gbr, wider, ...nowhere])
  expect(more.out).toContain('Not over what is held, since there is no node here')
  expect(more.out).toMatch(/CAN +capability\.\w+ and \d+ more +nothing +fine +SECRET\/\/REL TO CAN/)
  expect(more.out).toContain('It lets more go')
  expect(more.out).toMatch(/write supersedes: [\w-]{43}/)
  const less = await run(['policy', 'diff', gbr, narrower, ...nowhere])
  expect(less.out).toContain('It only narrows')
  const same = await run(['policy', 'diff', gbr, gbr, ...nowhere])
  expect(same.out).toContain('Nothing moves.')
  expect(same.out).toContain('Raise the edition: 1 does not come after 1.')
})

test('a policy of another nation than the node’s is not compared with what the node holds', async () => {
  const asked: Asked[] = []
  const { out } = await run(
    ['policy', 'diff', 'examples/policies/NOR.json', '--folder', makeFolder()],
    fakeNode(asked),
  )
  expect(asked).toEqual([])
  expect(out).toContain('since the node here is of GBR')
})

test.each<[line: string, shows: RegExp[]]>([
  [
    '--add NZL --like AUS',
    [/^Suppose on 1970-01-01: NZL is a partner like AUS/, /Labels that name AUS by itself/],
  ],
  ['--add NZL --like AUS --at 2026-06-01', [/NZL +\d+ +0 +\d+ +0\n/, /REL TO NZL/]],
  ['--remove USA --at 2026-06-01', [/USA is no partner any more/, /USA +0 +\d+ +0 +\d+\n/]],
  ['--group AUKUS --add-member CAN --at 2026-06-01', [/CAN is a member of AUKUS/, /CAN +\d+ +0/]],
  [
    '--at 2026-06-01',
    [/moves by itself until 2026-06-01/, /from 1970-01-01 to 2026-06-01/, /USA +\d+ +0/],
  ],
])('simulate %s', async (line, shows) => {
  const { out, exit, err } = await run(['policy', 'simulate', gbr, ...line.split(' '), ...nowhere])
  expect([exit, err]).toEqual([0, ''])
  for (const text of shows) expect(out).toMatch(text)
})

test.each([
  ['', 'say what to imagine'],
  ['--add NZL', '--add and --like go together'],
  ['--group AUKUS', '--group and --add-member go together'],
  ['--add GBX --like AUS', '--add: GBX is not an ISO 3166-1 alpha-3 code'],
  ['--at tomorrow', '--at is not a date'],
  ['--remove POL', 'POL has no place in this policy'],
  ['--end rates', 'no register of agreements is in force here'],
])('simulate %s is refused', async (line, says) => {
  const words = line === '' ? [] : line.split(' ')
  const { exit, err } = await run(['policy', 'simulate', gbr, ...words, ...nowhere])
  expect([exit, err]).toEqual([2, expect.stringContaining(says)])
})

test('test names each test with its line, what it expects, what comes out, and why', async () => {
  const [first] = document.tests
  const bad = file('bad.json', { tests: [{ ...first, expect: 'deny' }, first] })
  const { out, exit } = await run(['policy', 'test', bad])
  expect(exit).toBe(7)
  expect(out).toMatch(
    /^1 +1 +NO +capability\.supplier for NOR on 2026-01-01 +deny +permit +exact by row open-to-partners/m,
  )
  expect(out).toMatch(/^2 +1 +yes /m)
  expect(out).toContain('1 of 2 tests failed: policy sign refuses it.')
  const json = JSON.parse((await run(['policy', 'test', bad, '--json'])).out)
  expect(json).toMatchObject({
    passed: 1,
    failed: 1,
    tests: [{ passed: false, why: { rules: ['open-to-partners'] } }, {}],
  })
  expect((await run(['policy', 'sign', bad, '--key', '/none.pem'])).exit).toBe(4)
})

test('new overwrites nothing, and says who is not in the group', async () => {
  const out = join(base, 'new.yaml')
  const words = [
    'policy',
    'new',
    '--template',
    'bilateral',
    '--nation',
    'NOR',
    '--with',
    'DNK',
    '--out',
    out,
  ]
  expect((await run([...words, ...nowhere])).exit).toBe(0)
  expect(readFileSync(out, 'utf8')).toMatch(/^# A release policy of NOR/)
  expect((await run([...words, ...nowhere])).err).toContain('FILE_EXISTS')
  const other = [...words.slice(0, -1), join(base, 'other.yaml'), ...nowhere]
  const stranger = await run(other.map((word) => (word === 'bilateral' ? 'aukus' : word)))
  expect([stranger.exit, stranger.err]).toEqual([
    2,
    expect.stringContaining('NOR is not a member of AUKUS'),
  ])
})
