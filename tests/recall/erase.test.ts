import { join } from 'node:path'
import type { RunningNode } from '@entente/node'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { auditOf } from '../support/audit-bundles.ts'
import { createFederation, eventually, type Federation } from '../support/federation.ts'
import { capability, inSync, livePolicy, openServing, readRows } from '../support/scenario.ts'

let federation: Federation
let usa: RunningNode
let gbr: RunningNode
const leaves: number[] = []
const order = { ground: 'Privacy Act, section 17', authority: 'Data protection office' }
const rowsOf = (sql: string, ...args: (string | number)[]) =>
  readRows(federation.folder('USA'), sql, ...args)

beforeAll(async () => {
  federation = createFederation(['GBR', 'USA'])
  ;[usa, gbr] = (await openServing(federation, ['USA', 'GBR'])) as [RunningNode, RunningNode]
  await usa.policyInstall(federation.sign('USA', livePolicy('USA')))
  await gbr.subscribe({ dataset: 'production', from: 'USA', action: 'subscribe' })
  const { id } = await usa.recordAdd(capability({ title: 'first words' }))
  await eventually('GBR sees it', async () => (await gbr.search({ text: 'first' }))[0])
  const edit = (value: string) =>
    usa.recordEdit({ id, set: { title: { value } }, author: 'analyst', reason: 'a test' })
  for (const title of ['second words', 'third words']) {
    await inSync(usa, 'GBR')
    await edit(title)
    await eventually('GBR sees it', async () => (await gbr.search({ text: title }))[0])
  }
  await inSync(usa, 'GBR')
  for (const row of rowsOf("SELECT idx FROM statement WHERE kind = 'release' ORDER BY idx"))
    leaves.push(row['idx'] as number)
})
afterAll(() => federation[Symbol.asyncDispose]())

test('what a log rests on is not erased, nor what its recipient still needs', async () => {
  const refused = { code: 'ERASE_REFUSED' }
  await expect(usa.logErase({ leaves: [0], ...order })).rejects.toMatchObject(refused)
  const [policy] = rowsOf("SELECT idx FROM statement WHERE kind = 'policy'")
  const index = policy?.['idx'] as number
  await expect(usa.logErase({ leaves: [index], ...order })).rejects.toMatchObject(refused)
  await expect(usa.logErase({ leaves: [9_999], ...order })).rejects.toMatchObject({
    code: 'LEAF_UNKNOWN',
  })
  // All or nothing.
  await expect(usa.logErase({ leaves: [leaves[0] ?? 0, index], ...order })).rejects.toMatchObject(
    refused,
  )
  expect(rowsOf('SELECT idx FROM statement WHERE jws IS NULL')).toEqual([])
})

test('an erased leaf keeps its entry and loses all that opened it; the log is whole, the feed goes on', async () => {
  const erased = leaves.slice(0, 2)
  const { index } = await usa.logErase({ leaves: erased, ...order })
  expect(rowsOf('SELECT idx FROM statement WHERE jws IS NULL OR salt IS NULL')).toEqual(
    erased.map((idx) => ({ idx })),
  )
  for (const table of ['decision_inputs', 'entry_out'])
    expect(rowsOf(`SELECT idx FROM ${table} ORDER BY idx`)).toEqual([{ idx: leaves[2] }])
  // Of the record versions decided on, only the one that stands.
  expect(rowsOf("SELECT json ->> '$.fields.title.value' AS title FROM source_version")).toEqual([
    { title: 'third words' },
  ])
  expect(await usa.logShow(erased[0] ?? 0)).toMatchObject({
    jws: null,
    salt: null,
    erased: { index, ...order },
  })
  expect((await usa.logFsck({})).findings).toEqual([])
  await expect(usa.logErase({ leaves: erased, ...order })).rejects.toMatchObject({
    code: 'ERASE_REFUSED',
  })
  await usa[Symbol.asyncDispose]()
  await gbr[Symbol.asyncDispose]()
  ;[usa, gbr] = (await openServing(federation, ['USA', 'GBR'])) as [RunningNode, RunningNode]
  await usa.recordAdd(capability({ title: 'after the erasure' }))
  await eventually('GBR sees it', async () => (await gbr.search({ text: 'after' }))[0])
  await inSync(usa, 'GBR')
})

test('the audit counts what was erased as declared, and finds nothing', async () => {
  const bundle = async (node: RunningNode, name: string) => {
    const directory = join(federation.root, name)
    await node.auditExport({ directory, withContent: true })
    return directory
  }
  const directories = [await bundle(usa, 'audit-usa'), await bundle(gbr, 'audit-gbr')]
  const joint = auditOf(federation, directories)
  expect(joint.findings).toEqual([])
  expect(joint.nations['USA']).toMatchObject({ erased: 2 })
  expect(joint.remarks).toEqual([
    expect.stringContaining('2 leaves have been erased'),
    expect.stringContaining('the chain across them is not checked'),
  ])
  const alone = auditOf(federation, directories.slice(0, 1))
  expect(alone.findings).toEqual([])
})
