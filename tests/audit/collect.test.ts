import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type BundleFiles, verifyBundles } from '@entente/audit'
import { type RunningNode, verifyEd25519 } from '@entente/node'
import { canonicalJson, openRoster, sha256, toHex } from '@entente/schema'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readBundle } from '../support/audit-bundles.ts'
import { createFederation, eventually, type Federation } from '../support/federation.ts'
import { capability, inSync, livePolicy, openServing } from '../support/scenario.ts'

const base = mkdtempSync(join(tmpdir(), 'collect-'))
const at = (...names: readonly string[]): string => join(base, ...names)
let federation: Federation
let gbr: RunningNode
let nor: RunningNode
let usa: RunningNode

/** USA releases to GBR and NOR, NOR to GBR; USA collects evidence, then all export. */
beforeAll(async () => {
  federation = createFederation(['GBR', 'NOR', 'USA'])
  ;[gbr, nor, usa] = (await openServing(federation, ['GBR', 'NOR', 'USA'])) as [
    RunningNode,
    RunningNode,
    RunningNode,
  ]
  for (const [node, nation] of [
    [usa, 'USA'],
    [nor, 'NOR'],
  ] as const)
    await node.policyInstall(federation.sign(nation, livePolicy(nation)))
  for (const [node, from] of [
    [gbr, 'USA'],
    [nor, 'USA'],
    [gbr, 'NOR'],
  ] as const)
    await node.subscribe({ dataset: 'production', from, action: 'subscribe' })
  await usa.recordAdd(capability({ title: 'Alphabeacon' }))
  await nor.recordAdd(capability({ title: 'Fjordmarker' }))
  const has = (node: RunningNode, text: string) =>
    eventually(`has ${text}`, async () => (await node.search({ text }))[0])
  await Promise.all([has(gbr, 'alphabeacon'), has(nor, 'alphabeacon'), has(gbr, 'fjordmarker')])
  await Promise.all([inSync(usa, 'GBR'), inSync(usa, 'NOR'), inSync(nor, 'GBR')])
  for (const [node, nation] of [
    [gbr, 'GBR'],
    [nor, 'NOR'],
  ] as const)
    await node.auditExport({ directory: at('bundles', nation), withContent: true })
  await usa.auditCollect({ directory: at('evidence') })
  await usa.auditExport({ directory: at('bundles', 'USA'), withContent: true })
})
afterAll(async () => {
  await federation[Symbol.asyncDispose]()
  rmSync(base, { recursive: true })
})

const audit = (...bundles: readonly BundleFiles[]) =>
  verifyBundles(bundles, {
    roster: openRoster(federation.roster, verifyEd25519),
    verify: verifyEd25519,
    atMs: Date.now(),
  })
const evidence = (nation: string) => readBundle(at('evidence', nation))
const bundle = (nation: string) => readBundle(at('bundles', nation))
const linesOf = (files: BundleFiles, path: string): Record<string, unknown>[] =>
  String(Buffer.from(files.get(path) ?? []))
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))

test('one folder a partner, which the audit joins with the bundle of the one who asked', () => {
  expect(readdirSync(at('evidence')).sort()).toEqual(['GBR', 'NOR'])
  const report = audit(bundle('USA'), evidence('GBR'), evidence('NOR'))
  expect(report.findings).toEqual([])
  expect(report.ok).toBe(true)
  expect(report.evidence).toMatchObject([
    { nation: 'GBR', about: 'USA', held: 1 },
    { nation: 'NOR', about: 'USA', held: 1 },
  ])
  for (const { size, statements, acknowledgements } of report.evidence)
    for (const count of [size, statements, acknowledgements]) expect(count).toBeGreaterThan(0)
  expect(report.nations['USA']?.steps.at(-1)?.notTaken).toBeNull()
  expect(report.remarks.filter((one) => one.includes('no bundle'))).toEqual([
    'GBR: no bundle; joined by what it has shown about USA',
    'NOR: no bundle; joined by what it has shown about USA',
  ])
})

test('evidence stands beside full bundles', () => {
  expect(audit(bundle('USA'), bundle('GBR'), evidence('GBR'), evidence('NOR')).findings).toEqual([])
})

