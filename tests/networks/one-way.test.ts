import type { RunningNode } from '@entente/node'
import { expect, test } from 'vitest'
import { checkFeeds } from '../support/check-log.ts'
import { createFederation, eventually } from '../support/federation.ts'
import {
  capability,
  heldOnBothSides,
  inSync,
  livePolicy,
  openServing,
} from '../support/scenario.ts'

test('an enclave that dials out and listens on nothing gives and is given, also after either side has been away', async () => {
  await using federation = createFederation(['GBR', 'USA'], undefined, 1, (nation) =>
    nation === 'GBR' ? { listen: '127.0.0.1:0' } : undefined,
  )
  federation.configure('GBR', { listen: [] })
  const [gbr, usa] = (await openServing(federation, ['GBR', 'USA'])) as [RunningNode, RunningNode]
  for (const [node, other] of [
    [gbr, 'USA'],
    [usa, 'GBR'],
  ] as const) {
    await node.policyInstall(federation.sign(node.nation, livePolicy(node.nation)))
    await node.subscribe({ dataset: 'production', from: other, action: 'subscribe' })
  }
  const both = async (enclave: RunningNode, partner: RunningNode, when: string) => {
    await enclave.recordAdd(capability({ title: `enclave ${when}` }))
    await partner.recordAdd(capability({ title: `partner ${when}` }))
    for (const [node, title] of [
      [enclave, `partner ${when}`],
      [partner, `enclave ${when}`],
    ] as const)
      await eventually(title, async () => (await node.search({ text: title }))[0])
    await inSync(enclave, 'USA')
    await inSync(partner, 'GBR')
  }
  await both(gbr, usa, 'first')
  await usa[Symbol.asyncDispose]()
  const usaAgain = await federation.open('USA')
  await both(gbr, usaAgain, 'second')
  await gbr[Symbol.asyncDispose]()
  await both(await federation.open('GBR'), usaAgain, 'third')
  for (const [sender, recipient] of [
    ['GBR', 'USA'],
    ['USA', 'GBR'],
  ] as const) {
    const { sent, received } = heldOnBothSides(federation, sender, recipient)
    expect(sent).toHaveLength(3)
    expect(received).toEqual(sent)
    checkFeeds(federation, sender, recipient)
  }
})
