import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { RunningNode } from '@entente/node'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { auditOf } from '../support/audit-bundles.ts'
import { checkFeeds, checkLog } from '../support/check-log.ts'
import { createFederation, eventually, type Federation } from '../support/federation.ts'
import {
  capability,
  heldOnBothSides,
  inSync,
  livePolicy,
  openServing,
  readRows,
  refusals,
} from '../support/scenario.ts'

let federation: Federation
let usa: RunningNode
let gbr: RunningNode
const rowsOf = (nation: string, sql: string) => readRows(federation.folder(nation), sql)

beforeAll(async () => {
  federation = createFederation(['GBR', 'USA'])
  ;[usa, gbr] = (await openServing(federation, ['USA', 'GBR'])) as [RunningNode, RunningNode]
  await usa.policyInstall(federation.sign('USA', livePolicy('USA')))
  await gbr.subscribe({ dataset: 'production', from: 'USA', action: 'subscribe' })
  await usa.recordAdd(capability({ title: 'the first' }))
  await eventually('GBR sees it', async () => (await gbr.search({ text: 'first' }))[0])
  await usa.recordAdd(capability({ title: 'the second' }))
  await eventually('GBR sees it', async () => (await gbr.search({ text: 'second' }))[0])
  await inSync(usa, 'GBR')
})
afterAll(() => federation[Symbol.asyncDispose]())

test('a feed whose chain is broken stops, and goes on after a reset by what the policy says now', async () => {
  // GBR's own file is damaged: it expects another predecessor than the true one.
  await gbr[Symbol.asyncDispose]()
  const db = new DatabaseSync(join(federation.folder('GBR'), 'entente.db'))
  db.exec(
    "UPDATE feed_in SET last = CASE substr(last, 1, 1) WHEN 'x' THEN 'y' ELSE 'x' END || substr(last, 2) WHERE dataset = 'production'",
  )
  db.close()
  gbr = await federation.open('GBR')
  await usa.recordAdd(capability({ title: 'the third' }))
  await eventually('the chain is broken', () =>
    refusals(federation.folder('GBR')).some(({ code }) => code === 'FEED_CHAIN'),
  )
  expect(await gbr.search({ text: 'third' })).toEqual([])
  const [broken] = rowsOf('USA', "SELECT feed FROM feed_out WHERE dataset = 'production'")

  await expect(
    usa.feedReset({ nation: 'GBR', dataset: 'needs', reason: 'none there' }),
  ).rejects.toMatchObject({ code: 'FEED_UNKNOWN' })
  await usa.feedReset({ nation: 'GBR', dataset: 'production', reason: 'a broken chain' })
  for (const title of ['first', 'second', 'third'])
    await eventually(`GBR sees ${title}`, async () => (await gbr.search({ text: title }))[0])
  await inSync(usa, 'GBR')
  const { sent, received } = heldOnBothSides(federation, 'USA', 'GBR')
  expect(received).toEqual(sent)
  expect(sent).toHaveLength(3)
  expect(rowsOf('GBR', 'SELECT feed FROM closed_in')).toEqual([broken])
  expect(rowsOf('USA', 'SELECT feed FROM closed_out')).toEqual([broken])
  checkLog(federation, 'USA')
  checkFeeds(federation, 'USA', 'GBR')
  // What GBR asked for stands.
  expect(rowsOf('USA', 'SELECT nation, dataset FROM subscription')).toEqual([
    { nation: 'GBR', dataset: 'production' },
  ])
})

test('a reset of a whole feed gives again what may go, and no more; twice too', async () => {
  const before = heldOnBothSides(federation, 'USA', 'GBR').received
  for (const reason of ['once', 'twice']) {
    await usa.feedReset({ nation: 'GBR', dataset: 'production', reason })
    await eventually('all is put again', () => {
      const { sent, received } = heldOnBothSides(federation, 'USA', 'GBR')
      return sent.length === 3 && received.length === 3
    })
    await inSync(usa, 'GBR')
  }
  expect(heldOnBothSides(federation, 'USA', 'GBR').received).toEqual(before)
})

test('the audit judges what is held by the new feed', async () => {
  const bundle = async (node: RunningNode, name: string) => {
    const directory = join(federation.root, name)
    await node.auditExport({ directory, withContent: true })
    return directory
  }
  const directories = [await bundle(usa, 'audit-usa'), await bundle(gbr, 'audit-gbr')]
  const report = auditOf(federation, directories)
  expect(report.findings).toEqual([])
  expect(report.nations['USA']?.released['GBR']).toMatchObject({ records: 3 })
})
