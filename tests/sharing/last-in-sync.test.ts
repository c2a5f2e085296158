import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { NodeApi, RunningNode } from '@entente/node'
import { expect, test } from 'vitest'
import { createFederation, eventually } from '../support/federation.ts'
import { inSync, openServing, readRows } from '../support/scenario.ts'

const norAt = async (gbr: NodeApi) => {
  const [nor] = (await gbr.status()).partners
  if (nor === undefined) throw new Error('no partner')
  return nor
}

/** GBR and NOR, in sync both ways. */
async function together() {
  const federation = createFederation(['GBR', 'NOR'])
  const [gbr, nor] = (await openServing(federation, ['GBR', 'NOR'])) as [RunningNode, RunningNode]
  await inSync(nor, 'GBR')
  await inSync(gbr, 'NOR')
  return { federation, gbr, nor, [Symbol.asyncDispose]: () => federation[Symbol.asyncDispose]() }
}

/** As if nobody had looked yet. */
function forget(folder: string): void {
  using db = new DatabaseSync(join(folder, 'entente.db'), { timeout: 5_000 })
  db.exec('DELETE FROM in_sync')
}
const noted = (folder: string) => readRows(folder, 'SELECT nation FROM in_sync')

test('a partner that was found in sync and has gone was last in sync then, and it is said when it is dialled again', async () => {
  const beforeMs = Date.now()
  await using it = await together()
  await it.nor[Symbol.asyncDispose]()
  const gone = await eventually('it is dialled again', async () => {
    const nor = await norAt(it.gbr)
    return nor.retryAtMs !== null && nor
  })
  expect(gone.inSync).toBe(false)
  expect(gone.inSyncAtMs).toBeGreaterThan(beforeMs)
  expect(gone.inSyncAtMs).toBeLessThanOrEqual(Date.now())
  expect(gone.words).toMatch(/^unreachable \d+ s, dialling again at \d\d:\d\d:\d\dZ/)
  const dialled = /at (\S+Z)/.exec(gone.words)?.[1]
  expect(new Date(gone.retryAtMs ?? 0).toISOString()).toContain(dialled?.slice(0, -1))
})

test('a partner that leaves before anybody has looked was in sync until it left', async () => {
  await using it = await together()
  const folder = it.federation.folder('GBR')
  forget(folder)
  await it.nor[Symbol.asyncDispose]()
  await eventually('it is noted', () => noted(folder).length === 1)
})

test('a node that is stopped before anybody has looked knows who was in sync until then', async () => {
  await using it = await together()
  const folder = it.federation.folder('GBR')
  forget(folder)
  await it.gbr[Symbol.asyncDispose]()
  expect(noted(folder)).toMatchObject([{ nation: 'NOR' }])
  await using gbr = await it.federation.open('GBR', { network: false })
  expect((await norAt(gbr)).words).toMatch(/^not running here; last proven in sync \d+ s ago$/)
})
