import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type HostedWitness,
  initWitness,
  openWitness,
  type RunningNode,
  serveWitness,
  tlogPolicyOf,
  verifyEd25519,
} from '@entente/node'
import { openRoster, type RosterFile } from '@entente/schema'
import { formatAddCheckpoint, parseWitnessPolicy } from '@entente/tlog'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createFederation, eventually, type Federation } from '../support/federation.ts'
import { createHostileSender } from '../support/hostile-sender.ts'
import { capability, inSync, livePolicy, openServing } from '../support/scenario.ts'

// Two nations, which could not prevent a split by themselves, and a third party that belongs to neither.
const name = 'witness.neutral.example'
const port = 11_000 + (process.pid % 900)
let folder: string
let key: string
let federation: Federation
let roster: RosterFile
let witness: HostedWitness
let server: AsyncDisposable

const listen = async () => {
  witness = openWitness(folder, roster)
  server = await serveWitness(async (request) => witness.answer(request), {
    host: '127.0.0.1',
    port,
  })
}
const stop = async () => {
  await server[Symbol.asyncDispose]()
  witness[Symbol.dispose]()
}
beforeAll(async () => {
  folder = join(mkdtempSync(join(tmpdir(), 'entente-neutral-')), 'witness')
  key = initWitness(folder, name).key
  federation = createFederation(['GBR', 'USA'])
  federation.renew(undefined, { neutral: [{ name, key, url: `http://127.0.0.1:${port}/` }] })
  roster = federation.roster
  await listen()
})
afterAll(async () => {
  await stop()
  await federation[Symbol.asyncDispose]()
  rmSync(join(folder, '..'), { recursive: true })
})

test('a neutral witness makes two of two nations two of three: without it nothing that widens is published', async () => {
  expect(roster.witnessPolicy.quorum).toBe(2)
  const [gbr, usa] = (await openServing(federation, ['GBR', 'USA'])) as [RunningNode, RunningNode]
  await usa.policyInstall(federation.sign('USA', livePolicy('USA')))
  await gbr.subscribe({ dataset: 'production', from: 'USA', action: 'subscribe' })
  await usa.recordAdd(capability({ title: 'before' }))
  await eventually('GBR sees it', async () => (await gbr.search({ text: 'before' }))[0])
  await inSync(usa, 'GBR')
  const { log } = await usa.status()
  expect(log).toMatchObject({ quorum: 2, split: 'prevented', missing: [] })
  expect(log.cosignatures).toContain(name)

  await stop()
  await usa.recordAdd(capability({ title: 'meanwhile' }))
  await eventually('USA waits for it', async () => {
    const { log } = await usa.status()
    return log.published < log.size && log.missing.some(({ nation }) => nation === name)
  })
  expect(await gbr.search({ text: 'meanwhile' })).toEqual([])
  await listen()
  await eventually('GBR sees it', async () => (await gbr.search({ text: 'meanwhile' }))[0], 40_000)
})

test('the file for strangers names it and where it is', () => {
  const text = tlogPolicyOf('USA', openRoster(roster, verifyEd25519))
  const policy = parseWitnessPolicy(text)
  expect([...policy.witnesses.keys()]).toContain(name)
  expect(policy.witnesses.get(name)?.url).toBe(`http://127.0.0.1:${port}/`)
  expect(policy.groups.get('coalition')?.threshold).toBe(2)
})

const post = (body: string) =>
  fetch(`http://127.0.0.1:${port}/add-checkpoint`, { method: 'POST', body })

test('it keeps what it cosigned over a restart, cosigns one history, and refuses to from an old copy', async () => {
  const usa = createHostileSender(federation, 'USA', 'GBR', Date.now())
  const checkpoint = usa.signedCheckpoint()
  await stop()
  await listen()
  // It knows a longer log of USA than this.
  const answer = await post(formatAddCheckpoint({ oldSize: 0, proof: [], checkpoint }))
  expect(answer.status).toBe(409)
  expect(Number(await answer.text())).toBeGreaterThan(1)
  await stop()
  for (const end of ['', '-wal', '-shm']) rmSync(join(folder, `witness.db${end}`), { force: true })
  await listen()
  expect(witness.lost()).toContain('the database is an old copy')
  const refused = await post(formatAddCheckpoint({ oldSize: 0, proof: [], checkpoint }))
  expect(refused.status).toBe(503)
})

test('a roster that does not name it, and one that names it by no key, is refused', () => {
  const other = join(folder, '..', 'other')
  initWitness(other, 'other.example')
  expect(() => openWitness(other, roster)).toThrow('does not name this witness')
  const vkey = `${name}+00000000+AAAA`
  expect(() =>
    federation.renew([], { neutral: [{ name, key: vkey, url: 'https://x.example/' }] }),
  ).toThrow('the key of the witness')
})

test('who asks too often is told to wait', async () => {
  const limited = await serveWitness(
    async () => '404\nunknown log\n',
    { host: '127.0.0.1', port: 0 },
    { burst: 3, perSecond: 0.001 },
  )
  await using _ = limited
  const ask = async () => fetch(`${limited.url}add-checkpoint`, { method: 'POST', body: 'x' })
  const answers = await Promise.all([ask(), ask(), ask()])
  expect(answers.map(({ status }) => status)).toEqual([404, 404, 404])
  const refused = await ask()
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '5'])
  expect(await refused.text()).toContain('asked too often')
})
