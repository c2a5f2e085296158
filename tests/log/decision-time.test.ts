import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createFederation, type Federation } from '../support/federation.ts'
import { createHostileSender, fragmentOf, putOf } from '../support/hostile-sender.ts'
import { openReceiver, refusalOf } from '../support/receiver.ts'
import { capability, livePolicy } from '../support/scenario.ts'
import { openSender } from '../support/sender.ts'

const minute = 60_000
const start = Date.UTC(2026, 8, 21)
let federation: Federation
beforeAll(() => {
  federation = createFederation(['GBR', 'USA'])
})
afterAll(() => federation[Symbol.asyncDispose]())

describe('case 47: the recipient refuses a decision time outside of its checkpoints', () => {
  // One checkpoint at the start, the next, with the release, two hours later; witnesses may be 5 minutes off.
  test.each<[when: string, at: number, code: string | null]>([
    ['a day before', start - 24 * 60 * minute, 'DECISION_TIME'],
    ['before the checkpoint before it', start - 6 * minute, 'DECISION_TIME'],
    ['just before it, as clocks go', start - 4 * minute, null],
    ['while it waited for its quorum', start + 10 * minute, null],
    ['after its own checkpoint was cosigned', start + 126 * minute, 'DECISION_TIME'],
  ])('%s', (_, at, code) => {
    let now = start
    using gbr = openReceiver(federation.folder('GBR'), () => now)
    const usa = createHostileSender(federation, 'USA', 'GBR', () => now)
    usa.logPolicy(livePolicy('USA'))
    gbr.admission.head(gbr.partner('USA'), {
      t: 'head',
      checkpoint: usa.checkpoint(),
      base: { size: 0, hashes: [] },
    })
    const baseSize = usa.size()
    now = start + 120 * minute
    const fragment = fragmentOf('USA', { title: 'dated' })
    const opening = putOf(fragment)
    const statement = usa.log('release', usa.release([opening], { at }))
    const frame = usa.frame(statement, { baseSize, openings: [opening], bodies: [fragment] })
    expect(refusalOf(() => gbr.admission.statement(gbr.partner('USA'), frame))).toBe(code)
    expect(gbr.view.search('dated', 5)).toHaveLength(code === null ? 1 : 0)
  })
})

describe('a clock that is behind the last leaf', () => {
  test('lets what widens wait until it has caught up, and dates what narrows as the last leaf', async () => {
    let now = start
    await using usa = await openSender(federation.folder('USA'), () => now)
    usa.policies.install(federation.sign('USA', livePolicy('USA')))
    usa.subscribe('GBR', 'production')
    const add = (title: string) => usa.records.recordAdd(capability({ title }))
    const { id } = await add('first')
    await usa.releaser.idle()
    const last = usa.log.lastAtMs()
    const releases = () =>
      usa.db
        .prepare("SELECT jws, at_ms FROM statement WHERE kind = 'release' ORDER BY seq")
        .all()
        .map(({ jws, at_ms }) => {
          const body = Buffer.from(String(jws).split('.')[1] ?? '', 'base64url').toString()
          return { ...(JSON.parse(body) as { at: number; effect: string }), logged: at_ms }
        })
    expect(releases()).toHaveLength(1)

    now = start - 30 * minute
    await add('second')
    await usa.releaser.idle()
    await usa.releaser.idle()
    expect(releases()).toHaveLength(1)
    expect(usa.faults).toEqual(['CLOCK_BEHIND'])
    await usa.records.recordWithdraw({ id, author: 'analyst', reason: 'a test of clocks' })
    await usa.releaser.idle()
    expect(releases().at(-1)).toMatchObject({ effect: 'narrow', at: last, logged: last })
    expect(releases()).toHaveLength(2)

    now = start + minute
    await usa.releaser.idle()
    expect(releases().at(-1)).toMatchObject({ effect: 'widen', at: now })
    expect(releases()).toHaveLength(3)
    // So times never go back along the log.
    const times = usa.db.prepare('SELECT at_ms FROM statement ORDER BY idx').all()
    expect(times.map(({ at_ms }) => at_ms)).toEqual(
      times.map(({ at_ms }) => at_ms as number).sort((a, b) => a - b),
    )
  })

  test('refuses a plan with CLOCK_BEHIND', async () => {
    let now = start
    await using usa = await openSender(federation.folder('USA'), () => now)
    const live = livePolicy('USA') as { datasets: Record<string, object> }
    const datasets = Object.entries(live.datasets).map(([name, dataset]) => [
      name,
      { ...dataset, mode: 'manual' },
    ])
    usa.policies.install(
      federation.sign('USA', { ...live, datasets: Object.fromEntries(datasets) }),
    )
    usa.subscribe('GBR', 'production')
    await usa.records.recordAdd(capability({ title: 'planned' }))
    await usa.releaser.idle()
    now = start - minute
    const { digest } = usa.releaser.plan({})
    await expect(usa.releaser.run(digest ?? '')).rejects.toMatchObject({ code: 'CLOCK_BEHIND' })
    now = start
    expect(await usa.releaser.run(digest ?? '')).toMatchObject({ puts: 1 })
  })
})
