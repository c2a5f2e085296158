import { cpSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { makeRecoveryKey, type RunningNode } from '@entente/node'
import { createFederation, eventually, type Federation } from './federation.ts'
import { capability, inSync, livePolicy, openServing } from './scenario.ts'

/** The USA, whose database is an old copy of what it signed, and the GBR, which has all it was given. */
export interface LostEnd {
  readonly federation: Federation
  readonly gbr: RunningNode
  /** Folder of the USA's backups, and the key that reads them. */
  readonly backup: string
  readonly key: string
  /** Folder of the USA's log as `log export` wrote it last. */
  readonly tiles: string
  /** Id of the record that was released before the copy. */
  readonly record: string
  /** Puts the old copy of the database back again. */
  readonly loseEnd: () => void
}

/** The USA has released a record, its database is kept; then it releases, edits and drops more, asks GBR for more, and stops. */
export async function loseEnd(): Promise<LostEnd> {
  // The AUS cosigns: what the witness of a node that has lost state may do is another story.
  const federation = createFederation(['AUS', 'GBR', 'USA'])
  const place = (name: string) => join(federation.root, name)
  const [backup, key, tiles] = [place('backup'), place('recovery.pem'), place('tiles')]
  const home = federation.folder('USA')
  makeRecoveryKey({ folder: home, keyPath: key, backupFolder: backup })
  const [usa, gbr] = (await openServing(federation, ['USA', 'GBR', 'AUS'])) as [
    RunningNode,
    RunningNode,
  ]
  await usa.policyInstall(federation.sign('USA', livePolicy('USA')))
  await gbr.policyInstall(federation.sign('GBR', livePolicy('GBR')))
  await gbr.subscribe({ dataset: 'production', from: 'USA', action: 'subscribe' })
  await usa.subscribe({ dataset: 'production', from: 'GBR', action: 'subscribe' })
  const { id: record } = await usa.recordAdd(capability({ title: 'before the copy' }))
  await gbr.recordAdd(capability({ title: 'british value' }))
  const gone = await gbr.recordAdd(capability({ title: 'taken back later' }))
  await eventually('GBR sees it', async () => (await gbr.search({ text: 'before' }))[0])
  await eventually('USA sees it', async () => (await usa.search({ text: 'british' }))[0])
  await eventually('USA sees it', async () => (await usa.search({ text: 'taken' }))[0])
  await inSync(usa, 'GBR')
  await inSync(gbr, 'USA')
  await usa[Symbol.asyncDispose]()
  const copy = (from: string, to: string) => {
    mkdirSync(to, { recursive: true })
    for (const folder of [to])
      for (const name of readdirSync(folder))
        if (name.startsWith('entente.db')) rmSync(join(folder, name))
    for (const name of readdirSync(from))
      if (name.startsWith('entente.db')) cpSync(join(from, name), join(to, name))
  }
  copy(home, place('kept'))

  const again = await federation.open('USA')
  await again.recordAdd(capability({ title: 'after the copy' }))
  await eventually('GBR sees it', async () => (await gbr.search({ text: 'after' }))[0])
  const third = await again.recordAdd(capability({ title: 'released and dropped' }))
  await eventually('GBR sees it', async () => (await gbr.search({ text: 'dropped' }))[0])
  await again.recordWithdraw({ id: third.id, author: 'analyst', reason: 'a test' })
  await eventually(
    'GBR has it no more',
    async () => (await gbr.search({ text: 'dropped' })).length === 0,
  )
  await gbr.recordWithdraw({ id: gone.id, author: 'analyst', reason: 'a test' })
  await eventually(
    'USA has it no more',
    async () => (await again.search({ text: 'taken' })).length === 0,
  )
  await inSync(again, 'GBR')
  await inSync(gbr, 'USA')
  await again.logExport({ directory: tiles })
  await again[Symbol.asyncDispose]()
  const lose = () => copy(place('kept'), home)
  lose()
  return { federation, gbr, backup, key, tiles, record, loseEnd: lose }
}
