import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { openNode, type RunningNode } from '@entente/node'
import { expect, test } from 'vitest'
import { auditOf } from '../support/audit-bundles.ts'
import { createFederation, eventually } from '../support/federation.ts'
import { installAt, joinFederation, openAt } from '../support/further-node.ts'
import { capability, inSync, livePolicy, openServing, readRows } from '../support/scenario.ts'

const dayMs = 86_400_000
const canary = 'xq7canary81zt'

test('what a partner gives headquarters is seen at the laptop, and a recall reaches it after two weeks', async () => {
  await using federation = createFederation(['USA', 'GBR'])
  const laptop = joinFederation(federation, 'USA', 'laptop', { drafts: true })
  const forward = joinFederation(federation, 'USA', 'forward')
  federation.renew()
  for (const { folder } of [laptop, forward]) installAt(federation, folder)
  const [usa, gbr] = await openServing(federation, ['USA', 'GBR'])
  if (!usa || !gbr) throw new Error('not open')
  await gbr.policyInstall(federation.sign('GBR', livePolicy('GBR')))
  await usa.subscribe({ dataset: 'production', from: 'GBR', action: 'subscribe' })
  const { id } = await gbr.recordAdd(capability({ title: 'Shells made at Radway' }))
  const bad = await gbr.recordAdd(capability({ title: canary }))
  const heldAt = (folder: string): unknown[] =>
    readRows(folder, 'SELECT record FROM held_in ORDER BY record').map(({ record }) => record)
  const both = [id, bad.id].sort()
  {
    await using field = await openAt(laptop.folder)
    await using second = await openAt(forward.folder)
    for (const { folder } of [laptop, forward])
      await eventually('all of it is there', () => heldAt(folder).join() === both.join())
    for (const node of [field, second]) {
      expect((await node.search({ text: 'Radway' })).map((row) => row.id)).toEqual([id])
      expect((await node.recordList({ originator: 'GBR' })).map((row) => row.id)).toEqual(
        (await usa.recordList({ originator: 'GBR' })).map((row) => row.id),
      )
      expect(await node.recordShow(id)).toMatchObject({
        ...(await usa.recordShow(id)),
        provenAtMs: expect.any(Number),
      })
      expect((await node.status()).received).toMatchObject({ from: 'USA node', trouble: null })
    }
    // They say nothing to its sender, and it is no record of theirs.
    for (const { folder } of [laptop, forward])
      for (const table of ['ack_given', 'record', 'passing'])
        expect(readRows(folder, `SELECT * FROM ${table}`)).toEqual([])
    await expect(second.retransferAdd({ record: id })).rejects.toMatchObject({
      code: 'RECEIVER_ONLY',
    })
    await inSync(gbr, 'USA')
    // Live: what is edited comes while both are there.
    await rename(gbr, id, 'Shells and fuses made at Radway')
    await eventually('the new name is there', async () =>
      JSON.stringify(await field.recordShow(id)).includes('fuses'),
    )
  }
  const [leaf] = readRows(
    federation.folder('GBR'),
    'SELECT idx FROM entry_out WHERE record = ?',
    bad.id,
  )
  await gbr.recall({ index: leaf?.['idx'] as number, purge: true, reason: 'sent by mistake' })
  await rename(gbr, id, 'Fuses made at Radway')
  await inSync(gbr, 'USA')
  await eventually('headquarters has purged', async () => {
    const { partners } = await gbr.status()
    return partners[0]?.sent.unproven === 0
  })
  const { siblings, todo } = await usa.status()
  expect(siblings?.map(({ unpurged }) => unpurged)).toEqual([
    [{ nation: 'GBR', recalls: 1 }],
    [{ nation: 'GBR', recalls: 1 }],
  ])
  expect(todo.map(({ words }) => words)).toContainEqual(
    expect.stringContaining('laptop may still hold what was recalled by GBR'),
  )
  expect(bytesOf(laptop.folder)).toContain(canary)
  {
    const clock = { nowMs: () => Date.now() + 14 * dayMs }
    await using field = await openNode({ folder: laptop.folder, network: true, clock })
    await eventually('it has all of today', () => heldAt(laptop.folder).join() === id)
    expect(JSON.stringify(await field.recordShow(id))).toContain('Fuses made')
    expect(await field.search({ text: canary })).toEqual([])
    await eventually(
      'headquarters hears of it',
      async () =>
        (await usa.status()).siblings?.find(({ name }) => name === 'laptop')?.unpurged ===
        undefined,
    )
    expect(bytesOf(laptop.folder)).not.toContain(canary)
  }
  // One word on each feed, and one of the purge: those of headquarters.
  const log = readRows(federation.folder('USA'), "SELECT kind FROM statement WHERE kind = 'purge'")
  expect(log).toHaveLength(1)
  expect(readRows(forward.folder, "SELECT kind FROM statement WHERE kind = 'purge'")).toEqual([])
  // The audit sees one receiver, whoever else holds the same.
  await using second = await openAt(forward.folder)
  await eventually('it is there too', () => heldAt(forward.folder).join() === id)
  await Promise.all([inSync(usa, 'GBR'), inSync(gbr, 'USA'), inSync(second, 'GBR')])
  const directories = ['usa', 'gbr', 'forward'].map((name) => join(federation.root, name))
  for (const [i, node] of [usa, gbr, second].entries())
    await node.auditExport({ directory: directories[i] ?? '', withContent: true })
  expect(auditOf(federation, directories).findings).toEqual([])
}, 180_000)

const rename = (node: RunningNode, id: string, title: string) =>
  node.recordEdit({
    id: id as never,
    set: { title: { value: title } },
    author: 'analyst',
    reason: 'a test',
  })

const bytesOf = (folder: string): string =>
  readdirSync(folder)
    .filter((name) => name.startsWith('entente.db'))
    .map((name) => readFileSync(join(folder, name), 'latin1'))
    .join('')
