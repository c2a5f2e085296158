import type { Nation } from '@entente/schema'
import { expect, test } from 'vitest'
import { createRandom } from '../simulation/random.ts'
import { checkFeeds, checkLog } from '../support/check-log.ts'
import { createFederation, eventually } from '../support/federation.ts'
import {
  capability,
  heldOnBothSides,
  inSync,
  livePolicy,
  openServing,
} from '../support/scenario.ts'
import { type BadLine, createBadLine } from './bad-line.ts'

const nations: readonly Nation[] = ['GBR', 'USA']
/** Below the ports that the system gives by itself, above those of `createFederation`. */
const base = 32_000 + (process.pid % 100) * 4
const places = new Map(
  nations.map((nation, i) => [nation, { at: base + i, dialled: base + 2 + i }]),
)
const placeOf = (nation: Nation) => places.get(nation) ?? { at: 0, dialled: 0 }

test('300 ms, loss and lines that break in the midst of a release: the same digests, nothing lost, nothing doubled; a silent line is found dead', {
  timeout: 180_000,
}, async () => {
  await using federation = createFederation(nations, undefined, 1, (nation) => ({
    listen: `127.0.0.1:${placeOf(nation).at}`,
    endpoints: [`127.0.0.1:${placeOf(nation).dialled}`],
  }))
  const random = createRandom('a bad line')
  const manners = { delayMs: 150, lossPercent: 5, retransmitMs: 400, bytesBeforeReset: 60_000 }
  await using stack = new AsyncDisposableStack()
  const lines: BadLine[] = []
  for (const nation of nations) {
    const { at, dialled } = placeOf(nation)
    lines.push(stack.use(await createBadLine(dialled, at, manners, random)))
  }
  const [usa, gbr] = await openServing(federation, ['USA', 'GBR'])
  if (usa === undefined || gbr === undefined) throw new Error('no nodes')
  await usa.policyInstall(federation.sign('USA', livePolicy('USA')))
  await gbr.subscribe({ dataset: 'production', from: 'USA', action: 'subscribe' })
  const records = 60
  for (let i = 0; i < records; i++)
    await usa.recordAdd(
      capability({ title: `capability ${i}`, description: 'a bad line. '.repeat(80) }),
    )
  await eventually('lines have broken', () => lines.some((line) => line.resets() > 0), 60_000)
  for (const line of lines) line.set({ bytesBeforeReset: null })
  await inSync(usa, 'GBR', 90_000)
  const { sent, received } = heldOnBothSides(federation, 'USA', 'GBR')
  expect(sent).toHaveLength(records)
  expect(received).toEqual(sent)
  checkFeeds(federation, 'USA', 'GBR')

  for (const line of lines) line.silence()
  await usa.recordAdd(capability({ title: 'while nothing arrives' }))
  const found = await eventually(
    'found dead',
    async () => {
      const { partners } = await usa.status()
      return partners.find(({ connected }) => !connected)
    },
    60_000,
  )
  expect(found.words).toMatch(/^unreachable/)
  expect(found.inSync).toBe(false)
  checkLog(federation, 'USA')
})
