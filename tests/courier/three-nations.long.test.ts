import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { type RunningNode, readSigner, revokeKey } from '@entente/node'
import { sealRootRecall } from '@entente/schema'
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

test('recalls by the word of a nation, its root’s or a node’s, go by bundle before all else, and by a third hand; their purges come back', async () => {
  const { federation, rounds, clock } = couriers
  const [can, gbr, usa] = nodes
  const added = await Promise.all(
    ['Lantern', 'Siren', 'Gong'].map((title) => usa.recordAdd(capability({ title }))),
  )
  const [lantern, siren, gong] = added.map(({ id }) => id) as [string, string, string]
  await rounds(nodes)
  const held = async (node: RunningNode) =>
    (await node.recordList({})).map(({ title }) => title).filter((title) => !title.includes(' of '))
  expect((await held(can)).sort()).toEqual(['Gong', 'Lantern', 'Siren'])

  const root = readSigner(federation.rootKey('USA')).sign
  const byRoot = (record: string) => {
    const said = { nation: 'USA', records: [record], purge: true, reason: 'lost' }
    return { seals: [sealRootRecall({ ...said, at: clock.nowMs() }, root)] }
  }
  await usa.rootRecallTake(byRoot(lantern))
  const said = await usa.nationRecall({ records: [siren], purge: true, reason: 'lost' })
  await couriers.carry(usa, gbr)
  expect(await held(gbr)).toEqual(['Gong'])
  await couriers.carry(gbr, can)
  expect(await held(can)).toEqual(['Gong'])
  // By telephone, to a partner: it goes home by the next bundle.
  await can.rootRecallTake(byRoot(gong))
  await couriers.carry(can, usa)
  await rounds(nodes)
  expect([await held(can), await held(gbr)]).toEqual([[], []])
  const sql = 'SELECT purged, unproven FROM root_recall_out'
  const proofs = Array.from({ length: 6 }, () => ({ purged: 1, unproven: 0 }))
  expect(readRows(federation.folder('USA'), sql)).toEqual(proofs)

  await usa.allowAgain({ record: siren, nation: 'GBR' })
  await rounds(nodes)
  expect([await held(can), await held(gbr)]).toEqual([[], ['Siren']])
  const [put] = readRows(
    federation.folder('USA'),
    'SELECT opening FROM entry_out WHERE record = ? ORDER BY idx DESC LIMIT 1',
    siren,
  )
  expect(JSON.parse(put?.['opening'] as string)[1].recalls).toEqual([said.digest])
  const directories = nations.map((nation) => join(federation.root, `recalled-${nation}`))
  for (const [i, node] of nodes.entries())
    await node.auditExport({ directory: directories[i] as string, withContent: true })
  expect(auditOf(federation, directories, clock.nowMs()).findings).toEqual([])
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
