import { expect, test } from 'vitest'
import { createFederation } from '../support/federation.ts'
import { livePolicy } from '../support/scenario.ts'

const signsNothing = { code: 'ASKING' }

test('a node without a network signs nothing: nobody could tell it that its log has grown since', async () => {
  await using federation = createFederation(['GBR', 'USA'])
  const usa = await federation.open('USA', { network: false })
  await expect(usa.policyInstall(federation.sign('USA', livePolicy('USA')))).rejects.toMatchObject(
    signsNothing,
  )
  await expect(
    usa.subscribe({ dataset: 'needs', from: 'GBR', action: 'subscribe' }),
  ).rejects.toMatchObject(signsNothing)
  await expect(usa.run({ plan: 'any' })).rejects.toMatchObject(signsNothing)
  const { log, words } = await usa.status()
  expect(log.size).toBe(0)
  expect(words).toContain('nothing is signed')
})
