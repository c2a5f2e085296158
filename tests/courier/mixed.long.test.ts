import { join } from 'node:path'
import type { RunningNode } from '@entente/node'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { DAY_MS } from '../support/courier.ts'
import { createFederation, eventually, type Federation } from '../support/federation.ts'
import {
  capability,
  heldOnBothSides,
  inSync,
  livePolicy,
  openServing,
  readRows,
} from '../support/scenario.ts'

let federation: Federation
let usa: RunningNode
let gbr: RunningNode
beforeAll(async () => {
  federation = createFederation(['GBR', 'USA'])
  federation.renew(['GBR', 'USA'], { courierMs: 30 * DAY_MS })
  ;[usa, gbr] = (await openServing(federation, ['USA', 'GBR'])) as [RunningNode, RunningNode]
  await usa.policyInstall(federation.sign('USA', livePolicy('USA')))
  await gbr.subscribe({ dataset: 'production', from: 'USA', action: 'subscribe' })
})
afterAll(() => federation[Symbol.asyncDispose]())

let packed = 0
async function carry(from: RunningNode, to: RunningNode) {
  const path = join(federation.root, `bundle-${packed++}`)
  const given = await from.bundleExport({ to: to.nation, path })
  return { path, given, taken: await to.bundleImport({ path }) }
}
const admitted = () =>
  readRows(federation.folder('GBR'), 'SELECT feed, seq, jws FROM statement_in ORDER BY feed, seq')

test('what comes by the network and by courier is there once', async () => {
  await usa.recordAdd(capability({ title: 'comes both ways' }))
  await eventually('GBR has it', async () => (await gbr.search({ text: 'both' }))[0])
  await inSync(usa, 'GBR')
  await inSync(gbr, 'USA')
  const before = admitted()
  // The network has moved on what GBR holds since it said so in no bundle at all.
  const { taken } = await carry(usa, gbr)
  expect(taken).toMatchObject({ statements: 0, refused: [] })
  expect(admitted()).toEqual(before)
  expect((await carry(gbr, usa)).taken).toMatchObject({ refused: [] })

  // The line is cut, and the next goes by courier: cosigned there, carried back, then sent.
  await gbr[Symbol.asyncDispose]()
  gbr = await federation.open('GBR', { network: false, offline: true })
  await usa.recordAdd(capability({ title: 'comes by courier' }))
  await eventually('it is sealed', async () => {
    const { log } = await usa.status()
    return log.size > log.published
  })
  for (let n = 0; n < 2; n++) {
    expect((await carry(usa, gbr)).taken.refused).toEqual([])
    expect((await carry(gbr, usa)).taken.refused).toEqual([])
  }
  expect(await gbr.search({ text: 'courier' })).toHaveLength(1)
  const late = await carry(usa, gbr)

  // The line is back: both go on from where the bundles have brought them.
  await gbr[Symbol.asyncDispose]()
  gbr = await federation.open('GBR')
  await inSync(usa, 'GBR')
  await usa.recordAdd(capability({ title: 'comes by the line again' }))
  await eventually('GBR has it', async () => (await gbr.search({ text: 'line' }))[0])
  await inSync(usa, 'GBR')
  const after = admitted()
  // An older bundle than what the network has brought.
  expect((await gbr.bundleImport({ path: late.path })).statements).toBe(0)
  expect(admitted()).toEqual(after)
  const { sent, received } = heldOnBothSides(federation, 'USA', 'GBR')
  expect(received).toEqual(sent)
  expect(sent).toHaveLength(3)
})

test('a node that was not told that it has no network makes no bundle without one', async () => {
  await gbr[Symbol.asyncDispose]()
  gbr = await federation.open('GBR', { network: false })
  await expect(
    gbr.bundleExport({ to: 'USA', path: join(federation.root, 'never') }),
  ).rejects.toMatchObject({ code: 'ASKING', message: expect.stringContaining('--offline') })
})
