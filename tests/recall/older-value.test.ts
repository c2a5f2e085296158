import { join } from 'node:path'
import type { RunningNode } from '@entente/node'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { auditOf } from '../support/audit-bundles.ts'
import { createFederation, eventually, type Federation } from '../support/federation.ts'
import {
  capability,
  heldOnBothSides,
  inSync,
  livePolicy,
  openServing,
  readRows,
} from '../support/scenario.ts'

let federation: Federation
let usa: RunningNode
let gbr: RunningNode
beforeAll(async () => {
  federation = createFederation(['AUS', 'GBR', 'USA'])
  ;[usa, gbr] = (await openServing(federation, ['USA', 'GBR', 'AUS'])) as [RunningNode, RunningNode]
  await usa.policyInstall(federation.sign('USA', livePolicy('USA')))
  await gbr.subscribe({ dataset: 'production', from: 'USA', action: 'subscribe' })
})
afterAll(() => federation[Symbol.asyncDispose]())

const released = async (title: string) => {
  const { id } = await usa.recordAdd(capability({ title }))
  await eventually(`GBR sees ${title}`, async () => (await gbr.search({ text: title }))[0])
  await inSync(usa, 'GBR')
  return id
}
const putsOf = (id: string) =>
  readRows(
    federation.folder('USA'),
    "SELECT idx FROM entry_out WHERE record = ? AND opening ->> '$[1].op' = 'put' ORDER BY idx",
    id,
  ).map(({ idx }) => idx as number)

test('a recall of what never arrived takes back the older value that its recipient still holds', async () => {
  const id = await released('kestrel one')
  await gbr[Symbol.asyncDispose]()
  await usa.recordEdit({
    id,
    set: { title: { value: 'kestrel two' } },
    author: 'analyst',
    reason: 'a test',
  })
  const index = await eventually('it is put again', () => putsOf(id)[1])
  await usa.recall({ index, purge: true, reason: 'sent by mistake' })
  gbr = await federation.open('GBR')
  await inSync(usa, 'GBR', 40_000)
  const { sent, received } = heldOnBothSides(federation, 'USA', 'GBR')
  expect(received).toEqual(sent)
  expect(await gbr.search({ text: 'kestrel' })).toEqual([])
})

test('a recall of a feed that has been begun anew leaves what the new one gave', async () => {
  const id = await released('osprey')
  await usa.feedReset({ nation: 'GBR', dataset: 'production', reason: 'a test' })
  await eventually('it is put again', () => putsOf(id)[1])
  await inSync(usa, 'GBR')
  const [index = 0] = putsOf(id)
  expect(await usa.recall({ index, purge: false, reason: 'a test' })).toMatchObject({ records: 0 })
  await inSync(usa, 'GBR')
  const { sent, received } = heldOnBothSides(federation, 'USA', 'GBR')
  expect(received).toEqual(sent)
  expect(await gbr.search({ text: 'osprey' })).toHaveLength(1)
})

test('the audit of both finds nothing', async () => {
  const directories = ['USA', 'GBR'].map((nation) => join(federation.root, `audit-${nation}`))
  await usa.auditExport({ directory: directories[0] as string, withContent: true })
  await gbr.auditExport({ directory: directories[1] as string, withContent: true })
  expect(auditOf(federation, directories).findings).toEqual([])
})
