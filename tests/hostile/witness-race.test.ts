import { formatAddCheckpoint } from '@entente/tlog'
import { expect, test } from 'vitest'
import { createFederation } from '../support/federation.ts'
import { createHostileSender } from '../support/hostile-sender.ts'
import { createRawPartner } from '../support/raw-partner.ts'
import { readRows } from '../support/scenario.ts'

test('case 17: a witness that is asked for two sizes at once never goes back', async () => {
  await using federation = createFederation(['GBR', 'USA'])
  await federation.open('GBR', { alone: true })
  await using raw = await createRawPartner(federation, 'USA', 'GBR')
  const usa = createHostileSender(federation, 'USA', 'GBR', Date.now())
  const grow = (leaves: number) => {
    for (let i = 0; i < leaves; i++) usa.log('pad', { origin: usa.origin, at: Date.now() })
  }
  const requestFrom = (oldSize: number) => {
    const proof = oldSize === 0 ? [] : usa.consistency(oldSize)
    return formatAddCheckpoint({ oldSize, proof, checkpoint: usa.signedCheckpoint() })
  }
  const ask = async (body: string) => {
    const answer = await raw.witness(`POST /add-checkpoint\n\n${body}`)
    return [answer.slice(0, 3), answer.slice(4)] as const
  }
  const witnessed = () =>
    readRows(federation.folder('GBR'), "SELECT size FROM witnessed WHERE origin LIKE 'usa%'")
  expect((await ask(requestFrom(0)))[0]).toBe('200')
  for (let round = 0; round < 20; round++) {
    const before = usa.size()
    grow(1)
    const smaller = requestFrom(before)
    grow(1 + (round % 5))
    const larger = requestFrom(before)
    const asked = round % 2 === 0 ? [smaller, larger] : [larger, smaller]
    const answers = await Promise.all(asked.map(ask))
    const [small, large] = round % 2 === 0 ? answers : answers.toReversed()
    const stored = String(witnessed()[0]?.['size'])
    // The later of the two finds another size than it was asked from, and is told which.
    const both = [small?.[0], large?.[0]].sort()
    expect(both).toEqual(['200', '409'])
    if (large?.[0] === '200') expect([stored, small?.[1]]).toEqual([`${usa.size()}`, `${stored}\n`])
    else {
      expect([stored, large?.[1]]).toEqual([`${before + 1}`, `${stored}\n`])
      expect((await ask(requestFrom(before + 1)))[0]).toBe('200')
    }
    expect(witnessed()).toEqual([{ size: usa.size() }])
  }
})
