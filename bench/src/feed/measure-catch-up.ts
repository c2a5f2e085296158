import { nowMs } from '../child.ts'
import { createFederation } from '../federation.ts'
import { type Measured, row } from '../report.ts'
import type { Size } from '../size.ts'
import { makeOpenRecords, openFanned, releaseAll, write } from './fanned-policy.ts'
import { serveAll } from './serve.ts'

/** How often every record changed while the partner was away. */
const changes = 5

/** What a partner is sent that was away while every record changed, beside what is current. */
export async function measureCatchUp(size: Size, talk: (words: string) => void): Promise<Measured> {
  using federation = await createFederation(['USA', 'GBR'])
  await using node = await openFanned(federation, ['GBR'], ['GBR'])
  for (let revision = 0; revision <= changes; revision++) {
    talk(`catch-up: ${size.fed} records, change ${revision} of ${changes}`)
    await write(node, makeOpenRecords(size.fed, size.seed), revision)
    await releaseAll(node)
  }
  talk('catch-up: the partner is back')
  const startMs = nowMs()
  const { bodies, statements, bytes } = await serveAll(node, 'GBR')
  return {
    figures: {
      'catch-up records': size.fed,
      'catch-up bodies': bodies,
      'catch-up statements': statements,
      'catch-up MB': bytes / 1e6,
      'catch-up ms': nowMs() - startMs,
    },
    rows: [row('catch-up', bodies / size.fed)],
  }
}
