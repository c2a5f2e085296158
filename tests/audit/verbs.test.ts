import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createFederation, eventually } from '../support/federation.ts'
import { type RanVerb, runVerb } from '../support/run-verb.ts'
import { capability, inSync, livePolicy, openServing } from '../support/scenario.ts'

const base = mkdtempSync(join(tmpdir(), 'audit-verbs-'))
const at = (name: string): string => join(base, name)
const bundles = ['GBR', 'NOR', 'USA'].map(at)
const trust = ['--trust', at('roster.json')]

/** GBR releases two records to the USA; all export. */
beforeAll(async () => {
  await using federation = createFederation(['GBR', 'NOR', 'USA'])
  const nodes = await openServing(federation, ['GBR', 'NOR', 'USA'])
  const [gbr, , usa] = nodes
  if (gbr === undefined || usa === undefined) throw new Error('not open')
  await gbr.policyInstall(federation.sign('GBR', livePolicy('GBR')))
  await usa.subscribe({ dataset: 'production', from: 'GBR', action: 'subscribe' })
  for (const title of ['Beacon', 'Marker']) await gbr.recordAdd(capability({ title }))
  await eventually('the USA has both', async () => (await usa.search({ text: 'marker' }))[0])
  await eventually('the USA has both', async () => (await usa.search({ text: 'beacon' }))[0])
  await Promise.all([inSync(gbr, 'USA'), inSync(usa, 'GBR')])
  for (const [i, node] of nodes.entries())
    await node.auditExport({ directory: String(bundles[i]), withContent: true })
  writeFileSync(at('roster.json'), JSON.stringify(federation.roster))
})
afterAll(() => rmSync(base, { recursive: true }))

const query = (...words: readonly string[]): Promise<RanVerb> =>
  runVerb('audit', 'query', ...words, ...trust)
const rowsOf = ({ stdout }: RanVerb) => JSON.parse(stdout).rows

test('a page, its JSON and a signed note: the note is checked against both', async () => {
  const made = await runVerb('audit', 'key', at('auditor.pem'), '--name', 'auditor.example')
  expect(made.exit).toBe(0)
  const vkey = readFileSync(at('auditor.pem.vkey'), 'utf8').trim()
  expect(made.stdout).toContain(vkey)
  const written = ['--report', at('report.html'), '--sign', at('auditor.pem')]
  expect(await runVerb('audit', 'verify', ...bundles, ...trust, ...written)).toMatchObject({
    exit: 0,
    stdout: expect.stringContaining('no findings'),
  })
  const check = (key = vkey) => runVerb('audit', 'report', 'check', at('report.note'), '--key', key)
  const checked = await check()
  expect(checked).toMatchObject({
    exit: 0,
    stdout: expect.stringContaining('verdict: no findings'),
  })
  expect(checked.stdout.match(/: as signed/g)).toHaveLength(2)

  const page = readFileSync(at('report.html'), 'utf8')
  writeFileSync(at('report.html'), page.replace('no findings', '1 finding'))
  const changed = await check()
  expect(changed).toMatchObject({ exit: 7, stdout: expect.stringContaining('html: CHANGED') })

  // A note alone says nothing of what somebody reads.
  const away = ['report.html', 'report.json'].map((name) => [at(name), `${at(name)}.away`] as const)
  for (const [here, there] of away) renameSync(here, there)
  expect(await check()).toMatchObject({ exit: 7, stdout: expect.stringContaining('absent') })
  for (const [here, there] of away) renameSync(there, here)

  await runVerb('audit', 'key', at('other.pem'), '--name', 'auditor.example')
  const other = readFileSync(at('other.pem.vkey'), 'utf8').trim()
  expect(await check(other)).toMatchObject({ exit: 7 })
  expect(
    await runVerb('audit', 'verify', ...bundles, ...trust, '--sign', at('auditor.pem')),
  ).toMatchObject({ exit: 2 })
})

test('what a nation was released and held, under which policy', async () => {
  const received = rowsOf(await query('received', 'usa', ...bundles, '--json'))
  expect(
    received.map(({ name, op, sender }: Record<string, unknown>) => [sender, op, name]),
  ).toEqual([
    ['GBR', 'put', expect.any(String)],
    ['GBR', 'put', expect.any(String)],
  ])
  const [{ record }] = received
  const one = await query(
    'received',
    'USA',
    ...bundles,
    '--record',
    record,
    '--dataset',
    'production',
  )
  expect(one).toMatchObject({ exit: 0, stdout: expect.stringContaining('1 row; bundles verified') })
  const past = await query('received', 'USA', ...bundles, '--to', '2020-01-01')
  expect(past.stdout).toContain('0 rows')
  expect(rowsOf(await query('held', 'USA', ...bundles, '--json'))).toHaveLength(2)
  expect(rowsOf(await query('held', 'USA', ...bundles, '--on', '2020-01-01', '--json'))).toEqual([])
  expect((await query('held', 'USA', ...bundles)).stdout).toMatch(/Beacon \(urn:entente:/)
  expect(rowsOf(await query('policy', '1', ...bundles, '--json'))).not.toHaveLength(0)
  expect(rowsOf(await query('policy', '2', ...bundles, '--json'))).toEqual([])
  expect((await query('subscriptions', ...bundles)).stdout).toMatch(
    /^USA +GBR .* production +subscribe +all of it +all of it$/m,
  )
})

test.each(['refusals', 'overrides', 'unacknowledged', 'erasures'])(
  'there are no %s, and that is said',
  async (what) => {
    const answer = await query(what, ...bundles)
    expect(answer).toMatchObject({
      exit: 0,
      stdout: expect.stringContaining('0 rows; bundles verified'),
    })
  },
)

test('bundles with findings answer nothing, unless that is asked for', async () => {
  const bytes = readFileSync(join(at('NOR'), 'held.jsonl'))
  writeFileSync(join(at('NOR'), 'held.jsonl'), '{}\n')
  try {
    const refused = await query('held', 'USA', ...bundles)
    expect(refused).toMatchObject({ exit: 7, stdout: expect.stringContaining('MANIFEST_MISMATCH') })
    expect(refused.stdout).not.toContain('Beacon')
    const anyway = await query('held', 'USA', ...bundles, '--anyway')
    expect(anyway).toMatchObject({
      exit: 0,
      stdout: expect.stringContaining('NOT VERIFIED: 1 finding'),
    })
    expect(anyway.stdout).toContain('Beacon')
  } finally {
    writeFileSync(join(at('NOR'), 'held.jsonl'), bytes)
  }
})

test('a question without a day or a nation says what is missing', async () => {
  expect(await query('held', 'USA', ...bundles, '--on', 'yesterday')).toMatchObject({ exit: 2 })
  expect(await query('received', 'Atlantis', ...bundles)).toMatchObject({ exit: 2 })
  expect(await query('policy', 'first', ...bundles)).toMatchObject({ exit: 2 })
})
