import { cpSync, rmSync } from 'node:fs'
import type { RunningNode } from '@entente/node'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type CourierFederation, createCourierFederation, DAY_MS } from '../support/courier.ts'
import { capability, heldOnBothSides, livePolicy, readRows } from '../support/scenario.ts'

let couriers: CourierFederation
let usa: RunningNode
let gbr: RunningNode
beforeAll(async () => {
  couriers = createCourierFederation(['GBR', 'USA'])
  usa = await couriers.open('USA')
  gbr = await couriers.open('GBR')
  await usa.policyInstall(couriers.federation.sign('USA', livePolicy('USA')))
  await gbr.subscribe({ dataset: 'production', from: 'USA', action: 'subscribe' })
  await couriers.rounds([gbr, usa])
})
afterAll(() => couriers[Symbol.asyncDispose]())

const rowsOf = (nation: string, sql: string) => readRows(couriers.federation.folder(nation), sql)
const titles = async (text: string) => (await gbr.search({ text })).map(({ title }) => title)
const withdraw = (id: string) => usa.recordWithdraw({ id: id as never, author: 'a', reason: 'r' })

test('a bundle that comes again, late, or after a newer one doubles nothing and shows nothing that has been taken back', async () => {
  const { rounds, carry, pack, later, federation } = couriers
  const { id } = await usa.recordAdd(capability({ title: 'soon withdrawn' }))
  await usa.recordAdd(capability({ title: 'stays' }))
  await carry(usa, gbr)
  await carry(gbr, usa)
  const old = await pack(usa, 'GBR')
  const lost = await pack(usa, 'GBR')
  expect(lost.given).toMatchObject({ number: old.given.number + 1, statements: 1, bodies: 1 })
  await withdraw(id)
  const newer = await pack(usa, 'GBR')
  // What was put in the lost ones and withdrawn since goes as a statement of which nothing is opened.
  expect(newer.given.bodies).toBe(0)
  later(2 * DAY_MS)

  const taken = await gbr.bundleImport({ path: newer.path })
  expect(taken).toMatchObject({
    missing: [old.given.number, lost.given.number],
    isOlder: false,
    refused: [],
  })
  expect(taken.statements).toBeGreaterThan(0)
  const again = await gbr.bundleImport({ path: newer.path })
  expect(again).toMatchObject({ statements: 0, acknowledged: 0, missing: null, refused: [] })
  const state = () => rowsOf('GBR', 'SELECT * FROM statement_in ORDER BY feed, seq')
  const before = state()
  const late = await gbr.bundleImport({ path: old.path })
  expect(late).toMatchObject({ statements: 0, isOlder: true, refused: [] })
  expect(state()).toEqual(before)
  expect(await titles('withdrawn')).toEqual([])
  await rounds([gbr, usa])
  expect(await titles('stays')).toHaveLength(1)
  const held = heldOnBothSides(federation, 'USA', 'GBR')
  expect(held.received).toEqual(held.sent)
})

test('after its expiry a bundle takes back, and widens nothing', async () => {
  const { rounds, carry, pack, later } = couriers
  const { id } = await usa.recordAdd(capability({ title: 'here to be dropped' }))
  await rounds([gbr, usa])
  expect(await titles('dropped')).toHaveLength(1)
  await usa.recordAdd(capability({ title: 'three weeks too late' }))
  await carry(usa, gbr)
  await carry(gbr, usa)
  await withdraw(id)
  const { path, given } = await pack(usa, 'GBR')
  expect(given).toMatchObject({ bodies: 1, notices: 1 })
  later(31 * DAY_MS)
  const taken = await gbr.bundleImport({ path })
  expect(taken.isExpired).toBe(true)
  expect(taken.refused.map(({ code }) => code)).toEqual(['QUORUM_STALE'])
  expect(await titles('late')).toEqual([])
  expect(await titles('dropped')).toEqual([])
  await rounds([gbr, usa])
  expect(await titles('late')).toHaveLength(1)
})

test('what widens waits while a checkpoint is out with the courier, and is dated after its cosignatures', async () => {
  const { carry, rounds } = couriers
  await usa.recordAdd(capability({ title: 'asks for a cosignature' }))
  await carry(usa, gbr)
  const { log } = await usa.status()
  await usa.recordAdd(capability({ title: 'waits for the answer' }))
  await usa.preview({})
  expect((await usa.status()).log.size).toBe(log.size)
  await expect(usa.run({ plan: 'x' })).rejects.toMatchObject({ code: 'NOT_SETTLED' })
  await carry(gbr, usa)
  await usa.preview({})
  expect((await usa.status()).log.size).toBeGreaterThan(log.size)
  await rounds([gbr, usa])
  expect(await titles('answer')).toHaveLength(1)
})

test('an old copy of the folder freezes at the first bundle that knows more of its log', async () => {
  const { federation, pack, open } = couriers
  const folder = federation.folder('USA')
  await usa[Symbol.asyncDispose]()
  cpSync(folder, `${folder}-copy`, { recursive: true })
  usa = await open('USA')
  await usa.recordAdd(capability({ title: 'not in the copy' }))
  await couriers.carry(usa, gbr)
  await couriers.carry(gbr, usa)
  const { path } = await pack(gbr, 'USA')
  await usa[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true })
  cpSync(`${folder}-copy`, folder, { recursive: true })
  usa = await open('USA')
  await expect(usa.bundleImport({ path })).rejects.toMatchObject({ code: 'FROZEN' })
  await expect(usa.bundleExport({ to: 'GBR', path: `${path}-out` })).rejects.toMatchObject({
    code: 'FROZEN',
  })
  expect((await usa.status()).state).toBe('frozen')
})
