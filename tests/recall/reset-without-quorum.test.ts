import type { RunningNode } from '@entente/node'
import { expect, test } from 'vitest'
import { createFederation, eventually } from '../support/federation.ts'
import { capability, inSync, livePolicy, openServing } from '../support/scenario.ts'

const by = { author: 'analyst', reason: 'a test' }

test('what is taken back around a reset is hidden before the reset has its quorum', async () => {
  await using federation = createFederation(['AUS', 'GBR', 'USA'])
  federation.renew(undefined, { quorum: 2 })
  const [usa, gbr, aus] = (await openServing(federation, ['USA', 'GBR', 'AUS'])) as [
    RunningNode,
    RunningNode,
    RunningNode,
  ]
  await usa.policyInstall(federation.sign('USA', livePolicy('USA')))
  await gbr.subscribe({ dataset: 'production', from: 'USA', action: 'subscribe' })
  const ids: (typeof kept.id)[] = []
  const kept = await usa.recordAdd(capability({ title: 'kept' }))
  for (const title of ['before', 'after']) ids.push((await usa.recordAdd(capability({ title }))).id)
  for (const title of ['kept', 'before', 'after'])
    await eventually(`GBR sees ${title}`, async () => (await gbr.search({ text: title }))[0])
  await inSync(usa, 'GBR')
  await aus[Symbol.asyncDispose]()
  await gbr[Symbol.asyncDispose]()

  const [before, after] = ids as [typeof kept.id, typeof kept.id]
  await usa.recordWithdraw({ id: before, ...by })
  await usa.feedReset({ nation: 'GBR', dataset: 'production', reason: 'a test' })
  await usa.recordWithdraw({ id: after, ...by })
  const again = await federation.open('GBR')
  for (const title of ['before', 'after'])
    await eventually(
      `GBR sees no more of ${title}`,
      async () => (await again.search({ text: title })).length === 0,
    )
  await federation.open('AUS')
  await inSync(usa, 'GBR', 40_000)
  expect(await again.search({ text: 'kept' })).toHaveLength(1)
  expect(await again.search({ text: 'before' })).toEqual([])
  expect(await again.search({ text: 'after' })).toEqual([])
})
