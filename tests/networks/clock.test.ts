import { expect, test } from 'vitest'
import { createFederation, eventually } from '../support/federation.ts'
import {
  capability,
  heldOnBothSides,
  inSync,
  livePolicy,
  openServing,
  readRows,
} from '../support/scenario.ts'

const DAY_MS = 86_400_000

test.each([DAY_MS, -DAY_MS])(
  'a clock that is set off by %i ms: what widens waits and status says why; set right, all goes on and no leaf stands in the wrong time',
  async (offMs) => {
    let shiftMs = 0
    await using federation = createFederation(['GBR', 'NOR', 'USA'])
    const [usa, gbr] = await openServing(federation, ['USA', 'GBR', 'NOR'], (nation) =>
      nation === 'USA' ? { clock: { nowMs: () => Date.now() + shiftMs } } : {},
    )
    if (usa === undefined || gbr === undefined) throw new Error('no nodes')
    await usa.policyInstall(federation.sign('USA', livePolicy('USA')))
    await gbr.subscribe({ dataset: 'production', from: 'USA', action: 'subscribe' })
    await usa.recordAdd(capability({ title: 'before' }))
    await eventually('GBR sees it', async () => (await gbr.search({ text: 'before' })).length === 1)
    await inSync(usa, 'GBR')

    shiftMs = offMs
    await usa.recordAdd(capability({ title: 'meanwhile' }))
    const { words, ok } = await eventually('it says so', async () => {
      const status = await usa.status()
      return /clock/.test(status.words) && status
    })
    expect(words).toMatch(
      offMs > 0
        ? /^the clock of this node is 24 h ahead of those of GBR, NOR: .* set it$/
        : /^the clock of this node is 24 h behind those of GBR, NOR: .* set it$/,
    )
    expect(ok).toBe(false)
    // What it owes partners still goes, in the time of the last leaf.
    await usa.subscribe({ dataset: 'needs', from: 'GBR', action: 'subscribe' })
    expect(await gbr.search({ text: 'meanwhile' })).toEqual([])

    shiftMs = 0
    await eventually(
      'GBR sees the other',
      async () => (await gbr.search({ text: 'meanwhile' })).length === 1,
    )
    await inSync(usa, 'GBR')
    const { sent, received } = heldOnBothSides(federation, 'USA', 'GBR')
    expect(received).toEqual(sent)
    const [times] = readRows(
      federation.folder('USA'),
      'SELECT MIN(at_ms) AS first, MAX(at_ms) AS last FROM statement',
    )
    expect(Number(times?.['last']) - Number(times?.['first'])).toBeLessThan(DAY_MS / 2)
  },
)
