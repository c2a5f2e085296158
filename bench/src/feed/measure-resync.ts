import { setTimeout as sleep } from 'node:timers/promises'
import { loadNodeFolder } from '@entente/node'
import { nowMs, spawnChild } from '../child.ts'
import { createFederation } from '../federation.ts'
import { importRows } from '../release/measure-node.ts'
import type { NodeVerbs } from '../release/node-process.ts'
import { type Measured, quantile, row } from '../report.ts'
import type { Size } from '../size.ts'
import type { CountingVerbs } from './counting-process.ts'

const withinMs = 1_200_000

/** What it costs to find that nothing is new, beside one question and one answer over the same connection. */
export async function measureResync(size: Size, talk: (words: string) => void): Promise<Measured> {
  using federation = await createFederation()
  await using sender = spawnChild<NodeVerbs>(new URL('../release/node-process.ts', import.meta.url))
  talk(`resync: releasing ${size.fed} records`)
  {
    await using recipient = spawnChild<NodeVerbs>(
      new URL('../release/node-process.ts', import.meta.url),
    )
    await Promise.all([
      sender.call('open', { folder: federation.sender }),
      recipient.call('open', { folder: federation.recipient }),
    ])
    for (const node of [sender, recipient])
      await until('serving', async () => (await node.call('status', null)).state === 'serving')
    await sender.call('policyInstall', federation.policy)
    await recipient.call('subscribe', { dataset: 'daily', from: 'USA', action: 'subscribe' })
    await importRows(sender, federation.root, 'daily', size.fed, size.seed)
    await until('all is acknowledged', async () => {
      const { partners, datasets } = await sender.call('status', null)
      const [partner] = partners
      return (
        partner?.inSync === true &&
        partner.sent.records === size.fed &&
        datasets.every(({ waiting }) => waiting === 0)
      )
    })
  }
  talk('resync: the recipient starts again')
  await using recipient = spawnChild<CountingVerbs>(new URL('counting-process.ts', import.meta.url))
  await recipient.call('open', federation.recipient)
  const { ms, sent, received, bytes } = await recipient.call('resumed', null)
  await until('in sync', () => recipient.call('inSync', null))
  const { peerId } = loadNodeFolder(federation.sender)
  const trips: number[] = []
  for (let i = 0; i < 20; i++) trips.push(await recipient.call('roundTrip', peerId))
  return {
    figures: {
      'resync records': size.fed,
      'resync ms': ms,
      'resync frames sent': sent,
      'resync frames received': received,
      'resync bytes': bytes,
      'round trip p50 ms': quantile(trips, 0.5),
    },
    rows: [row('resync', ms / quantile(trips, 0.5))],
  }
}

async function until(what: string, check: () => Promise<boolean>): Promise<void> {
  const deadlineMs = nowMs() + withinMs
  while (!(await check())) {
    if (nowMs() > deadlineMs) throw new Error(`not within ${withinMs} ms: ${what}`)
    await sleep(100)
  }
}
