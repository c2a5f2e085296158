import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type PartnerChange, peekJws, toBase64url } from '@entente/schema'
import { afterAll, expect, test } from 'vitest'
import { createMemoryNetwork } from '../src/adapters/memory-transport.ts'
import type { Deps } from '../src/deps.ts'
import { createExchange } from '../src/pairing/exchange.ts'
import { pairingProtocol } from '../src/pairing/frames.ts'
import { membersOnly } from '../src/pairing/members-only.ts'
import { listedPeers } from '../src/pairing/pairing.ts'
import { pairingTables } from '../src/pairing/pairing-tables.ts'
import { sealPartnerChanges } from '../src/pairing/seal-partner-changes.ts'
import { witnessProtocol } from '../src/witness/witness.ts'
import { askWitness } from '../src/witness/witness-client.ts'
import { openLog, origin } from './open-log.ts'
import { acquaint, codeOf, collect, protocol, seedOf } from './transport.contract.ts'

const base = mkdtempSync(join(tmpdir(), 'entente-members-'))
afterAll(() => rmSync(base, { recursive: true }))

test('a listed peer that is no member opens the pairing stream and no other', async () => {
  const network = createMemoryNetwork()
  await using gbr = await network.transport(seedOf('GBR'), [])
  await using nor = await network.transport(seedOf('NOR'), [])
  await acquaint(gbr, nor)
  const members = new Set<string>()
  const served: string[] = []
  const serve =
    (name: string) =>
    async (channel: { peerId: string }): Promise<void> =>
      void served.push(`${name} ${channel.peerId === nor.peerId ? 'NOR' : 'somebody'}`)
  await membersOnly(gbr, (peerId) => members.has(peerId)).handle(protocol, serve('feed'))
  await gbr.handle(pairingProtocol, serve('pairing'))
  const open = async (name: string) => codeOf(collect(await nor.open(gbr.peerId, name)))

  expect(await open(protocol)).toBe('CHANNEL_RESET')
  expect(served).toEqual([])
  await open(pairingProtocol)
  expect(served).toEqual(['pairing NOR'])
  // Whoever becomes a member is one from then on, and only so long.
  members.add(nor.peerId)
  await open(protocol)
  expect(served).toEqual(['pairing NOR', 'feed NOR'])
  members.clear()
  expect(await open(protocol)).toBe('CHANNEL_RESET')
  expect(served).toHaveLength(2)
})

test('a peer that takes a stream and says nothing holds up neither the closing of a node nor who asks it', async () => {
  const network = createMemoryNetwork()
  await using gbr = await network.transport(seedOf('GBR'), [])
  await using nor = await network.transport(seedOf('NOR'), [])
  await acquaint(gbr, nor)
  const opened = Promise.withResolvers<void>()
  await nor.handle(pairingProtocol, async () => {
    opened.resolve()
    await new Promise(() => {})
  })
  await nor.handle(witnessProtocol, () => new Promise(() => {}))
  const exchange = await createExchange({
    deps: { journal: {} as Deps['journal'] },
    transport: gbr,
    nationOf: () => 'NOR',
    peers: () => [nor.peerId],
    showTo: () => ({ number: 0, proposals: [], roster: null }),
    hear: () => {},
  })
  await opened.promise
  await new Promise(setImmediate)
  const startedMs = performance.now()
  await exchange[Symbol.asyncDispose]()
  expect(performance.now() - startedMs).toBeLessThan(5_000)

  const signal = AbortSignal.timeout(10)
  const asked = askWitness(gbr, nor.peerId, 'GET /\n', { signal })
  expect(await codeOf(asked)).toBe('CHANNEL_RESET')
})

test('who is cut off is listed no more, with all its nodes, and a peer that cannot be read keeps nobody else out', async () => {
  const network = createMemoryNetwork()
  const ids = await Promise.all(
    ['GBR', 'NOR', 'USA', 'CAN'].map(async (name) => {
      await using one = await network.transport(seedOf(name), [])
      return one.peerId
    }),
  )
  const [gbr = '', office = '', usa = '', can = ''] = ids
  const root = new Uint8Array(32).fill(7)
  const at = (nation: string, peerId: string, endpoints: string[]) => ({
    nation,
    member: { nation, root, revocations: [], nodes: [] },
    certificate: { peerId, endpoints, key: peerId, from: 0, origin: nation },
  })
  const faults: string[] = []
  const deps = {
    partners: new Map([
      ['GBR', at('GBR', gbr, [])],
      ['USA', at('USA', usa, ['/ip4/127.0.0.1/tcp/1'])],
      ['CAN', at('CAN', can, ['not an address'])],
    ]),
    further: [at('GBR', office, [])],
    siblings: [],
    journal: { fault: ({ code }: { code: string }) => faults.push(code) },
  } as unknown as Parameters<typeof listedPeers>[0]
  const listed = (revoked: Parameters<typeof listedPeers>[2]) =>
    listedPeers(deps, [], revoked).map(({ peerId }) => peerId)

  expect(listed([])).toEqual([gbr, usa, office])
  expect(faults).toEqual(['ADDRESS_INVALID'])
  expect(listed([{ nation: 'GBR', root: toBase64url(root) }])).toEqual([usa])
  // Cut off under another root than the one that it has now.
  expect(listed([{ nation: 'GBR', root: 'A'.repeat(43) }])).toEqual([gbr, usa, office])
})

test('the log says once who is cut off, and once who is paired anew', () => {
  const { db, log } = openLog(join(base, 'log'))
  db.exec(pairingTables)
  const deps = {
    db,
    origin,
    clock: { nowMs: () => 1_790_000_000_000 },
    randomBytes: (size: number) => new Uint8Array(size),
    signStatement: () => new Uint8Array(64),
  } as unknown as Deps
  const cut = (root: string) =>
    db
      .prepare(
        'INSERT OR REPLACE INTO revoked_partner(nation, root, at_ms, reason) VALUES (?, ?, 1, ?)',
      )
      .run('CAN', root, 'key lost')
  const said = () =>
    db
      .prepare("SELECT jws FROM statement WHERE kind = 'partner' ORDER BY idx")
      .all()
      .map(({ jws }) => peekJws(jws as string).payload as PartnerChange)
      .map(({ action, partner, root }) => [action, partner, root])
  const [first, second] = ['A'.repeat(43), `${'B'.repeat(42)}A`] as const

  expect(sealPartnerChanges(deps, log)).toBe(false)
  cut(first)
  expect(sealPartnerChanges(deps, log)).toBe(true)
  expect(sealPartnerChanges(deps, log)).toBe(false)
  db.exec('DELETE FROM revoked_partner')
  expect(sealPartnerChanges(deps, log)).toBe(true)
  expect(sealPartnerChanges(deps, log)).toBe(false)
  // Cut off again under another root: that is another word, though nobody has lifted the first.
  cut(first)
  sealPartnerChanges(deps, log)
  cut(second)
  expect(sealPartnerChanges(deps, log)).toBe(true)
  expect(said()).toEqual([
    ['revoke', 'CAN', first],
    ['restore', 'CAN', first],
    ['revoke', 'CAN', first],
    ['revoke', 'CAN', second],
  ])
})
