import type { RunningNode } from '@entente/node'
import { gossipProtocol } from '@entente/node/testing'
import { utf8 } from '@entente/schema'
import { formatAddCheckpoint, formatBase64 } from '@entente/tlog'
import { expect, test } from 'vitest'
import { createFederation, eventually } from '../support/federation.ts'
import { createHostileSender } from '../support/hostile-sender.ts'
import { createRawPartner, type RawPartner } from '../support/raw-partner.ts'
import { openReceiver, refusalOf } from '../support/receiver.ts'
import { livePolicy, openServing, readRows } from '../support/scenario.ts'

const HOUR = 3_600_000

test('a log that does not prove that what it showed elsewhere is one history is not admitted after a day, until it does', async () => {
  const atMs = Date.now()
  await using federation = createFederation(['AUS', 'GBR', 'USA'])
  let laterMs = 0
  const clock = { nowMs: () => Date.now() + laterMs }
  const [gbr] = (await openServing(federation, ['GBR', 'AUS'], () => ({ clock }))) as [RunningNode]
  await using toGbr = await createRawPartner(federation, 'USA', 'GBR')
  await using toAus = await createRawPartner(federation, 'USA', 'AUS')
  const usa = createHostileSender(federation, 'USA', 'GBR', atMs)
  usa.logPolicy(livePolicy('USA'))
  const submit = (to: RawPartner) => {
    const checkpoint = usa.signedCheckpoint()
    return to.witness(
      `POST /add-checkpoint\n\n${formatAddCheckpoint({ oldSize: 0, proof: [], checkpoint })}`,
    )
  }
  expect(await submit(toGbr)).toMatch(/^200\n/)
  usa.log('pad', { origin: usa.origin, at: atMs })
  expect(await submit(toAus)).toMatch(/^200\n/)
  const challenges = () => readRows(federation.folder('GBR'), 'SELECT size FROM challenge')
  const usaAtGbr = async () => (await gbr.status()).partners.find(({ nation }) => nation === 'USA')
  await eventually('GBR has asked USA for a proof', () => {
    laterMs += 1_000
    return challenges()[0]?.['size'] === 3
  })
  expect((await usaAtGbr())?.standing).toBe('good')
  laterMs += 25 * HOUR
  expect(await usaAtGbr()).toMatchObject({ standing: 'unproven', inSync: false })
  expect((await usaAtGbr())?.words).toContain('has left a proof unanswered')

  // USA's node is back, and has the proof.
  await toGbr.transport.handle(gossipProtocol, async (channel) => {
    for await (const _ of channel.frames) {
      const hashes = usa.consistency(2).map(formatBase64)
      await channel.send(utf8(JSON.stringify({ t: 'proof', hashes })))
      return
    }
  })
  await eventually('GBR has the proof', () => {
    laterMs += 1_000
    return challenges().length === 0
  })
  expect((await usaAtGbr())?.standing).toBe('good')
  // Larger than what it cosigned itself, and remembered.
  expect(readRows(federation.folder('GBR'), 'SELECT size FROM seen_checkpoint')).toEqual([
    { size: 3 },
  ])
})

test('nothing of an unproven log is admitted', () => {
  const atMs = Date.now()
  const federation = createFederation(['GBR', 'USA'])
  using receiver = openReceiver(federation.folder('GBR'), () => atMs)
  const usa = createHostileSender(federation, 'USA', 'GBR', atMs)
  usa.logPolicy(livePolicy('USA'))
  const statement = usa.log('release', usa.release([]))
  const take = () =>
    refusalOf(() => receiver.admission.statement(receiver.partner('USA'), usa.frame(statement)))
  const since = (sinceMs: number) =>
    receiver.db
      .prepare('INSERT OR REPLACE INTO challenge VALUES (?, 9, ?, ?, ?, ?)')
      .run(usa.origin, new Uint8Array(32), 'note', 'AUS', sinceMs)
  since(atMs - 24 * HOUR)
  expect(take()).toBe('ORIGIN_UNPROVEN')
  since(atMs - 24 * HOUR + 1)
  expect(take()).toBeNull()
})
