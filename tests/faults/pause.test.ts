import type { RunningNode } from '@entente/node'
import { expect, test } from 'vitest'
import { checkFeeds } from '../support/check-log.ts'
import { createFederation, eventually } from '../support/federation.ts'
import { capability, inSync, livePolicy, openServing, secret } from '../support/scenario.ts'
import { fedBy, watch } from '../support/watched-transport.ts'

const by = { author: 'analyst', reason: 'a test of faults' }

test('a paused partner gets no more puts, every drop at once, and all the rest when it goes on', async () => {
  await using federation = createFederation(['AUS', 'GBR', 'USA'])
  const wire = watch(federation.folder('GBR'))
  const [usa, gbr, aus] = (await openServing(federation, ['USA', 'GBR', 'AUS'], (nation) =>
    nation === 'GBR' ? { transport: wire.transport } : {},
  )) as [RunningNode, RunningNode, RunningNode]
  const sees = (node: RunningNode, text: string, count = 1, withinMs = 40_000) =>
    eventually(
      `${node.nation} sees ${text}`,
      async () => (await node.search({ text })).length === count,
      withinMs,
    )
  await usa.policyInstall(federation.sign('USA', livePolicy('USA')))
  for (const node of [gbr, aus])
    await node.subscribe({ dataset: 'production', from: 'USA', action: 'subscribe' })
  const withdrawn = await usa.recordAdd(capability({ title: 'withdrawn in the pause' }))
  const raised = await usa.recordAdd(
    capability({ title: 'raised', description: 'raised in the pause' }),
  )
  await sees(gbr, 'in the pause', 2)
  await inSync(usa, 'GBR')

  await usa.partnerPause({ nation: 'GBR', paused: true })
  await usa.recordAdd(capability({ title: 'added in the pause' }))
  await sees(aus, 'added')
  const puts = () =>
    fedBy(wire, usa.addresses()[0]?.split('/p2p/')[1] ?? '').flatMap(({ openings = [] }) =>
      openings.filter(([, { op }]) => op === 'put'),
    )
  const before = puts().length
  await new Promise((resolve) => setTimeout(resolve, 1_000))
  expect(puts()).toHaveLength(before)
  expect(await gbr.search({ text: 'added' })).toEqual([])

  await usa.recordWithdraw({ id: withdrawn.id, ...by })
  await usa.recordEdit({ id: raised.id, set: { description: { label: secret } }, ...by })
  // Sooner than a question to a witness is given up.
  await sees(gbr, 'in the pause', 0, 8_000)
  expect(Object.keys((await gbr.recordShow(raised.id)).fields)).toEqual(['title'])
  expect(puts()).toHaveLength(before)

  await usa.partnerPause({ nation: 'GBR', paused: false })
  await sees(gbr, 'added')
  await inSync(usa, 'GBR')
  checkFeeds(federation, 'USA', 'GBR')
})