test('evidence holds nothing of a third nation, no opening of one’s own log, and no content', () => {
  const mine = evidence('GBR')
  expect([...mine.keys()].filter((path) => !path.startsWith('log/')).sort()).toEqual([
    'acks-given.jsonl',
    'acks-received.jsonl',
    'held.jsonl',
    'manifest.json',
    'partner-checkpoints.jsonl',
    'received.jsonl',
  ])
  const shown = [...mine]
    .filter(([path]) => !path.startsWith('log/tile/'))
    .map(([, bytes]) => String(Buffer.from(bytes)))
    .join('\n')
  const whole = bundle('GBR')
  const payloadOf = (jws: unknown) =>
    JSON.parse(String(Buffer.from(String(jws).split('.')[1] ?? '', 'base64url')))
  const thirdParty = [
    ...linesOf(whole, 'received.jsonl')
      .filter(({ from }) => from === 'NOR')
      .flatMap(({ jws, salt, proof }) => [jws, salt, proof]),
    ...linesOf(whole, 'held.jsonl')
      .filter(({ from }) => from === 'NOR')
      .flatMap(({ feed, record, digest }) => [feed, record, digest]),
    ...linesOf(whole, 'acks-given.jsonl')
      .filter(({ jws }) => payloadOf(jws).to === 'NOR')
      .map(({ jws }) => jws),
    ...linesOf(whole, 'openings.jsonl').map(({ salt }) => salt),
    'Fjordmarker',
    'Alphabeacon',
  ].map(String)
  expect(thirdParty.length).toBeGreaterThan(10)
  expect(thirdParty.filter((secret) => shown.includes(secret))).toEqual([])
  expect(linesOf(mine, 'received.jsonl').every(({ from }) => from === 'USA')).toBe(true)
  expect(linesOf(mine, 'partner-checkpoints.jsonl')).toHaveLength(1)
})

/** Evidence changed, with a manifest that says so. */
function changed(
  nation: string,
  path: string,
  change: (rows: Record<string, unknown>[]) => Record<string, unknown>[],
): BundleFiles {
  const files = new Map(evidence(nation))
  const rows = change(linesOf(files, path))
  const bytes = Buffer.from(rows.map((row) => `${canonicalJson(row)}\n`).join(''))
  const manifest = JSON.parse(String(Buffer.from(files.get('manifest.json') ?? [])))
  manifest.files[path] = toHex(sha256(bytes))
  return files.set(path, bytes).set('manifest.json', Buffer.from(canonicalJson(manifest)))
}

test.each<[lie: string, code: string, files: () => BundleFiles]>([
  [
    'data that no leaf releases',
    'JOIN_WITHOUT_LEAF',
    () =>
      changed('GBR', 'held.jsonl', ([row]) => [
        { ...row, record: `urn:entente:${'0'.repeat(32)}` },
        row ?? {},
      ]),
  ],
  ['acknowledged data is not held', 'JOIN_NOT_HELD', () => changed('GBR', 'held.jsonl', () => [])],
  [
    'an acknowledged statement is not held',
    'JOIN_NOT_HELD',
    () => changed('GBR', 'received.jsonl', () => []),
  ],
  [
    'what a third nation sent',
    'BUNDLE_FORM',
    () => changed('GBR', 'held.jsonl', (rows) => rows.map((row) => ({ ...row, from: 'NOR' }))),
  ],
  [
    'a file that is not the one named',
    'MANIFEST_MISMATCH',
    () => new Map(evidence('GBR')).set('held.jsonl', Buffer.from('')),
  ],
])('evidence that shows %s is found: %s', (_, code, files) => {
  const { findings } = audit(bundle('USA'), files())
  expect([...new Set(findings.map((one) => `${one.nation} ${one.code}`))]).toEqual([`GBR ${code}`])
})

test('an acknowledgement that the asker does not show is found by the partner’s evidence', () => {
  const own = new Map(bundle('USA'))
  const manifest = JSON.parse(String(Buffer.from(own.get('manifest.json') ?? [])))
  own.set('acks-received.jsonl', Buffer.from(''))
  manifest.files['acks-received.jsonl'] = toHex(sha256(new Uint8Array()))
  own.set('manifest.json', Buffer.from(canonicalJson(manifest)))
  const { findings } = audit(own, evidence('GBR'))
  expect(findings.map((one) => `${one.nation} ${one.code}`)).toContain('USA ACK_MISSING')
})

test('a partner that is away is named, the others answer, and no half of a folder stays', async () => {
  await nor[Symbol.asyncDispose]()
  const { partners } = await usa.auditCollect({ directory: at('second') })
  expect(partners.find(({ nation }) => nation === 'NOR')).toMatchObject({
    trouble: expect.any(String),
  })
  expect(partners.find(({ nation }) => nation === 'GBR')).toHaveProperty('files')
  expect(readdirSync(at('second'))).toEqual(['GBR'])
  expect(existsSync(join(at('second'), 'GBR', 'manifest.json'))).toBe(true)
  await expect(usa.auditCollect({ directory: at('second') })).rejects.toThrow(
    expect.objectContaining({ code: 'FOLDER_NOT_EMPTY' }),
  )
  expect(readFileSync(join(at('second'), 'GBR', 'received.jsonl'), 'utf8')).not.toBe('')
})
