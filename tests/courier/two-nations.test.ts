import { join } from 'node:path'
import type { RunningNode } from '@entente/node'
import type { Nation } from '@entente/schema'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { auditOf } from '../support/audit-bundles.ts'
import { createFederation, type Federation } from '../support/federation.ts'
import { capability, heldOnBothSides, livePolicy } from '../support/scenario.ts'

const day = 86_400_000
let now = Date.UTC(2026, 9, 1)
const clock = { nowMs: () => now }
let federation: Federation
let usa: RunningNode
let gbr: RunningNode
let carried = 0
beforeAll(async () => {
  federation = createFederation(['GBR', 'USA'])
  federation.renew(['GBR', 'USA'], { courierMs: 30 * day })
  const offline = { network: false, offline: true, clock }
  usa = await federation.open('USA', offline)
  gbr = await federation.open('GBR', offline)
})
afterAll(() => federation[Symbol.asyncDispose]())

/** A week on the way. */
async function carry(from: RunningNode, to: RunningNode) {
  const path = join(federation.root, `bundle-${carried++}`)
  const given = await from.bundleExport({ to: to.nation as Nation, path })
  now += 7 * day
  const taken = await to.bundleImport({ path })
  return { given, taken, path }
}

const isPublished = async (node: RunningNode) => {
  const { size, published } = (await node.status()).log
  return size === published
}
/** There and back until nothing waits. @returns how often */
async function rounds(): Promise<number> {
  for (let n = 1; n <= 8; n++) {
    await carry(gbr, usa)
    const { taken } = await carry(usa, gbr)
    if (taken.statements === 0 && (await isPublished(usa)) && (await isPublished(gbr))) return n
  }
  throw new Error('it does not come to rest')
}

test('two nations without a network release, acknowledge and recall by courier', async () => {
  await usa.policyInstall(federation.sign('USA', livePolicy('USA')))
  await gbr.subscribe({ dataset: 'production', from: 'USA', action: 'subscribe' })
  await usa.recordAdd(capability({ title: 'carried by hand' }))
  await rounds()
  expect(await gbr.search({ text: 'carried' })).toHaveLength(1)
  const held = heldOnBothSides(federation, 'USA', 'GBR')
  expect(held.received).toEqual(held.sent)
  const directories = ['USA', 'GBR'].map((nation) => join(federation.root, `audit-${nation}`))
  await usa.auditExport({ directory: directories[0] as string, withContent: true })
  await gbr.auditExport({ directory: directories[1] as string, withContent: true })
  expect(auditOf(federation, directories, now).findings).toEqual([])
})
