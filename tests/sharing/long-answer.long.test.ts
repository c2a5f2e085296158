import type { RunningNode } from '@entente/node'
import { MOST_ASKED_BYTES } from '@entente/node/testing'
import { expect, test } from 'vitest'
import { createFederation, eventually } from '../support/federation.ts'
import { capability, livePolicy, openServing, readRows } from '../support/scenario.ts'

const LONG = 1_900

test('what a partner asks for late comes in a frame that is longer than any that it may ask in', {
  timeout: 60_000,
}, async () => {
  await using federation = createFederation(['GBR', 'USA'])
  const [gbr, usa] = (await openServing(federation, ['GBR', 'USA'])) as [RunningNode, RunningNode]
  await usa.policyInstall(federation.sign('USA', livePolicy('USA')))
  for (let i = 0; i < 160; i++)
    await usa.recordAdd(capability({ title: `bulk ${i}`, description: `${i} ${'x'.repeat(LONG)}` }))
  await gbr.subscribe({ dataset: 'production', from: 'USA', action: 'subscribe' })
  await eventually(
    'all of it',
    async () => (await gbr.search({ text: 'bulk', limit: 200 })).length === 160,
    30_000,
  )
  const [held] = readRows(
    federation.folder('GBR'),
    'SELECT max(n) AS most FROM (SELECT count(*) AS n FROM held_in GROUP BY feed, seq)',
  )
  expect(Number(held?.['most']) * LONG).toBeGreaterThan(MOST_ASKED_BYTES)
})
