import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { type RunningNode, readSigner, revokeKey } from '@entente/node'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { auditOf } from '../support/audit-bundles.ts'
import { type CourierFederation, createCourierFederation, DAY_MS } from '../support/courier.ts'
import { capability, heldOnBothSides, livePolicy, readRows } from '../support/scenario.ts'

const nations = ['CAN', 'GBR', 'USA'] as const
let couriers: CourierFederation
let nodes: readonly [can: RunningNode, gbr: RunningNode, usa: RunningNode]
beforeAll(async () => {
  // Two of two: no checkpoint is published before both others have cosigned the very same one.
  couriers = createCourierFederation(nations, 60 * DAY_MS, 2)
  nodes = [await couriers.open('CAN'), await couriers.open('GBR'), await couriers.open('USA')]
})
afterAll(() => couriers[Symbol.asyncDispose]())

test('three nations with a quorum of two come to the same digests, and an audit finds nothing', async () => {
  const { federation, rounds } = couriers
  const [can, gbr, usa] = nodes
  for (const node of [gbr, usa]) {
    await node.policyInstall(federation.sign(node.nation, livePolicy(node.nation)))
    await can.subscribe({ dataset: 'production', from: node.nation, action: 'subscribe' })
  }
  await gbr.subscribe({ dataset: 'production', from: 'USA', action: 'subscribe' })
  await rounds(nodes)
  for (const node of [gbr, usa])
    for (const title of ['one', 'two', 'three'])
      await node.recordAdd(capability({ title: `${title} of ${node.nation}` }))
  await rounds(nodes)
  for (const [sender, recipient] of [
    ['USA', 'GBR'],
    ['USA', 'CAN'],
    ['GBR', 'CAN'],
  ] as const) {
    const { sent, received } = heldOnBothSides(federation, sender, recipient)
    expect(received).toEqual(sent)
    expect(sent).toHaveLength(3)
  }
  // No question of gossip is left open, which the last round may have raised: proofs go by courier as well.
  await rounds(nodes)
  for (const nation of nations)
    expect(readRows(federation.folder(nation), 'SELECT origin, size FROM challenge')).toEqual([])
  const directories = nations.map((nation) => join(federation.root, `audit-${nation}`))
  for (const [i, node] of nodes.entries())
    await node.auditExport({ directory: directories[i] as string, withContent: true })
  expect(auditOf(federation, directories, couriers.clock.nowMs()).findings).toEqual([])
})

test('a bundle is of use to the node that it is for, and to no other', async () => {
  const [can, gbr, usa] = nodes
  const { path } = await couriers.pack(usa, 'GBR')
  await expect(can.bundleImport({ path })).rejects.toMatchObject({
    code: 'COURIER_RECIPIENT',
    message: expect.stringContaining('the node of GBR'),
  })
  await expect(usa.bundleImport({ path })).rejects.toMatchObject({ code: 'COURIER_RECIPIENT' })
  await expect(usa.bundleExport({ to: 'GBR', path })).rejects.toMatchObject({
    code: 'FILE_EXISTS',
  })
  await expect(usa.bundleExport({ to: 'NOR', path: `${path}-nor` })).rejects.toMatchObject({
    code: 'PARTNER_UNKNOWN',
  })
  expect((await gbr.bundleImport({ path })).refused).toEqual([])
})

test('a revocation goes by bundle too, before all else, and counts at once', async () => {
  const { federation } = couriers
  const [can, gbr] = nodes
  const folder = federation.folder('USA')
  const { seal } = revokeKey(folder, readSigner(federation.rootKey('USA')), {
    lastGood: 0,
    reason: 'laptop stolen',
    atMs: couriers.clock.nowMs(),
  })
  // The USA's root has told the British, by telephone.
  expect(await gbr.revocationTake({ seals: [seal] })).toHaveLength(1)
  expect(await can.search({ text: 'of USA' })).toHaveLength(3)
  const { path } = await couriers.pack(gbr, 'CAN')
  await can.bundleImport({ path })
  expect(await can.search({ text: 'of USA' })).toEqual([])
  expect(await can.search({ text: 'of GBR' })).toHaveLength(3)
  expect(await can.revocationTake({ seals: [seal] })).toEqual([])
})

test('what is asked for again and what is new go in one bundle', async () => {
  const { federation } = couriers
  const [can, gbr] = nodes
  // A damaged body, or a consent that came later: CAN has them in quarantine, and GBR may still give them.
  const db = new DatabaseSync(join(federation.folder('CAN'), 'entente.db'))
  db.exec(
    "INSERT INTO quarantine(feed, seq, entry, record, code) SELECT feed, held_in.seq, entry, record, 'FRAGMENT_DIGEST' FROM held_in JOIN feed_in USING (feed) WHERE sender = 'GBR'; DELETE FROM held_in WHERE feed IN (SELECT feed FROM feed_in WHERE sender = 'GBR')",
  )
  db.close()
  for (let i = 0; i < 20; i++) await gbr.recordAdd(capability({ title: `later ${i}` }))
  await couriers.carry(can, gbr)
  const { taken } = await couriers.carry(gbr, can)
  expect(taken).toMatchObject({ quarantined: 0, refused: [] })
})
