import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { RunningNode } from '@entente/node'
import { peekJws } from '@entente/schema'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { auditOf } from '../support/audit-bundles.ts'
import { findAll, folderEvidence } from '../support/evidence.ts'
import { createFederation, eventually, type Federation } from '../support/federation.ts'
import { capability, inSync, livePolicy, openServing, readRows } from '../support/scenario.ts'

let federation: Federation
let usa: RunningNode
let gbr: RunningNode
beforeAll(async () => {
  federation = createFederation(['GBR', 'USA'])
  ;[usa, gbr] = (await openServing(federation, ['USA', 'GBR'])) as [RunningNode, RunningNode]
  await usa.policyInstall(federation.sign('USA', livePolicy('USA')))
  await gbr.subscribe({ dataset: 'production', from: 'USA', action: 'subscribe' })
})
afterAll(() => federation[Symbol.asyncDispose]())

const rowsOf = (nation: string, sql: string, ...args: (string | number)[]) =>
  readRows(federation.folder(nation), sql, ...args)
/** Adds a record, and waits until GBR has it. @returns leaf of its release */
async function released(title: string): Promise<number> {
  const { id } = await usa.recordAdd(capability({ title }))
  await eventually(`GBR sees ${title}`, async () => (await gbr.search({ text: title }))[0])
  await inSync(usa, 'GBR')
  return rowsOf('USA', 'SELECT idx FROM entry_out WHERE record = ?', id)[0]?.['idx'] as number
}
const purgedOf = () => rowsOf('USA', 'SELECT purged FROM recall_out ORDER BY seq')

test('case 48: a purge leaves no byte in database, search index and log, and is said after', async () => {
  const index = await released('xq7canary81zt')
  const kept = await released('kept beside')
  expect(kept).toBeGreaterThan(index)
  // A reader of an old state keeps the bytes in the log beside the database.
  using reader = new DatabaseSync(join(federation.folder('GBR'), 'entente.db'), { readOnly: true })
  reader.exec('BEGIN; SELECT count(*) FROM view_row')
  reader.prepare('SELECT count(*) FROM view_row').get()
  const recalled = await usa.recall({ index, purge: true, reason: 'sent by mistake' })
  expect(recalled).toMatchObject({ recipient: 'GBR', records: 1 })
  await eventually(
    'it is hidden',
    async () => (await gbr.search({ text: 'xq7canary81zt' })).length === 0,
  )
  await new Promise((resolve) => setTimeout(resolve, 1_500))
  expect(purgedOf()).toEqual([{ purged: null }])
  const acked = rowsOf(
    'USA',
    "SELECT ack_received.seq FROM ack_received JOIN feed_out USING (feed) WHERE dataset = ''",
  )
  expect(acked).toEqual([])
  expect((await usa.status()).partners[0]).toMatchObject({ inSync: false, sent: { unproven: 1 } })

  reader.exec('COMMIT')
  await eventually('the purge is said', () => purgedOf()[0]?.['purged'] === 1)
  await inSync(usa, 'GBR')
  for (const name of readdirSync(federation.folder('GBR')))
    if (name.startsWith('entente.db'))
      expect(readFileSync(join(federation.folder('GBR'), name)).includes('xq7canary81zt')).toBe(
        false,
      )
  expect(findAll(folderEvidence(federation.folder('GBR')), ['xq7canary81zt'])).toEqual([])

  const [leaf] = rowsOf('GBR', "SELECT jws FROM statement WHERE kind = 'purge'")
  const [recall] = rowsOf('USA', "SELECT feed, seq, hash FROM statement WHERE kind = 'recall'")
  expect(peekJws(leaf?.['jws'] as string).payload).toMatchObject({
    recall: { feed: recall?.['feed'], seq: recall?.['seq'], statement: recall?.['hash'] },
    purged: 1,
  })
  // What was recalled stays back, though the policy permits it.
  expect(await gbr.search({ text: 'kept' })).toHaveLength(1)
  const [{ record } = {}] = rowsOf('USA', 'SELECT record FROM recalled_out')
  await usa.recordEdit({
    id: record as never,
    set: { title: { value: 'zr9canary44qx' } },
    author: 'analyst',
    reason: 'another value',
  })
  await inSync(usa, 'GBR')
  expect(await gbr.search({ text: 'zr9canary44qx' })).toEqual([])
  await usa.allowAgain({ record: record as string, nation: 'GBR' })
  await eventually('it goes again', async () => (await gbr.search({ text: 'zr9canary44qx' }))[0])
  await inSync(usa, 'GBR')
  await inSync(gbr, 'USA')
})

test('a release is recalled once it is one that put something', async () => {
  await expect(usa.recall({ index: 0, purge: false, reason: 'no' })).rejects.toMatchObject({
    code: 'RECALL_REFUSED',
  })
  await expect(usa.recall({ index: 9999, purge: false, reason: 'no' })).rejects.toMatchObject({
    code: 'LEAF_UNKNOWN',
  })
  await expect(usa.allowAgain({ record: 'urn:entente:0', nation: 'GBR' })).rejects.toMatchObject({
    code: 'RECALL_REFUSED',
  })
})

test('the audit of both finds nothing wrong with a recall', async () => {
  const index = await released('recalled later')
  await usa.recall({ index, purge: false, reason: 'a test' })
  await eventually(
    'it is gone',
    async () => (await gbr.search({ text: 'recalled later' })).length === 0,
  )
  await inSync(usa, 'GBR')
  const directories = ['USA', 'GBR'].map((nation) => join(federation.root, `audit-${nation}`))
  await usa.auditExport({ directory: directories[0] as string, withContent: true })
  await gbr.auditExport({ directory: directories[1] as string, withContent: true })
  expect(auditOf(federation, directories).findings).toEqual([])
})
