import type { Step } from '@entente/node'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { checkFeeds, checkLog, putsOf } from '../support/check-log.ts'
import { createFederation, eventually, type Federation } from '../support/federation.ts'
import { capability, heldOnBothSides, livePolicy, openServing } from '../support/scenario.ts'
import { type SpawnedNode, spawnNode } from '../support/spawn-node.ts'

// release-log.md cases 24, 27, 46. One federation lives through every crash, so what one leaves behind meets the next.
let federation: Federation
let usa: SpawnedNode
let released = 0

beforeAll(async () => {
  federation = createFederation(['GBR', 'USA'])
  const opened = openServing(federation, ['GBR'])
  usa = await spawnNode(federation.folder('USA'))
  const [gbr] = await opened
  await eventually('USA serves', async () => (await usa.call('status')).state === 'serving')
  await usa.call('policyInstall', federation.sign('USA', livePolicy('USA')))
  await gbr?.subscribe({ dataset: 'production', from: 'USA', action: 'subscribe' })
  await usa.call('recordAdd', capability({ title: 'record 0' }))
  released = 1
  await settled()
})

afterAll(async () => {
  await usa[Symbol.asyncDispose]()
  await federation[Symbol.asyncDispose]()
})

const settled = () =>
  eventually('both sides agree', async () => {
    const { partners, log } = await usa.call('status')
    const { sent, received } = heldOnBothSides(federation, 'USA', 'GBR')
    return (
      partners[0]?.inSync &&
      log.published === log.size &&
      sent.length === released &&
      received.length === released
    )
  })

const steps: readonly Step[] = [
  'seal:decided',
  'seal:appended',
  'seal:committed',
  'publish:head-written',
  'publish:cosigned',
  'publish:stored',
  'feed:sending',
  'feed:sent',
  'feed:acknowledged',
]
test.each(steps)(
  'a sender killed at %s has released exactly once after its restart',
  async (step) => {
    await usa.arm(step)
    const adding = usa.call('recordAdd', capability({ title: `record killed at ${step}` }))
    adding.catch(() => {})
    expect(await usa.died).toBe('SIGKILL')
    released++

    usa = await spawnNode(federation.folder('USA'))
    await settled()
    const { sent, received } = heldOnBothSides(federation, 'USA', 'GBR')
    expect(received).toEqual(sent)
    expect(putsOf(federation, 'USA', 'GBR')).toEqual(sent.map(() => 1))
    checkFeeds(federation, 'USA', 'GBR')
    checkLog(federation, 'USA')
  },
)
