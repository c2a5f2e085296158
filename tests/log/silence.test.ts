import { PolicyDocument } from '@entente/policy'
import type { Nation } from '@entente/schema'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createFederation, type Federation } from '../support/federation.ts'
import { capability, livePolicy, onlyFor } from '../support/scenario.ts'
import { openSender, type SenderOptions } from '../support/sender.ts'

const hour = 3_600_000
const month = 30 * 24 * hour
const start = Date.UTC(2026, 8, 1)
let federation: Federation
beforeAll(() => {
  federation = createFederation(['GBR', 'NOR', 'USA'])
})
afterAll(() => federation[Symbol.asyncDispose]())

/** Who gets a record in which hour of the month. */
type Story = (hourOfMonth: number) => readonly Nation[]

/** A month of one log: when its checkpoints came, and of what size; and how much went to whom. */
async function monthOf(story: Story, rhythm: SenderOptions['rhythm'] = {}) {
  let now = start
  const usa = await openSender(federation.folder('USA'), () => now, { rhythm })
  await using _ = usa
  usa.policies.install(federation.sign('USA', PolicyDocument.parse(livePolicy('USA'))))
  for (const nation of ['GBR', 'NOR'] as const) usa.subscribe(nation, 'production')
  for (let i = 0; now < start + month; i++) {
    for (const nation of story(i))
      await usa.records.recordAdd(
        capability({ title: `${nation} ${i}` }, { title: onlyFor(nation) }),
      )
    await usa.releaser.idle()
    now += hour
    await usa.beat()
  }
  const rows = (sql: string) => usa.db.prepare(sql).all()
  return {
    /** What every witness sees. */
    seen: rows(
      'SELECT checkpoint.size, at_ms AS at FROM checkpoint JOIN statement ON idx = checkpoint.size - 1 ORDER BY 1',
    ).map(({ size, at }) => `${String(at)} ${String(size)}`),
    sent: Object.fromEntries(
      rows('SELECT recipient, COUNT(*) AS n FROM held GROUP BY recipient').map(
        ({ recipient, n }) => [recipient, n],
      ),
    ),
    entries: rows('SELECT length(entry) AS length, COUNT(*) AS n FROM entry GROUP BY 1'),
  }
}

/** Three a day for GBR at noon, one a week for NOR. */
const mostlyGbr: Story = (i) => [
  ...(i % 24 === 12 ? (['GBR', 'GBR', 'GBR'] as const) : []),
  ...(i % 168 === 20 ? (['NOR'] as const) : []),
]
/** Now and then a burst for NOR, at night; GBR gets nothing for weeks. */
const mostlyNor: Story = (i) => [
  ...(i % 72 === 3 ? new Array<Nation>(12).fill('NOR') : []),
  ...(i === 700 ? (['GBR'] as const) : []),
]
const quiet: Story = () => []

test('case 35: over a month two very different volumes per partner give a log of the same sizes at the same times', async () => {
  const rhythm = { cadenceMs: 6 * hour, ackPeriodMs: 6 * hour }
  const [a, b, c] = await Promise.all(
    [mostlyGbr, mostlyNor, quiet].map((story) => monthOf(story, rhythm)),
  )
  // Much went, and to others.
  expect(a?.sent).toEqual({ GBR: 90, NOR: 5 })
  expect(b?.sent).toEqual({ GBR: 1, NOR: 120 })
  expect(c?.sent).toEqual({})
  expect(a?.seen.length).toBeGreaterThan(200)
  expect(b?.seen).toEqual(a?.seen)
  // And as much as where nothing went.
  expect(c?.seen).toEqual(a?.seen)
  expect(b?.entries).toEqual(a?.entries)
})

test('case 35: without a cadence the sizes are multiples all the same, and the times tell when something was released, not to whom', async () => {
  const rhythm = { ackPeriodMs: 6 * hour }
  const to =
    (nation: Nation): Story =>
    (i) =>
      i % 24 === 12 ? new Array<Nation>(1 + (i % 5)).fill(nation) : []
  const [a, b] = await Promise.all([monthOf(to('GBR'), rhythm), monthOf(to('NOR'), rhythm)])
  expect(a?.sent).toEqual({ GBR: b?.sent['NOR'] })
  expect(b?.seen).toEqual(a?.seen)
  for (const seen of a?.seen ?? []) expect(Number(seen.split(' ')[1]) % 16).toBe(0)
})

test('without padding and cadence the same months can be told apart', async () => {
  const rhythm = { padTo: 1, ackPeriodMs: 6 * hour }
  const [a, b] = await Promise.all([monthOf(mostlyGbr, rhythm), monthOf(mostlyNor, rhythm)])
  expect(b?.seen).not.toEqual(a?.seen)
})
