import {
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { makeRecoveryKey, type NodeOptions, type RunningNode } from '@entente/node'
import { createHeadFile } from '@entente/node/testing'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { auditOf } from '../support/audit-bundles.ts'
import { checkFeeds, checkLog } from '../support/check-log.ts'
import { eventually } from '../support/federation.ts'
import { type LostEnd, loseEnd } from '../support/lost-end.ts'
import { capability, heldOnBothSides, inSync, readRows, stateOf } from '../support/scenario.ts'

let lost: LostEnd
const home = () => lost.federation.folder('USA')
const sizeOf = () => readRows(home(), 'SELECT size FROM head')[0]?.['size'] as number
const signedSize = () => createHeadFile(join(home(), 'log-head')).read()
const fromBackup = () => ({ from: [lost.backup], key: lost.key })

beforeAll(async () => {
  lost = await loseEnd()
})
afterAll(() => lost.federation[Symbol.asyncDispose]())
beforeEach(() => lost.loseEnd())

/** The verb at a node that does not run. */
async function recover(
  request: Parameters<RunningNode['logRecover']>[0],
  options: Partial<NodeOptions> = {},
) {
  await using usa = await lost.federation.open('USA', { network: false, ...options })
  return await usa.logRecover(request)
}

test('says what is missing, names the ways out, and changes nothing', async () => {
  const before = sizeOf()
  const place = join(lost.backup, 'usa.entente.example_release-log_1')
  const gone = readdirSync(place).sort().at(-2) ?? ''
  renameSync(join(place, gone), join(lost.federation.root, gone))
  try {
    await expect(recover(fromBackup())).rejects.toMatchObject({
      code: 'RECOVER_INCOMPLETE',
      message: expect.stringMatching(/nobody here has the leaves .*`entente log retire`/),
    })
  } finally {
    renameSync(join(lost.federation.root, gone), join(place, gone))
  }
  await expect(recover({ from: [lost.backup] })).rejects.toMatchObject({ code: 'RECOVER_SOURCE' })
  await expect(recover({ from: ['FRA'] })).rejects.toMatchObject({ code: 'RECOVER_SOURCE' })
  await expect(recover({ from: ['GBR'] })).rejects.toMatchObject({ code: 'RECOVER_SOURCE' })
  const other = join(lost.federation.root, 'other.pem')
  const folder = lost.federation.folder('GBR')
  makeRecoveryKey({ folder, keyPath: other, backupFolder: join(lost.federation.root, 'unused') })
  await expect(recover({ from: [lost.backup], key: other })).rejects.toMatchObject({
    code: 'RECOVER_SOURCE',
    message: expect.stringContaining('cannot be read with this key'),
  })
  expect(sizeOf()).toBe(before)
  await using usa = await lost.federation.open('USA')
  expect(await usa.status()).toMatchObject({
    state: 'frozen',
    words: expect.stringMatching(/log recover.*log retire/),
  })
})

test.each(['recover:restored', 'recover:committed'] as const)(
  'cut off at %s, it is done by the same command again',
  async (step) => {
    const before = sizeOf()
    const cut = new Error('cut off')
    const onStep: NodeOptions['onStep'] = (at) => {
      if (at === step) throw cut
    }
    await expect(recover(fromBackup(), { onStep })).rejects.toBe(cut)
    expect(sizeOf()).toBe(step === 'recover:restored' ? before : signedSize())
    await recover(fromBackup())
    expect(sizeOf()).toBe(signedSize())
    checkLog(lost.federation, 'USA')
  },
)

test('a lost log-head file is put right when the log is whole', async () => {
  const { size } = await recover(fromBackup())
  rmSync(join(home(), 'log-head'))
  expect(await recover(fromBackup())).toEqual({ from: size, size, unopened: [] })
  expect(signedSize()).toBe(size)
  await using usa = await lost.federation.open('USA')
  await eventually('it serves', async () => (await stateOf(usa)) === 'serving')
  await expect(usa.logRecover(fromBackup())).rejects.toMatchObject({ code: 'RECOVER_NOT_NEEDED' })
})

test('leaves that are not those that were signed for are refused, whoever gives them', async () => {
  const before = sizeOf()
  const forged = join(lost.federation.root, 'forged')
  cpSync(lost.tiles, forged, { recursive: true })
  const path = readdirSync(forged, { recursive: true, encoding: 'utf8' }).find(
    (name) => name.startsWith(join('tile', 'entries')) && /\d+$/.test(name) && !name.endsWith('.p'),
  )
  const file = join(forged, path ?? '')
  const bytes = readFileSync(file)
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1
  writeFileSync(file, bytes)
  await expect(recover({ from: [forged] })).rejects.toMatchObject({ code: 'RECOVER_MISMATCH' })
  expect(sizeOf()).toBe(before)
})

test('another history of this log is not recovered over, nor made to fit', async () => {
  const signed = signedSize() ?? 0
  // Somebody makes the head file fit the old copy, and serves alone: a second history.
  createHeadFile(join(home(), 'log-head')).write(sizeOf())
  {
    await using usa = await lost.federation.open('USA', { network: false, alone: true })
    await usa.subscribe({ dataset: 'needs', from: 'GBR', action: 'subscribe' })
  }
  await expect(recover(fromBackup())).rejects.toMatchObject({ code: 'RECOVER_MISMATCH' })
  lost.loseEnd()
  createHeadFile(join(home(), 'log-head')).write(signed)
})

test('a partner and an exported log give the tree back; feeds that nobody can answer for begin anew', async () => {
  const before = sizeOf()
  {
    await using usa = await lost.federation.open('USA')
    expect(await stateOf(usa)).toBe('frozen')
    await eventually(
      'GBR is there',
      async () => (await usa.status()).partners.find(({ nation }) => nation === 'GBR')?.connected,
    )
    await expect(usa.logRecover({ from: ['GBR'] })).rejects.toMatchObject({
      code: 'RECOVER_INCOMPLETE',
    })
    const recovered = await usa.logRecover({ from: ['GBR', lost.tiles] })
    expect(recovered).toMatchObject({ from: before, size: signedSize() })
    // Pads and the like are nobody else's: the tree has them, nothing opens them.
    expect(recovered.unopened.length).toBeGreaterThan(0)
    expect(await usa.status()).toMatchObject({ state: 'frozen', words: /start the node again/ })
  }
  await using usa = await lost.federation.open('USA')
  await eventually('it serves', async () => (await stateOf(usa)) === 'serving')
  expect(readRows(home(), 'SELECT nation FROM paused ORDER BY 1')).toEqual([
    { nation: 'AUS' },
    { nation: 'GBR' },
  ])
  await usa.partnerPause({ nation: 'GBR', paused: false })
  await eventually('GBR has what the own records give', () => {
    const { sent, received } = heldOnBothSides(lost.federation, 'USA', 'GBR')
    return sent.length === 1 && JSON.stringify(sent) === JSON.stringify(received)
  })
  await inSync(usa, 'GBR')
  expect((await usa.logFsck({})).findings.every(({ code }) => code === 'STATEMENT_MISSING')).toBe(
    true,
  )
  // The log of the USA has gone on: from here an older copy would be another story.
  await usa[Symbol.asyncDispose]()
  await lost.federation[Symbol.asyncDispose]()
  lost = await loseEnd()
})

test('from the backup the log is what it was: the node serves, nothing is doubled, and the audit finds nothing', async () => {
  const { federation } = lost
  const before = sizeOf()
  const recovered = await recover(fromBackup())
  expect(recovered).toEqual({ from: before, size: signedSize(), unopened: [] })
  checkLog(federation, 'USA')

  // What GBR gave is closed until GBR says how far it was acknowledged, and no longer.
  expect(readRows(home(), "SELECT record FROM view_row WHERE source <> 'own'")).toEqual([])
  await lost.gbr[Symbol.asyncDispose]()
  await using usa = await federation.open('USA', { alone: true })
  for (const text of ['british', 'taken']) expect(await usa.search({ text })).toEqual([])
  const gbr = await federation.open('GBR')
  lost = { ...lost, gbr }
  await eventually('GBR’s value is shown', async () => (await usa.search({ text: 'british' }))[0])
  // What GBR has taken back since the copy was never seen again.
  expect(await usa.search({ text: 'taken' })).toEqual([])
  const held = heldOnBothSides(federation, 'USA', 'GBR')
  expect(held.sent).toEqual(held.received)
  expect(held.sent).toHaveLength(2)

  await usa.partnerPause({ nation: 'GBR', paused: false })
  await usa.recordAdd(capability({ title: 'after the recovery' }))
  await eventually('GBR sees it', async () => (await gbr.search({ text: 'recovery' }))[0])
  await inSync(usa, 'GBR')
  await inSync(gbr, 'USA')
  checkFeeds(federation, 'USA', 'GBR')
  const directories = [join(federation.root, 'audit-usa'), join(federation.root, 'audit-gbr')]
  await usa.auditExport({ directory: directories[0] as string, withContent: true })
  await gbr.auditExport({ directory: directories[1] as string, withContent: true })
  expect(auditOf(federation, directories).findings).toEqual([])
  expect((await usa.logFsck({})).findings).toEqual([])
})

test('while the backup cannot be written what widens waits, and what narrows does not', async () => {
  const { federation, gbr } = lost
  await recover(fromBackup())
  await using usa = await federation.open('USA')
  await eventually('it serves', async () => (await stateOf(usa)) === 'serving')
  await usa.partnerPause({ nation: 'GBR', paused: false })
  await inSync(usa, 'GBR')
  const aside = `${lost.backup}-aside`
  renameSync(lost.backup, aside)
  await usa.recordAdd(capability({ title: 'waits for the backup' }))
  await usa.recordWithdraw({ id: lost.record as never, author: 'analyst', reason: 'a test' })
  await eventually('GBR hides it', async () => (await gbr.search({ text: 'before' })).length === 0)
  await eventually('it says why', async () =>
    (await usa.status()).words.startsWith('BACKUP_UNWRITABLE'),
  )
  expect(await gbr.search({ text: 'waits' })).toEqual([])
  mkdirSync(lost.backup)
  rmSync(lost.backup, { recursive: true })
  renameSync(aside, lost.backup)
  await eventually('it goes', async () => (await gbr.search({ text: 'waits' }))[0])
  await inSync(usa, 'GBR')
})
