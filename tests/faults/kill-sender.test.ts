import { readFileSync } from 'node:fs'
import type { Step } from '@entente/node'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { checkFeeds, checkLog, putsOf } from '../support/check-log.ts'
import { createFederation, eventually, type Federation } from '../support/federation.ts'
import {
  capability,
  heldOnBothSides,
  livePolicy,
  openServing,
  readRows,
} from '../support/scenario.ts'
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
  'case 27: a sender killed at %s has released exactly once after its restart',
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

test.each<Step>(['seal:appended', 'seal:committed', 'feed:sending'])(
  'a sender killed at %s of a drop has dropped exactly once after its restart',
  async (step) => {
    const title = `withdrawn, killed at ${step}`
    const { id } = await usa.call('recordAdd', capability({ title }))
    released++
    await settled()
    await usa.arm(step)
    const withdrawal = { id, author: 'analyst', reason: 'withdrawn' }
    usa.call('recordWithdraw', withdrawal).catch(() => {})
    expect(await usa.died).toBe('SIGKILL')
    released--

    usa = await spawnNode(federation.folder('USA'))
    await settled()
    const { sent, received } = heldOnBothSides(federation, 'USA', 'GBR')
    expect(received).toEqual(sent)
    const said = readRows(
      federation.folder('USA'),
      'SELECT opening FROM entry_out WHERE record = ? ORDER BY idx',
      id,
    )
    expect(said.map(({ opening }) => JSON.parse(opening as string)[1].op)).toEqual(['put', 'drop'])
    checkFeeds(federation, 'USA', 'GBR')
    checkLog(federation, 'USA')
  },
)

test('a plan that was cut off before its commit is the same plan afterwards, one cut off after it is done', async () => {
  const manual = JSON.parse(readFileSync('examples/policies/USA.json', 'utf8')) as object
  await usa.call('policyInstall', federation.sign('USA', { ...manual, edition: 2 }))
  const { id } = await usa.call('recordAdd', capability({ title: 'by plan' }))
  const preview = () =>
    eventually('the policy is in force and all is decided', async () => {
      const seen = await usa.call('preview', {})
      return seen.policyEdition === 2 ? seen : null
    })
  const { plan } = await preview()
  expect(plan).not.toBe(null)
  for (const [step, left] of [
    ['seal:appended', plan],
    ['seal:committed', null],
  ] as const) {
    await usa.arm(step)
    usa.call('run', { plan: plan ?? '' }).catch(() => {})
    expect(await usa.died).toBe('SIGKILL')
    usa = await spawnNode(federation.folder('USA'))
    expect((await preview()).plan).toBe(left)
  }
  released++
  await settled()
  const puts = readRows(federation.folder('USA'), 'SELECT 1 FROM entry_out WHERE record = ?', id)
  expect(puts).toHaveLength(1)
  checkFeeds(federation, 'USA', 'GBR')
  checkLog(federation, 'USA')
})
