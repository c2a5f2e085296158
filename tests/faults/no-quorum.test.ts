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
  readRows,
  secret,
} from '../support/scenario.ts'

const by = { author: 'analyst', reason: 'a test of faults' }

test('without a quorum nothing new is readable and every drop is, and the chain completes when witnesses return', async () => {
  await using federation = createFederation(['AUS', 'GBR', 'NOR', 'USA'])
  const [usa, gbr, aus, nor] = (await openServing(federation, ['USA', 'GBR', 'AUS', 'NOR'])) as [
    RunningNode,
    RunningNode,
    RunningNode,
    RunningNode,
  ]
  expect((await usa.status()).log.quorum).toBe(2)
  const sees = (text: string, count: number, withinMs = 40_000) =>
    eventually(
      `GBR sees ${count} of ${text}`,
      async () => (await gbr.search({ text })).length === count,
      withinMs,
    )
  await usa.policyInstall(federation.sign('USA', livePolicy('USA')))
  await gbr.subscribe({ dataset: 'production', from: 'USA', action: 'subscribe' })
  const withdrawn = await usa.recordAdd(capability({ title: 'withdrawn soon' }))
  const raised = await usa.recordAdd(capability({ title: 'raised', description: 'secret soon' }))
  await sees('soon', 2)
  await inSync(usa, 'GBR')
  await Promise.all([aus[Symbol.asyncDispose](), nor[Symbol.asyncDispose]()])
  const published = (await usa.status()).log.published

  await usa.recordAdd(capability({ title: 'added without a quorum' }))
  await eventually('it is sealed', async () => (await usa.status()).log.size > published)
  await usa.recordWithdraw({ id: withdrawn.id, ...by })
  await usa.recordEdit({ id: raised.id, set: { description: { label: secret } }, ...by })
  // Sooner than a question to a witness is given up.
  await sees('soon', 0, 8_000)
  expect(Object.keys((await gbr.recordShow(raised.id)).fields)).toEqual(['title'])
  await new Promise((resolve) => setTimeout(resolve, 500))
  expect(await gbr.search({ text: 'added' })).toEqual([])
  // Who is missing, and since when: both had cosigned before they went. The one that is there needs a moment for each checkpoint.
  const missing = await eventually('AUS and NOR alone are missing', async () => {
    const { log } = await usa.status()
    expect(log.published).toBe(published)
    const all = log.missing.toSorted((a, b) => (a.nation < b.nation ? -1 : 1))
    return all.map(({ nation }) => nation).join() === 'AUS,NOR' && all
  })
  for (const { lastAtMs } of missing) {
    expect(lastAtMs).toBeGreaterThan(Date.now() - 60_000)
    expect(lastAtMs).toBeLessThanOrEqual(Date.now())
  }
  const heads = () =>
    readRows(
      federation.folder('GBR'),
      "SELECT seq FROM feed_in WHERE sender = 'USA' AND dataset <> ''",
    )
  const held = heads()

  const back = await federation.open('NOR')
  await sees('added', 1)
  await inSync(usa, 'GBR')
  expect(heads()).not.toEqual(held)
  expect(await gbr.search({ text: 'soon' })).toEqual([])
  const { sent, received } = heldOnBothSides(federation, 'USA', 'GBR')
  expect(received).toEqual(sent)
  checkFeeds(federation, 'USA', 'GBR')
  checkLog(federation, 'USA')
  expect((await back.status()).state).toBe('serving')
})
