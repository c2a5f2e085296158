import { cpSync, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { heldBy, receivedBy } from '@entente/audit'
import { planHandover, type RunningNode, readSigner } from '@entente/node'
import { retireLog } from '@entente/node/by-hand'
import { expect, test } from 'vitest'
import { auditedOf } from '../support/audit-bundles.ts'
import { createFederation, eventually, type Federation } from '../support/federation.ts'
import {
  capability,
  inSync,
  livePolicy,
  openServing,
  readRows,
  stateOf,
} from '../support/scenario.ts'

const clock = { nowMs: Date.now }
const open = async (federation: Federation) =>
  (await openServing(federation, ['USA', 'GBR'])) as [RunningNode, RunningNode]
const stop = async (...nodes: RunningNode[]) => {
  for (const node of nodes) await node[Symbol.asyncDispose]()
}
const seen = (node: RunningNode, text: string) =>
  eventually(`${node.nation} sees ${text}`, async () => (await node.search({ text }))[0])
const rootOf = (federation: Federation) => readSigner(federation.rootKey('USA'))

/** USA and GBR, each of which asks the other for `production`; USA has released one record. */
async function begin(federation: Federation) {
  const [usa, gbr] = await open(federation)
  await usa.policyInstall(federation.sign('USA', livePolicy('USA')))
  await gbr.policyInstall(federation.sign('GBR', livePolicy('GBR')))
  await gbr.subscribe({ dataset: 'production', from: 'USA', action: 'subscribe' })
  await usa.subscribe({ dataset: 'production', from: 'GBR', action: 'subscribe' })
  await usa.recordAdd(capability({ title: 'first' }))
  await seen(gbr, 'first')
  await inSync(usa, 'GBR')
  await inSync(gbr, 'USA')
  return { usa, gbr }
}

/** Bundles of USA's both logs and of GBR, audited under the newest roster. */
async function audit(federation: Federation, usa: RunningNode, gbr: RunningNode) {
  const place = (name: string) => join(federation.root, name)
  await gbr.auditExport({ directory: place('a-gbr'), withContent: true })
  await usa.auditExport({ directory: place('a-usa-2'), withContent: true })
  await usa.auditExport({ directory: place('a-usa-1'), withContent: true, log: 1 })
  return auditedOf(federation, ['a-gbr', 'a-usa-1', 'a-usa-2'].map(place))
}

test('a log whose end is lost is retired: another follows, feeds begin anew, and the loss is declared', async () => {
  await using federation = createFederation(['GBR', 'USA'])
  const { usa, gbr } = await begin(federation)
  await stop(usa)
  const folder = federation.folder('USA')
  copyDatabase(folder, join(federation.root, 'kept'))
  const again = await federation.open('USA')
  await again.recordAdd(capability({ title: 'second' }))
  await seen(gbr, 'second')
  await inSync(again, 'GBR')
  await stop(again, gbr)

  copyDatabase(join(federation.root, 'kept'), folder)
  const frozen = await federation.open('USA')
  expect(await stateOf(frozen)).toBe('frozen')
  await stop(frozen)
  const held = readRows(
    federation.folder('GBR'),
    "SELECT size, note FROM partner_checkpoint WHERE note <> '' AND origin LIKE 'usa%' ORDER BY size DESC",
  )[0]
  const here = readRows(folder, 'SELECT size FROM head')[0]?.['size'] as number
  const retired = retireLog(folder, rootOf(federation), {
    checkpoint: String(held?.['note']),
    clock,
  })
  expect(retired).toMatchObject({
    origin: 'usa.entente.example/release-log/2',
    planned: false,
    ended: { epoch: 1, size: held?.['size'], lost: [[here, Number(held?.['size']) - 1]] },
  })
  federation.renew()

  const [usa2, gbr2] = await open(federation)
  // What the lost end had released is not there until it is released again.
  await seen(gbr2, 'first')
  await inSync(usa2, 'GBR')
  await inSync(gbr2, 'USA')
  expect(await gbr2.search({ text: 'second' })).toEqual([])
  await usa2.recordAdd(capability({ title: 'second' }))
  await gbr2.recordAdd(capability({ title: 'third' }))
  await seen(gbr2, 'second')
  await seen(usa2, 'third')
  await inSync(usa2, 'GBR')
  await inSync(gbr2, 'USA')

  const { report, audits } = await audit(federation, usa2, gbr2)
  expect(report.findings).toEqual([])
  const first = audits.get('usa.entente.example/release-log/1')
  const begun = audits.get('USA')?.leaves.byIndex.get(0)?.statement.at ?? Number.NaN
  const heldAt = (atMs: number) =>
    heldBy(audits, 'GBR', atMs).map(({ name, sinceMs }) => [name, sinceMs < begun])
  // Of a day before, the log that has ended answers; from when the next has begun it gives nothing any more.
  expect(first?.nation).toBe('USA')
  expect(heldAt(begun - 1)).toEqual([['first', true]])
  expect(heldAt(begun)).toEqual([])
  expect(heldAt(Date.now()).sort()).toEqual([
    ['first', false],
    ['second', false],
  ])
  const received = receivedBy(audits, 'GBR').filter(({ name }) => name === 'first')
  expect(received).toMatchObject([{ acknowledged: true }, { acknowledged: true }])
  expect(report.remarks.join('\n')).toContain('declared lost')
  await stop(usa2, gbr2)
})

test('a log is handed over as planned: its last leaf names the one that follows, and nothing is lost', async () => {
  await using federation = createFederation(['GBR', 'USA'])
  const { usa, gbr } = await begin(federation)
  const folder = federation.folder('USA')
  // The old log commits to what has been acknowledged so far; the new one must do so again.
  await usa.auditExport({ directory: join(federation.root, 'before'), withContent: false })
  const { index } = await usa.logHandover(planHandover(folder, rootOf(federation), Date.now()))
  await expect(
    usa.subscribe({ dataset: 'needs', from: 'GBR', action: 'subscribe' }),
  ).rejects.toMatchObject({ code: 'HANDED_OVER' })
  await inSync(usa, 'GBR')
  expect((await usa.status()).words).toContain('entente log retire')
  await stop(usa, gbr)
  const retired = retireLog(folder, rootOf(federation), { clock })
  expect(retired).toMatchObject({
    planned: true,
    uncosigned: 0,
    ended: { size: index + 1, lost: [] },
  })
  federation.renew()
  const [usa2, gbr2] = await open(federation)
  await seen(gbr2, 'first')
  await inSync(usa2, 'GBR')
  await inSync(gbr2, 'USA')
  const { report } = await audit(federation, usa2, gbr2)
  expect(report.findings).toEqual([])
  expect(report.ok).toBe(true)
})

test('a crash between the new log and the new config is gone on with; a second run begins no third log', async () => {
  await using federation = createFederation(['GBR', 'USA'])
  const { usa, gbr } = await begin(federation)
  await stop(usa, gbr)
  const folder = federation.folder('USA')
  const config = join(folder, 'config.json')
  cpSync(config, join(federation.root, 'config.before'))
  const first = retireLog(folder, rootOf(federation), { clock })
  cpSync(join(federation.root, 'config.before'), config)
  const second = retireLog(folder, rootOf(federation), { clock })
  expect(second).toMatchObject({ origin: first.origin, ended: first.ended, leaves: first.leaves })
  federation.renew()
  const [usa2, gbr2] = await open(federation)
  await seen(gbr2, 'first')
  await stop(usa2, gbr2)
  expect(readRows(folder, 'SELECT epoch FROM ended_log')).toEqual([{ epoch: 1 }])
})

test('a checkpoint that no quorum has cosigned, or of another log, ends nothing', async () => {
  await using federation = createFederation(['GBR', 'USA'])
  const { usa, gbr } = await begin(federation)
  await stop(usa, gbr)
  const folder = federation.folder('USA')
  const bare = String(readRows(folder, 'SELECT note FROM head')[0]?.['note'])
  const other = String(readRows(federation.folder('GBR'), 'SELECT note FROM head')[0]?.['note'])
  for (const checkpoint of [bare, other])
    expect(() => retireLog(folder, rootOf(federation), { checkpoint, clock })).toThrow(
      expect.objectContaining({ code: 'CHECKPOINT_UNFIT' }),
    )
  expect(() => retireLog(folder, readSigner(federation.rootKey('GBR')), { clock })).toThrow(
    expect.objectContaining({ code: 'ROOT_NOT_OURS' }),
  )
  const [again] = await open(federation)
  expect(again.nation).toBe('USA')
})

function copyDatabase(from: string, to: string): void {
  mkdirSync(to, { recursive: true })
  const files = (place: string) =>
    readdirSync(place).filter((name) => name.startsWith('entente.db'))
  for (const name of existsSync(to) ? files(to) : []) rmSync(join(to, name))
  for (const name of files(from)) cpSync(join(from, name), join(to, name))
}
