import type { RunningNode } from '@entente/node'
import { expect, test } from 'vitest'
import { createFederation, eventually } from '../support/federation.ts'
import { capability, inSync, livePolicy, openServing, readRows } from '../support/scenario.ts'

/** Half of it is far more than a busy machine takes to seal. */
const cadenceMs = 5_000

test('with a cadence checkpoints come at fixed times, what widens waits for them and what narrows does not', async () => {
  await using federation = createFederation(['GBR', 'USA'], { cadenceMs })
  const [usa, gbr] = (await openServing(federation, ['USA', 'GBR'])) as [RunningNode, RunningNode]
  const groups = () =>
    readRows(
      federation.folder('USA'),
      "SELECT size, (SELECT at_ms FROM statement WHERE idx = size - 1) AS at, (SELECT COUNT(*) FROM statement WHERE idx < size AND idx >= size - 16 AND kind <> 'pad') AS said FROM checkpoint ORDER BY size",
    ) as { size: number; at: number; said: number }[]
  const first = groups()[0]?.at ?? 0
  const intoBeat = (atMs: number) => (atMs - first) % cadenceMs
  await usa.policyInstall(federation.sign('USA', livePolicy('USA')))
  await gbr.subscribe({ dataset: 'production', from: 'USA', action: 'subscribe' })

  // Nothing happens, and the log grows all the same.
  const before = groups().length
  await eventually('two empty checkpoints', () => groups().length >= before + 2)
  const empty = groups().slice(before)
  expect(empty.map(({ said }) => said)).toEqual(empty.map(() => 0))
  for (const { at } of empty) expect(intoBeat(at)).toBeLessThan(cadenceMs / 2)

  const { id } = await usa.recordAdd(capability({ title: 'widened' }))
  await eventually('it arrives', async () => (await gbr.search({ text: 'widened' })).length === 1)
  const [put] = groups().filter(({ size, said }) => said > 0 && size > (empty.at(-1)?.size ?? 0))
  expect(intoBeat(put?.at ?? -1)).toBeLessThan(cadenceMs / 2)

  // Taken back in the middle of an interval, and gone before its end.
  await inSync(usa, 'GBR')
  await eventually('the middle', () => {
    const into = intoBeat(Date.now())
    return into > cadenceMs * 0.5 && into < cadenceMs * 0.6
  })
  await usa.recordWithdraw({ id, author: 'analyst', reason: 'a test of cadence' })
  // An empty one may have come since.
  const drop = groups().findLast(({ said }) => said > 0)
  expect(drop?.said).toBe(1)
  expect(intoBeat(drop?.at ?? 0)).toBeGreaterThan(cadenceMs / 2)
  expect(groups().every(({ size }) => size % 16 === 0)).toBe(true)
})

test('with a cadence a plan is run at the next fixed time, or not at all', async () => {
  await using federation = createFederation(['GBR', 'USA'], { cadenceMs })
  const [usa, gbr] = (await openServing(federation, ['USA', 'GBR'])) as [RunningNode, RunningNode]
  const live = livePolicy('USA') as { datasets: Record<string, object> }
  const datasets = Object.entries(live.datasets).map(([name, dataset]) => [
    name,
    { ...dataset, mode: 'manual' },
  ])
  const manual = { ...live, datasets: Object.fromEntries(datasets) }
  await usa.policyInstall(federation.sign('USA', manual))
  await gbr.subscribe({ dataset: 'production', from: 'USA', action: 'subscribe' })
  await usa.recordAdd(capability({ title: 'planned' }))
  const plan = await eventually('a plan', async () => (await usa.preview({})).plan)
  const startMs = Date.now()
  expect(await usa.run({ plan })).toMatchObject({ puts: 1 })
  const [{ at, first } = {}] = readRows(
    federation.folder('USA'),
    "SELECT at_ms AS at, (SELECT at_ms FROM statement WHERE idx = 0) AS first FROM statement WHERE kind = 'release'",
  )
  expect(Number(at)).toBeGreaterThanOrEqual(startMs)
  expect((Number(at) - Number(first)) % cadenceMs).toBeLessThan(cadenceMs / 2)

  await usa.recordAdd(capability({ title: 'planned too' }))
  const next = await eventually('a plan', async () => (await usa.preview({})).plan)
  const stopped = expect(usa.run({ plan: next })).rejects.toMatchObject({ code: 'NOT_SETTLED' })
  await usa[Symbol.asyncDispose]()
  await stopped
})
