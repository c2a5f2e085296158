import { join } from 'node:path'
import type { NodeApi, RunningNode } from '@entente/node'
import { expect, test } from 'vitest'
import { auditOf } from '../support/audit-bundles.ts'
import { createFederation, eventually } from '../support/federation.ts'
import { capability, inSync, livePolicy, openServing, secret } from '../support/scenario.ts'
import { watch } from '../support/watched-transport.ts'

const partnerOf = async (node: NodeApi, nation: string) =>
  (await node.status()).partners.find((each) => each.nation === nation)

test('a nation sees what it is offered, asks for a topic of it, and both sides count the same', async () => {
  await using federation = createFederation(['GBR', 'USA'])
  const [gbr, usa] = (await openServing(federation, ['GBR', 'USA'])) as [RunningNode, RunningNode]
  expect((await gbr.status()).firstSteps.map(({ done }) => done)).toContain(false)
  await usa.policyInstall(federation.sign('USA', livePolicy('USA')))
  await usa.recordAdd(capability({ title: 'shells', domain: 'ammunition' }))
  await usa.recordAdd(capability({ title: 'radar', domain: 'sensors' }))
  await usa.recordAdd(capability({ title: 'hidden', domain: 'stealth' }, { title: secret }))

  const { catalogues } = await gbr.catalogue({ from: 'USA', waitMs: 60_000 })
  expect(catalogues[0]?.datasets).toMatchObject([
    { dataset: 'production', kinds: ['capability'], topics: ['ammunition', 'sensors'] },
  ])
  await gbr.subscribe({
    dataset: 'production',
    from: 'USA',
    action: 'subscribe',
    topic: 'ammunition',
  })
  await expect(
    gbr.subscribe({
      ...{ dataset: 'production', from: 'USA', action: 'unsubscribe' },
      ...{ kind: 'capability', topic: 'ammunition' },
    }),
  ).rejects.toMatchObject({ code: 'SELECTION_WIDER' })
  await eventually('shells have come', async () => (await gbr.search({ text: 'shells' }))[0])
  expect(await gbr.search({ text: 'radar' })).toEqual([])
  await gbr.subscribe({ ...{ dataset: 'production', from: 'USA', action: 'subscribe' } })
  await eventually('radar has come', async () => (await gbr.search({ text: 'radar' }))[0])
  await inSync(usa, 'GBR')
  await inSync(gbr, 'USA')

  const sent = (await partnerOf(usa, 'GBR'))?.sent
  const tally = { entries: 2, accepted: 2, refused: 0, unchanged: 0, unopened: 0 }
  expect(sent).toMatchObject({ tally, agreed: true })
  expect((await partnerOf(gbr, 'USA'))?.received.tally).toEqual(tally)
  expect(await gbr.status()).toMatchObject({ firstSteps: [], todo: [] })

  const bundles = await Promise.all(
    [gbr, usa].map(async (node) => {
      const directory = join(federation.root, `${node.nation}-bundle`)
      await node.auditExport({ directory, withContent: true })
      return directory
    }),
  )
  expect(auditOf(federation, bundles).findings).toEqual([])
})

test('an entry whose body comes damaged is counted as refused at both sides, and as accepted once it comes whole', async () => {
  await using federation = createFederation(['GBR', 'USA'])
  const wire = watch(federation.folder('GBR'), (text) => text.replaceAll('"damaged"', '"damagee"'))
  let [gbr, usa] = (await openServing(federation, ['GBR', 'USA'], (nation) =>
    nation === 'GBR' ? { transport: wire.transport } : {},
  )) as [RunningNode, RunningNode]
  await usa.policyInstall(federation.sign('USA', livePolicy('USA')))
  await gbr.subscribe({ dataset: 'production', from: 'USA', action: 'subscribe' })
  for (const title of ['whole', 'damaged']) await usa.recordAdd(capability({ title }))
  const bothCount = (accepted: number, refused: number) =>
    eventually(`both count ${refused} refused`, async () => {
      const sent = (await partnerOf(usa, 'GBR'))?.sent
      if (sent?.tally?.refused !== refused || sent.tally.entries !== 2) return false
      const tally = { entries: 2, accepted, refused, unchanged: 0, unopened: 0 }
      expect(sent).toMatchObject({ tally, agreed: true })
      expect((await partnerOf(gbr, 'USA'))?.received.tally).toEqual(tally)
      return true
    })
  await bothCount(1, 1)
  expect(await gbr.search({ text: 'damage' })).toEqual([])
  // From here on nothing is between them.
  await gbr[Symbol.asyncDispose]()
  gbr = await federation.open('GBR')
  await bothCount(2, 0)
})

test('a node of a later version that no longer speaks ours is told of in words', async () => {
  await using federation = createFederation(['GBR', 'USA'])
  const open = (nation: 'GBR' | 'USA', wireVersions: readonly number[]) =>
    federation.open(nation, { wireVersions, alone: true })
  const gbr = await open('GBR', [1])
  await open('USA', [2, 3])
  const words = 'USA speaks version 2..3, we 1 of the protocol between nodes: we must upgrade'
  await eventually('it is said', async () => (await partnerOf(gbr, 'USA'))?.words === words)
  expect((await gbr.status()).ok).toBe(false)
})
