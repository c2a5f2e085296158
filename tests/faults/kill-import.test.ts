import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ImportSummary, Step } from '@entente/node'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createFederation, type Federation } from '../support/federation.ts'
import { readRows } from '../support/scenario.ts'
import { type SpawnedNode, spawnNode } from '../support/spawn-node.ts'

/** More than one batch of an import, and several shards. */
const rowCount = 1_300

const mapping = `
mapping: exercise-stock
edition: 1
kind: capability
dataset: stock
originator: USA
source: { document: { const: Exercise stock } }
key: [part]
asOf: { const: "2026-05-01" }
handling: { originator_control: false, onward_release: ask }
fields:
  title: part
  description: words
`
const author = 'analyst'
const reason = 'exercise'

let federation: Federation
let usa: SpawnedNode
let folder: string
let files = 0

beforeAll(async () => {
  federation = createFederation(['USA'])
  folder = federation.folder('USA')
  usa = await spawnNode(folder)
})
afterAll(async () => {
  await usa[Symbol.asyncDispose]()
  await federation[Symbol.asyncDispose]()
})

/** Rows with keys of their own, so that one import does not meet another. */
function table(words = 'as delivered', of = ++files) {
  const file = `stock-${of}-${words.replaceAll(' ', '-')}.csv`
  const path = join(federation.root, file)
  const rows = Array.from({ length: rowCount }, (_, i) => `part ${of}-${i},${words}\n`)
  writeFileSync(path, `part,words\n${rows.join('')}`)
  return { file, path, of }
}

const stage = ({ file, path }: { file: string; path: string }) =>
  usa.call('importStage', {
    file,
    path,
    mapping: { file: 'stock.yaml', text: mapping },
    author,
    reason,
  })

/** Runs a call in whose course the process dies at the step for which it is armed, and starts it anew. */
async function cutOff(work: Promise<unknown>): Promise<void> {
  await expect(work).rejects.toThrow('the process ended')
  expect(await usa.died).toBe('SIGKILL')
  usa = await spawnNode(folder)
}

/** What an import has left in the tables: its marks and its records must tell the same story. */
function standing(id: number) {
  const marked = readRows(
    folder,
    `SELECT import_row.record AS record, shard FROM import_row LEFT JOIN record ON record.id = import_row.record
     WHERE import = ? AND done = 1 ORDER BY import_row.record`,
    id,
  )
  return {
    marked: marked.map(({ record }) => record),
    held: marked.filter(({ shard }) => shard !== null).length,
  }
}
const recordsOf = (of: number) =>
  readRows(
    folder,
    'SELECT record FROM natural_key WHERE key LIKE ? ORDER BY record',
    `%"part ${of}-%`,
  ).map(({ record }) => record)

/** Every record of a finished import is there once, with one version, and reads back from its shard. */
async function checkFinished(done: ImportSummary, of: number) {
  expect(done).toMatchObject({ state: 'applied', read: rowCount, results: { create: rowCount } })
  expect(recordsOf(of)).toHaveLength(rowCount)
  expect(recordsOf(of)).toEqual(standing(done.id).marked)
  for (const record of [recordsOf(of)[0], recordsOf(of).at(-1)])
    expect(await usa.call('recordHistory', String(record))).toMatchObject([{ author, reason }])
}

describe('reading a file', () => {
  test.each([1, 2])(
    'cut off after batch %i goes on behind it and reads each row once',
    async (times) => {
      const given = table()
      await usa.arm('import:staged', times)
      await cutOff(stage(given))
      const [cut] = (await usa.call('importList')).slice(-1)
      expect(cut).toMatchObject({ state: 'reading', read: Math.min(rowCount, times * 1_024) })
      const draft = await stage(given)
      expect(draft).toMatchObject({
        id: cut?.id,
        state: 'ready',
        read: rowCount,
        created: rowCount,
      })
      expect(recordsOf(given.of)).toEqual([])
    },
  )
})

describe('applying an import', () => {
  test.each<[Step, number]>([
    ['import:applying', 1],
    ['import:applying', 4],
    ['import:applied', 1],
    ['import:applied', 2],
  ])('cut off at %s, time %i, has all of a shard or nothing, and goes on', async (step, times) => {
    const given = table()
    const { id } = await stage(given)
    await usa.arm(step, times)
    await cutOff(usa.call('importApply', { id, author, reason }))
    const { marked, held } = standing(id)
    expect(held).toBe(marked.length)
    expect(marked).toEqual(recordsOf(given.of))
    expect(await usa.call('importShow', { id })).toMatchObject({ state: 'applying' })
    await checkFinished(await usa.call('importApply', { id, author, reason }), given.of)
  })

  test('killed again and again, at no step in particular, ends as if it never had been', {
    timeout: 600_000,
  }, async () => {
    const given = table()
    const { id } = await stage(given)
    let [kills, halfway] = [0, 0]
    // A slow machine takes longer for each restart, and does not need many more of them.
    for (let waitMs = 60; ; waitMs *= 1.3) {
      const applying = usa.call('importApply', { id, author, reason })
      applying.catch(() => {})
      const first = await Promise.race([applying, sleep(waitMs).then(() => null)])
      if (first !== null) break
      usa.kill()
      expect(await usa.died).toBe('SIGKILL')
      kills++
      usa = await spawnNode(folder)
      const { marked, held } = standing(id)
      expect(held).toBe(marked.length)
      expect(marked).toEqual(recordsOf(given.of))
      if (marked.length > 0 && marked.length < rowCount) halfway++
    }
    expect(kills).toBeGreaterThan(0)
    expect(halfway).toBeGreaterThan(0)
    await checkFinished(await usa.call('importShow', { id }), given.of)
  })

  test('of changes keeps, through a kill, what undo needs', async () => {
    const given = table()
    const first = await stage(given)
    await usa.call('importApply', { id: first.id, author, reason })
    const { id } = await stage(table('as corrected', given.of))
    await usa.arm('import:applied')
    await cutOff(usa.call('importApply', { id, author, reason }))
    expect(await usa.call('importApply', { id, author, reason })).toMatchObject({
      results: { update: rowCount },
    })
    expect(await usa.call('importUndo', { id, author, reason })).toMatchObject({
      results: { reverted: rowCount },
    })
    for (const record of recordsOf(given.of).slice(0, 3)) {
      const { fields } = await usa.call('recordShow', String(record))
      expect(fields['description']?.value).toBe('as delivered')
    }
  })
})

describe('undoing an import', () => {
  test.each<[Step, number]>([
    ['import:undoing', 2],
    ['import:undone', 1],
  ])('cut off at %s, time %i, goes on to the end', async (step, times) => {
    const given = table()
    const { id } = await stage(given)
    await usa.call('importApply', { id, author, reason })
    await usa.arm(step, times)
    await cutOff(usa.call('importUndo', { id, author, reason }))
    expect(standing(id).marked).toEqual(recordsOf(given.of))
    expect(await usa.call('importUndo', { id, author, reason })).toMatchObject({
      state: 'undone',
      results: { removed: rowCount },
    })
    expect(recordsOf(given.of)).toEqual([])
  })
})
