import { join } from 'node:path'
import type { RunningNode } from '@entente/node'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { auditOf } from '../support/audit-bundles.ts'
import { type CourierFederation, createCourierFederation } from '../support/courier.ts'
import { findAll, folderEvidence } from '../support/evidence.ts'
import { capability, heldOnBothSides, livePolicy, readRows } from '../support/scenario.ts'

let couriers: CourierFederation
let usa: RunningNode
let gbr: RunningNode
beforeAll(async () => {
  couriers = createCourierFederation(['GBR', 'USA'])
  usa = await couriers.open('USA')
  gbr = await couriers.open('GBR')
})
afterAll(() => couriers[Symbol.asyncDispose]())

const rowsOf = (nation: string, sql: string) => readRows(couriers.federation.folder(nation), sql)
const titles = async (text: string) => (await gbr.search({ text })).map(({ title }) => title)

test('two nations release, acknowledge, recall and purge with no network at all', async () => {
  const { federation, rounds } = couriers
  await usa.policyInstall(federation.sign('USA', livePolicy('USA')))
  await gbr.subscribe({ dataset: 'production', from: 'USA', action: 'subscribe' })
  const { id } = await usa.recordAdd(capability({ title: 'xq7canary81zt' }))
  await usa.recordAdd(capability({ title: 'goes with it' }))
  await rounds([gbr, usa])
  expect(await titles('xq7canary81zt')).toHaveLength(1)

  const [leaf] = rowsOf('USA', `SELECT idx FROM entry_out WHERE record = '${id}'`)
  await usa.recall({ index: leaf?.['idx'] as number, purge: true, reason: 'sent by mistake' })
  const { given, taken } = await couriers.carry(usa, gbr)
  // Before any quorum: it only takes away.
  expect(given.notices).toBe(1)
  expect(taken.statements).toBe(0)
  expect(await titles('xq7canary81zt')).toEqual([])
  expect(findAll(folderEvidence(federation.folder('GBR')), ['xq7canary81zt'])).toEqual([])
  await rounds([gbr, usa])
  expect(rowsOf('USA', 'SELECT purged FROM recall_out')).toEqual([{ purged: 2 }])
  const held = heldOnBothSides(federation, 'USA', 'GBR')
  expect(held.received).toEqual(held.sent)
  expect(held.received).toHaveLength(0)

  const directories = ['USA', 'GBR'].map((nation) => join(federation.root, `audit-${nation}`))
  await usa.auditExport({ directory: directories[0] as string, withContent: true })
  await gbr.auditExport({ directory: directories[1] as string, withContent: true })
  expect(auditOf(federation, directories, couriers.clock.nowMs()).findings).toEqual([])
})
