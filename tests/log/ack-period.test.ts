import { join } from 'node:path'
import type { RunningNode } from '@entente/node'
import { AckPeriod, peekJws } from '@entente/schema'
import { expect, test } from 'vitest'
import { auditOf } from '../support/audit-bundles.ts'
import { createFederation, eventually } from '../support/federation.ts'
import { capability, inSync, livePolicy, openServing, readRows } from '../support/scenario.ts'

const ackPeriodMs = 1_000

test('one ack leaf is logged a period, also an empty one, and commits to what is new', async () => {
  await using federation = createFederation(['GBR', 'USA'], { ackPeriodMs })
  let [usa, gbr] = (await openServing(federation, ['USA', 'GBR'])) as [RunningNode, RunningNode]
  await usa.policyInstall(federation.sign('USA', livePolicy('USA')))
  await gbr.subscribe({ dataset: 'production', from: 'USA', action: 'subscribe' })
  await inSync(gbr, 'USA')
  await usa.recordAdd(capability({ title: 'once' }))
  await eventually('GBR has it', async () => (await gbr.search({ text: 'once' })).length === 1)
  await inSync(usa, 'GBR')
  const leaves = () =>
    readRows(
      federation.folder('USA'),
      "SELECT jws FROM statement WHERE kind = 'ack' ORDER BY idx",
    ).map(({ jws }) => AckPeriod.parse(peekJws(String(jws)).payload))
  const before = leaves().length
  await eventually('three more periods', () => leaves().length >= before + 3)
  const periods = leaves()
  // Both words stand in the log, each once, however many periods have passed since.
  expect(periods.flatMap(({ given }) => given)).toHaveLength(1)
  const received = periods.flatMap((period) => period.received)
  expect(received.length).toBeGreaterThan(0)
  expect(new Set(received).size).toBe(received.length)
  expect(periods.at(-1)).toMatchObject({ given: [], received: [] })
  // Without gaps, each in its own interval.
  for (const [i, period] of periods.entries()) {
    expect(period.from).toBe(i === 0 ? 0 : periods[i - 1]?.until)
    expect(period.at).toBe(period.until)
  }

  // What was committed to long before the last leaf is found by the auditor. No log grows between one export and the other.
  for (const node of [usa, gbr]) await node[Symbol.asyncDispose]()
  for (const nation of ['USA', 'GBR'] as const) federation.configure(nation, { log: {} })
  ;[usa, gbr] = (await openServing(federation, ['USA', 'GBR'])) as [RunningNode, RunningNode]
  const directories = [usa, gbr].map(({ nation }) => join(federation.root, `audit-${nation}`))
  for (const [i, node] of [usa, gbr].entries())
    await node.auditExport({ directory: directories[i] ?? '', withContent: true })
  expect(auditOf(federation, directories).findings).toEqual([])
})

test('after a stop of many hours one ack leaf is logged, not one for each period missed', async () => {
  await using federation = createFederation(['GBR', 'USA'])
  const [usa, gbr] = (await openServing(federation, ['USA', 'GBR'])) as [RunningNode, RunningNode]
  const acks = () =>
    readRows(federation.folder('USA'), "SELECT at_ms FROM statement WHERE kind = 'ack'").length
  expect(acks()).toBe(0)
  for (const node of [usa, gbr]) await node[Symbol.asyncDispose]()
  const clock = { nowMs: () => Date.now() + 50 * 3_600_000 }
  const [later] = (await openServing(federation, ['USA', 'GBR'], () => ({ clock }))) as [
    RunningNode,
  ]
  await eventually('one leaf', () => acks() === 1)
  await new Promise((resolve) => setTimeout(resolve, 500))
  expect(acks()).toBe(1)
  expect((await later.status()).state).toBe('serving')
})
