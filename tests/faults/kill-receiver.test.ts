import type { RunningNode, Step } from '@entente/node'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { checkFeeds, checkLog, putsOf } from '../support/check-log.ts'
import { createFederation, eventually, type Federation } from '../support/federation.ts'
import { capability, heldOnBothSides, livePolicy, openServing } from '../support/scenario.ts'
import { type SpawnedNode, spawnNode } from '../support/spawn-node.ts'

// release-log.md cases 18, 24, 27. GBR receives from USA, and is its witness too.
let federation: Federation
let usa: RunningNode
let gbr: SpawnedNode
let released = 0

beforeAll(async () => {
  federation = createFederation(['GBR', 'USA'])
  const opened = openServing(federation, ['USA'])
  gbr = await spawnNode(federation.folder('GBR'))
  usa = (await opened)[0] as RunningNode
  await eventually('GBR serves', async () => (await gbr.call('status')).state === 'serving')
  await usa.policyInstall(federation.sign('USA', livePolicy('USA')))
  await gbr.call('subscribe', { dataset: 'production', from: 'USA', action: 'subscribe' })
  await usa.recordAdd(capability({ title: 'record 0' }))
  released = 1
  await settled()
})

afterAll(async () => {
  await gbr[Symbol.asyncDispose]()
  await federation[Symbol.asyncDispose]()
})

const settled = () =>
  eventually('both sides agree', async () => {
    const { partners, log } = await usa.status()
    const { sent, received } = heldOnBothSides(federation, 'USA', 'GBR')
    return (
      partners[0]?.inSync &&
      log.published === log.size &&
      sent.length === released &&
      received.length === released
    )
  })

const steps: readonly Step[] = [
  'admit:evidence',
  'admit:statement',
  'admit:body',
  'admit:acknowledged',
]
test.each(steps)(
  'case 27: a receiver killed at %s holds each release once after its restart',
  async (step) => {
    await gbr.arm(step)
    await usa.recordAdd(capability({ title: `killed at ${step}` }))
    expect(await gbr.died).toBe('SIGKILL')
    released++

    gbr = await spawnNode(federation.folder('GBR'))
    await settled()
    const { sent, received } = heldOnBothSides(federation, 'USA', 'GBR')
    expect(received).toEqual(sent)
    expect(putsOf(federation, 'USA', 'GBR')).toEqual(sent.map(() => 1))
    expect(await gbr.call('search', { text: `killed at ${step}` })).toHaveLength(1)
    checkFeeds(federation, 'USA', 'GBR')
    checkLog(federation, 'USA')
  },
)

test('a receiver killed while it takes a drop no longer shows the record after its restart', async () => {
  const { id } = await usa.recordAdd(capability({ title: 'withdrawn later' }))
  released++
  await settled()
  await gbr.arm('admit:body')
  await usa.recordWithdraw({ id, author: 'analyst', reason: 'withdrawn' })
  expect(await gbr.died).toBe('SIGKILL')
  released--

  gbr = await spawnNode(federation.folder('GBR'))
  await settled()
  expect(await gbr.call('search', { text: 'withdrawn later' })).toEqual([])
  checkFeeds(federation, 'USA', 'GBR')
})
