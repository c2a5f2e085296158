import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { verifyBundles } from '@entente/audit'
import { loadOwn, verifyEd25519 } from '@entente/node'
import { openRoster } from '@entente/schema'
import { parseCheckpoint, parseNote, signCheckpoint } from '@entente/tlog'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readBundle } from '../support/audit-bundles.ts'
import { createFederation, eventually, type Federation } from '../support/federation.ts'
import { capability, inSync, livePolicy, openServing } from '../support/scenario.ts'

const base = mkdtempSync(join(tmpdir(), 'since-'))
const [earlier, later] = [join(base, 'earlier'), join(base, 'later')]
let federation: Federation

beforeAll(async () => {
  federation = createFederation(['GBR', 'NOR', 'USA'])
  const [gbr, usa] = await openServing(federation, ['GBR', 'USA', 'NOR'])
  if (gbr === undefined || usa === undefined) throw new Error('not open')
  await gbr.policyInstall(federation.sign('GBR', livePolicy('GBR')))
  await usa.subscribe({ dataset: 'production', from: 'GBR', action: 'subscribe' })
  for (const [title, directory] of [
    ['Beacon', earlier],
    ['Marker', later],
  ] as const) {
    await gbr.recordAdd(capability({ title }))
    await eventually('the USA has it', async () => (await usa.search({ text: title }))[0])
    await inSync(gbr, 'USA')
    await gbr.auditExport({ directory, withContent: false })
  }
})
afterAll(async () => {
  await federation[Symbol.asyncDispose]()
  rmSync(base, { recursive: true })
})

const checkpointOf = (bundle: string) => readFileSync(join(bundle, 'log/checkpoint'), 'utf8')
const audit = (bundle: string, ...since: readonly string[]) =>
  verifyBundles(
    [readBundle(bundle)],
    {
      roster: openRoster(federation.roster, verifyEd25519),
      verify: verifyEd25519,
      atMs: Date.now(),
    },
    { since },
  ).findings.map(({ code, nation }) => [code, nation])

test('a log that has only grown since an earlier audit has no finding', () => {
  expect(audit(later)).toEqual([])
  expect(audit(later, checkpointOf(earlier), checkpointOf(later))).toEqual([])
})

test('a log that was shortened, changed or exchanged since is found out', () => {
  expect(audit(earlier, checkpointOf(later))).toEqual([['LOG_BEHIND', 'GBR']])
  const { origin, size } = parseCheckpoint(parseNote(checkpointOf(earlier)).text)
  const { logSigner } = loadOwn(federation.folder('GBR'))
  const fork = signCheckpoint({ origin, size, root: new Uint8Array(32) }, logSigner)
  expect(audit(later, fork)).toEqual([['CHECKPOINT_FORK', 'GBR']])
})

test('a checkpoint that nobody has signed proves nothing, and is said to', () => {
  const forged = checkpointOf(earlier).replace(/^(.*\n)\d+\n/, '$12\n')
  expect(audit(later, forged)).toEqual([['CHECKPOINT_SIGNATURE', 'GBR']])
  expect(audit(later, 'other.example/log\n1\n')).toEqual([['CHECKPOINT_SIGNATURE', null]])
  expect(audit(later, '')).toEqual([['CHECKPOINT_SIGNATURE', null]])
})
