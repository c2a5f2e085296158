import type { RunningNode } from '@entente/node'
import { digestOf, peekJws } from '@entente/schema'
import { expect, test } from 'vitest'
import { createFederation, eventually } from '../support/federation.ts'
import { inSync, openServing, readRows } from '../support/scenario.ts'

test('a log names the witness policy that it goes by, each in a leaf and under a checkpoint of its own', async () => {
  await using federation = createFederation(['GBR', 'USA'])
  const logged = () =>
    readRows(
      federation.folder('GBR'),
      "SELECT idx, jws FROM statement WHERE kind = 'witness-policy' ORDER BY idx",
    ).map(({ idx, jws }) => ({ idx, ...(peekJws(jws as string).payload as object) }))
  const [gbr, usa] = (await openServing(federation, ['GBR', 'USA'])) as [RunningNode, RunningNode]
  await inSync(gbr, 'USA')
  const first = { number: 1, digest: digestOf(federation.roster.witnessPolicy) }
  expect(logged()).toMatchObject([first])
  await gbr[Symbol.asyncDispose]()
  // The same again logs nothing.
  const same = await federation.open('GBR')
  await inSync(same, 'USA')
  await same[Symbol.asyncDispose]()
  expect(logged()).toHaveLength(1)

  federation.renew(['GBR'])
  const { witnessPolicy } = federation.roster
  const again = await federation.open('GBR')
  await eventually('it is logged', () => logged().length === 2)
  const [, second] = logged()
  expect(second).toMatchObject({ number: 2, digest: digestOf(witnessPolicy) })
  const { idx } = second as { idx: number }
  const sizes = readRows(federation.folder('GBR'), 'SELECT size FROM checkpoint')
  // A checkpoint ends before it.
  expect(sizes.map(({ size }) => size)).toContain(idx)

  // USA still goes by the first: both say so, and who is behind.
  const wordsOf = async (node: RunningNode, nation: string) =>
    (await node.status()).partners.find((partner) => partner.nation === nation)
  await eventually('GBR has heard it', async () =>
    (await wordsOf(again, 'USA'))?.words.includes(
      'goes by witness policy 1, we by 2: USA must install',
    ),
  )
  await eventually('USA has heard it', async () =>
    (await wordsOf(usa, 'GBR'))?.words.includes(
      'goes by witness policy 2, we by 1: we must install',
    ),
  )
  expect((await wordsOf(usa, 'GBR'))?.inSync).toBe(false)
  expect((await usa.status()).log.split).toBe('detected')
})
