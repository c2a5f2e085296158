import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type NodeApi, type RunningNode, readSigner, revokeKey, rotateKey } from '@entente/node'
import { encodeKeys, keysProtocol } from '@entente/node/testing'
import { type Revocation, revocationType, signJws } from '@entente/schema'
import { expect, test } from 'vitest'
import { createFederation, eventually, type Federation } from '../support/federation.ts'
import { createMemoryLines } from '../support/memory-federation.ts'
import { capability, inSync, livePolicy, openServing, readRows } from '../support/scenario.ts'

const connectedTo = async (node: NodeApi, nation: string) =>
  (await node.status()).partners.find((partner) => partner.nation === nation)

const refusals = (federation: Federation, nation: string) =>
  readFileSync(join(federation.folder(nation), 'journal.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { event: string; code?: string; from?: string })
    .filter(({ event }) => event === 'refused')

test('a revocation goes from mouth to mouth: whose key it is, is hung up on at once, and comes back with another key alone', async () => {
  await using federation = createFederation(['CAN', 'GBR', 'USA'])
  const lines = createMemoryLines(federation)
  const [usa, gbr, can] = (await openServing(federation, ['USA', 'GBR', 'CAN'], lines.options)) as [
    RunningNode,
    RunningNode,
    RunningNode,
  ]
  await usa.policyInstall(federation.sign('USA', livePolicy('USA')))
  await can.subscribe({ dataset: 'production', from: 'USA', action: 'subscribe' })
  await usa.recordAdd(capability({ title: 'released while the key was good' }))
  await eventually('CAN sees it', async () => (await can.search({ text: 'good' }))[0])
  await inSync(usa, 'CAN')
  const folder = federation.folder('USA')
  const lastGood = (readRows(folder, 'SELECT size FROM head')[0]?.['size'] as number) - 1
  await usa.recordAdd(capability({ title: 'released by a thief' }))
  await eventually('CAN sees it', async () => (await can.search({ text: 'thief' }))[0])

  // The USA's root says so by telephone, to the British alone.
  const root = readSigner(federation.rootKey('USA'))
  const {
    seal,
    nationFilePath: _,
    ...revoked
  } = revokeKey(folder, root, {
    lastGood,
    reason: 'laptop stolen',
    atMs: Date.now(),
  })
  const began = performance.now()
  expect(await gbr.revocationTake({ seals: [seal] })).toEqual([revoked])
  await eventually('CAN has hung up', async () => !(await connectedTo(can, 'USA'))?.connected)
  expect(performance.now() - began).toBeLessThan(10_000)
  for (const node of [gbr, can]) {
    const there = await connectedTo(node, 'USA')
    expect(there?.connected).toBe(false)
    expect(there?.words).toContain('its key is revoked (laptop stolen)')
  }
  expect(await can.search({ text: 'thief' })).toEqual([])
  expect(await can.search({ text: 'good' })).toHaveLength(1)
  // Told twice, nothing changes.
  expect(await can.revocationTake({ seals: [seal] })).toEqual([])
  for (const nation of ['CAN', 'GBR'])
    expect(
      JSON.parse(readFileSync(join(federation.folder(nation), 'revocations.json'), 'utf8')),
    ).toEqual([seal])

  // It stands beside the roster: a restart forgets nothing, and the old key does not come back.
  await can[Symbol.asyncDispose]()
  const [can2] = (await openServing(federation, ['CAN'], lines.options)) as [RunningNode]
  expect(await can2.search({ text: 'thief' })).toEqual([])
  expect(await connectedTo(can2, 'USA')).toMatchObject({ connected: false })

  for (const node of [usa, gbr, can2]) await node[Symbol.asyncDispose]()
  rotateKey(folder, root, { from: 'head' })
  federation.renew()
  const back = (await openServing(federation, ['USA', 'GBR', 'CAN'], lines.options)) as [
    RunningNode,
    RunningNode,
    RunningNode,
  ]
  await eventually('CAN sees it again', async () => (await back[2].search({ text: 'thief' }))[0])
  expect(await connectedTo(back[2], 'USA')).toMatchObject({ connected: true })
})

test('what no root has signed counts for nothing, and its bringer is named', async () => {
  await using federation = createFederation(['GBR', 'USA'])
  const lines = createMemoryLines(federation)
  const [gbr] = (await openServing(federation, ['GBR', 'USA'], lines.options)) as [
    RunningNode,
    RunningNode,
  ]
  const { certificates } = federation.roster.nations.find((each) => each.nation === 'USA') ?? {
    certificates: [],
  }
  const node = JSON.parse(
    Buffer.from(certificates[0]?.split('.')[1] ?? '', 'base64url').toString(),
  ) as { key: string; origin: string }
  const said: Revocation = {
    nation: 'USA',
    origin: node.origin,
    key: node.key,
    lastGood: null,
    at: 1,
    reason: 'a lie',
  }
  const british = readSigner(federation.rootKey('GBR'))
  const forged = signJws(revocationType, said, british.sign)
  const unknown = signJws(revocationType, { ...said, nation: 'FRA' }, british.sign)
  await expect(gbr.revocationTake({ seals: [forged] })).rejects.toMatchObject({
    code: 'REVOCATION_SIGNATURE',
  })
  await expect(gbr.revocationTake({ seals: ['a.b.c'] })).rejects.toMatchObject({
    code: 'REVOCATION_FORM',
  })
  // Every change of one byte of a good one is refused.
  const good = signJws(revocationType, said, readSigner(federation.rootKey('USA')).sign)
  for (let i = 0; i < good.length; i += 7) {
    const changed = `${good.slice(0, i)}${good[i] === 'A' ? 'B' : 'A'}${good.slice(i + 1)}`
    await expect(gbr.revocationTake({ seals: [changed] })).rejects.toMatchObject({
      code: expect.stringMatching(/^REVOCATION_/),
    })
  }

  // The node of the USA tells them, and something that is no list at all.
  await using usa = await partnerOf(federation, lines)
  await usa.tell(encodeKeys([forged, unknown, 'x']))
  await usa.tell(Buffer.from('{"t":"revocations","seals":7}')).catch(() => {})
  await eventually('all are named', () => refusals(federation, 'GBR').length >= 4)
  expect(refusals(federation, 'GBR').map(({ from, code }) => [from, code])).toEqual([
    ['USA', 'REVOCATION_SIGNATURE'],
    ['USA', 'REVOCATION_NATION'],
    ['USA', 'REVOCATION_FORM'],
    ['USA', 'REVOCATIONS_MALFORMED'],
  ])
  expect((await connectedTo(gbr, 'USA'))?.words).not.toContain('revoked')
})

/** A program with the network key of the USA, in place of its node. */
async function partnerOf(federation: Federation, lines: ReturnType<typeof createMemoryLines>) {
  const { loadNodeFolder } = await import('@entente/node')
  const { peerId } = loadNodeFolder(federation.folder('GBR'))
  const { identitySeed } = loadNodeFolder(federation.folder('USA')).keys
  const transport = await lines.network.transport(identitySeed, [{ peerId, addresses: [] }])
  return {
    tell: async (frame: Uint8Array) => {
      await using channel = await transport.open(peerId, keysProtocol)
      await channel.send(frame)
      for await (const _ of channel.frames) return
    },
    [Symbol.asyncDispose]: () => transport[Symbol.asyncDispose](),
  }
}
