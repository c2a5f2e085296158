import { cpSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { makeRecoveryKey, type RunningNode, readSigner } from '@entente/node'
import { retireLog } from '@entente/node/by-hand'
import { expect, test } from 'vitest'
import { auditOf } from '../support/audit-bundles.ts'
import { createFederation, eventually, type Federation } from '../support/federation.ts'
import { inSync, open, openServing } from '../support/scenario.ts'
import { openBoth, rate } from './two-nations.ts'

const shown = async (gbr: RunningNode, id: string) =>
  Object.keys((await gbr.recordShow(id)).fields).sort()

test('what officers have said goes on in the log that follows one that is retired', async () => {
  await using federation = createFederation(['GBR', 'USA'])
  const { gbr, usa, speak, sees, add } = await openBoth(federation)
  const { id } = await add(rate('25'), open)
  await sees('GBR sees the title', id, { title: 'Beacon' })
  await speak('approve', 'USA.officer.pem')
  await sees('GBR sees the rate', id, { rate_max: rate('25'), title: 'Beacon' })
  await inSync(usa, 'GBR')
  for (const node of [usa, gbr]) await node[Symbol.asyncDispose]()
  const root = readSigner(federation.rootKey('USA'))
  retireLog(federation.folder('USA'), root, { clock: { nowMs: Date.now } })
  federation.renew()
  const [usa2, gbr2] = (await openServing(federation, ['USA', 'GBR'])) as [RunningNode, RunningNode]
  await eventually('it is released again', async () =>
    (await gbr2.recordList({ originator: 'USA' })).some((row) => row.id === id),
  )
  expect(await shown(gbr2, id)).toEqual(['rate_max', 'title'])
  expect((await usa2.approvalQueue({})).items).toEqual([])
  await inSync(usa2, 'GBR')
  await inSync(gbr2, 'USA')
  const place = (name: string) => join(federation.root, name)
  await gbr2.auditExport({ directory: place('a-gbr'), withContent: true })
  await usa2.auditExport({ directory: place('a-usa-2'), withContent: true })
  await usa2.auditExport({ directory: place('a-usa-1'), withContent: true, log: 1 })
  const bundles = ['a-gbr', 'a-usa-1', 'a-usa-2'].map(place)
  expect(auditOf(federation, bundles).findings).toEqual([])
})

test('what officers have said comes back from the backup with the log, and nothing is dropped for want of it', async () => {
  await using federation = createFederation(['GBR', 'USA'])
  const place = (name: string) => join(federation.root, name)
  const [backup, key] = [place('backup'), place('recovery.pem')]
  const home = federation.folder('USA')
  makeRecoveryKey({ folder: home, keyPath: key, backupFolder: backup })
  const { gbr, usa, speak, sees, add } = await openBoth(federation)
  const { id } = await add(rate('25'), open)
  await sees('GBR sees the title', id, { title: 'Beacon' })
  await inSync(usa, 'GBR')
  await usa[Symbol.asyncDispose]()
  copyDatabase(home, place('kept'))
  const again = await federation.open('USA')
  await eventually('it serves', async () => (await again.status()).state === 'serving')
  await speak('approve', 'USA.officer.pem', [], undefined, again)
  await sees('GBR sees the rate', id, { rate_max: rate('25'), title: 'Beacon' })
  await inSync(again, 'GBR')
  await again[Symbol.asyncDispose]()
  copyDatabase(place('kept'), home)
  await recover(federation, backup, key)

  await using back = await federation.open('USA', { alone: true })
  await back.partnerPause({ nation: 'GBR', paused: false })
  expect((await back.approvalQueue({ approved: true })).items).toMatchObject([
    { state: 'approved', subject: { record: id, field: 'rate_max' } },
  ])
  await inSync(back, 'GBR')
  await inSync(gbr, 'USA')
  expect(await shown(gbr, id)).toEqual(['rate_max', 'title'])
  const bundles = [place('b-usa'), place('b-gbr')]
  await back.auditExport({ directory: bundles[0] as string, withContent: true })
  await gbr.auditExport({ directory: bundles[1] as string, withContent: true })
  expect(auditOf(federation, bundles).findings).toEqual([])
})

async function recover(federation: Federation, backup: string, key: string): Promise<void> {
  await using usa = await federation.open('USA', { network: false })
  await usa.logRecover({ from: [backup], key })
}

function copyDatabase(from: string, to: string): void {
  mkdirSync(to, { recursive: true })
  const files = (folder: string) =>
    readdirSync(folder).filter((name) => name.startsWith('entente.db'))
  for (const name of files(to)) rmSync(join(to, name))
  for (const name of files(from)) cpSync(join(from, name), join(to, name))
}
