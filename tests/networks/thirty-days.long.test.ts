import type { RunningNode } from '@entente/node'
import { expect, test } from 'vitest'
import { checkFeeds, checkLog } from '../support/check-log.ts'
import { createFederation, eventually } from '../support/federation.ts'
import {
  capability,
  heldOnBothSides,
  inSync,
  livePolicy,
  openServing,
} from '../support/scenario.ts'

const DAY_MS = 86_400_000

test('a partner that was gone for 30 days comes to the same digests; meanwhile status says how long it has been gone', async () => {
  let passedMs = 0
  const clock = { nowMs: () => Date.now() + passedMs }
  await using federation = createFederation(['GBR', 'NOR', 'USA'])
  const [usa, gbr, nor] = (await openServing(federation, ['USA', 'GBR', 'NOR'], () => ({
    clock,
  }))) as [RunningNode, RunningNode, RunningNode]
  await usa.policyInstall(federation.sign('USA', livePolicy('USA')))
  for (const node of [gbr, nor])
    await node.subscribe({ dataset: 'production', from: 'USA', action: 'subscribe' })
  const changed = await usa.recordAdd(capability({ title: 'changed', description: 'at first' }))
  const withdrawn = await usa.recordAdd(capability({ title: 'withdrawn' }))
  await inSync(nor, 'USA')
  await eventually(
    'both are there',
    async () => (await nor.search({ text: 'changed' })).length === 1,
  )
  await inSync(usa, 'NOR')
  await nor[Symbol.asyncDispose]()
  await eventually('gone', async () => {
    const { partners } = await usa.status()
    return partners.find(({ nation, connected }) => nation === 'NOR' && !connected)
  })

  for (let day = 1; day <= 30; day += 1) {
    passedMs = day * DAY_MS
    if (day % 10 === 0)
      await usa.recordEdit({
        id: changed.id,
        set: { description: { value: `on day ${day}` } },
        author: 'analyst',
        reason: 'a test of networks',
      })
  }
  await usa.recordWithdraw({ id: withdrawn.id, author: 'analyst', reason: 'a test of networks' })
  await usa.recordAdd(capability({ title: 'added' }))
  await inSync(gbr, 'USA')
  await eventually('GBR has it', async () => (await gbr.search({ text: 'added' })).length === 1)
  const { partners } = await usa.status()
  const gone = partners.find(({ nation }) => nation === 'NOR')
  expect(gone?.inSync).toBe(false)
  expect(gone?.words).toMatch(/^unreachable 30 d/)

  const back = await federation.open('NOR', { clock })
  await inSync(usa, 'NOR', 60_000)
  await inSync(back, 'USA', 60_000)
  const [toNor, toGbr] = ['NOR', 'GBR'].map((nation) => heldOnBothSides(federation, 'USA', nation))
  expect(toNor?.received).toEqual(toNor?.sent)
  expect(toNor?.received).toEqual(toGbr?.received)
  expect((await back.recordShow(changed.id)).fields['description']?.value).toBe('on day 30')
  expect(await back.search({ text: 'withdrawn' })).toEqual([])
  checkFeeds(federation, 'USA', 'NOR')
  checkLog(federation, 'USA')
})
