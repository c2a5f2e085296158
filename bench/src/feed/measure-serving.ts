import { spawnChild } from '../child.ts'
import { createFederation } from '../federation.ts'
import { type Measured, row } from '../report.ts'
import type { Size } from '../size.ts'
import { makeOpenRecords, openFanned, releaseAll, write } from './fanned-policy.ts'
import type { ServingVerbs } from './serving-process.ts'

const partners = 'AUS CAN DNK GBR NLD NOR NZL SWE'.split(' ')

/** Memory of a node while eight partners take all at once, beside that of the same node before they came. */
export async function measureServing(size: Size, talk: (words: string) => void): Promise<Measured> {
  using federation = await createFederation(['USA', ...partners])
  talk(`rss-serving: ${size.fed} records for ${partners.length} partners`)
  {
    await using node = await openFanned(federation, partners, partners)
    await write(node, makeOpenRecords(size.fed, size.seed), 0)
    await releaseAll(node)
  }
  talk('rss-serving: all are served at once')
  await using process = spawnChild<ServingVerbs>(new URL('serving-process.ts', import.meta.url))
  await process.call('open', federation.sender)
  const { beforeMb, peakMb, bodies, ms } = await process.call('serve', partners)
  if (bodies !== size.fed * partners.length) throw new Error(`${bodies} bodies were served`)
  return {
    figures: {
      'rss-serving bodies': bodies,
      'rss-serving before MB': beforeMb,
      'rss-serving peak MB': peakMb,
      'rss-serving ms': ms,
    },
    rows: [row('rss-serving', peakMb / beforeMb)],
  }
}
