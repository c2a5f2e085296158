import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Nation } from '@entente/schema'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type LoneNode, openLoneNode } from './lone-node.ts'

const mapping = `
mapping: exercise
edition: 1
kind: capability
dataset: stock
originator: GBR
source: { document: { const: Exercise stock } }
key: [part]
asOf: { const: "2026-05-01" }
handling: { originator_control: false, onward_release: ask }
labels: { P: UNCLASSIFIED//REL TO NOR }
fields:
  description: part
  title: part
  supplier: { column: maker, as: party }
`
const author = 'planner'
let lone: LoneNode

beforeAll(async () => {
  lone = await openLoneNode('GBR' as Nation)
})
afterAll(() => lone[Symbol.asyncDispose]())

function stage(file: string, rows: readonly (readonly [part: string, maker: string])[]) {
  const path = join(lone.base, file)
  writeFileSync(path, `part,maker\n${rows.map((row) => `${row.join(',')}\n`).join('')}`)
  return lone.node.importStage({
    file,
    path,
    mapping: { file: 'm', text: mapping },
    author,
    reason: 'test',
  })
}

test('what was noticed is found however far down the file it stands, page by page', async () => {
  const rows = Array.from(
    { length: 60 },
    (_, i) => [`part ${i}`, i < 50 ? 'Works' : 'TBD'] as const,
  )
  const { id, flags } = await stage('flags.csv', rows)
  expect(flags).toEqual([{ code: 'PLACEHOLDER', count: 10 }])
  const first = await lone.node.importRows({ id, section: 'flagged', limit: 4 })
  expect(first.map(({ row }) => row)).toEqual([52, 53, 54, 55])
  const rest = await lone.node.importRows({
    id,
    section: 'flagged',
    code: 'PLACEHOLDER',
    after: first.at(-1)?.seq,
  })
  expect(rest.map(({ row }) => row)).toEqual([56, 57, 58, 59, 60, 61])
})

test('a row that makes a record shows what it will say and under which labels; its title comes from the identity', async () => {
  const { id } = await stage('new.csv', [['new part', 'Works']])
  const [row] = await lone.node.importRows({ id, section: 'created' })
  expect(row?.title).toBe('new part')
  expect(row?.changes).toMatchObject([
    {
      field: 'title',
      before: null,
      after: { value: 'new part', label: { releasableTo: ['NOR'] } },
    },
    { field: 'description', after: { value: 'new part', label: { releasableTo: [] } } },
    { field: 'supplier', after: { value: 'Works' } },
  ])
})

test('records that a file no longer has are reported page by page, and stay', async () => {
  const parts = ['a', 'b', 'c', 'd', 'e']
  const { id: first } = await stage(
    'all.csv',
    parts.map((part) => [`gone ${part}`, 'Works']),
  )
  await lone.node.importApply({ id: first, author })
  const { id, missing } = await stage('some.csv', [['gone c', 'Works']])
  expect(missing).toBe(4)
  const page = await lone.node.importRows({ id, section: 'missing', limit: 3 })
  const next = await lone.node.importRows({ id, section: 'missing', after: page.at(-1)?.seq })
  expect([...page, ...next].map(({ title }) => title)).toEqual([
    'gone a',
    'gone b',
    'gone d',
    'gone e',
  ])
  await lone.node.importApply({ id, author })
  expect(await lone.node.recordList({ where: ['supplier=Works'] })).toHaveLength(5)
})

test('numbers of imports are not given twice: what was forgotten was another', async () => {
  const { id } = await stage('x.csv', [['x', 'Works']])
  await lone.node.importDiscard({ id })
  expect((await stage('y.csv', [['y', 'Works']])).id).toBeGreaterThan(id)
})
