import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import type { Json, Label } from '@entente/schema'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ExportRequest } from '../src/export-table/export-table.ts'
import { openTable } from '../src/import/table/open-table.ts'
import { type Cell, fileSource } from '../src/import/table/table.ts'
import type { ForeignFact } from '../src/view/view.ts'
import { type LoneNode, openLoneNode } from './lone-node.ts'

let lone: LoneNode
const said = { author: 'analyst', reason: 'a test' }
const open: Label = { classification: 'UNCLASSIFIED', releasableTo: ['GBR', 'USA'], caveats: [] }
const secret: Label = { classification: 'SECRET', releasableTo: ['GBR'], caveats: ['ORCON'] }
const foreignId = `urn:entente:${'f'.repeat(32)}`

/** A capability of CAN as NOR was given it: the rate as a band. */
const foreign: ForeignFact = {
  feed: 'CAN-feed',
  sender: 'CAN',
  dataset: 'production',
  authority: { title: 'AUKUS', rate_max: 'AUKUS' },
  roles: {},
  provenAtMs: 1,
  fragment: {
    head: {
      id: foreignId,
      kind: 'capability',
      originator: 'CAN',
      asOf: '2026-01-01',
      status: 'active',
      handling: { originator_control: true, onward_release: 'ask' },
      banner: { classification: 'RESTRICTED', caveats: ['ORCON'] },
      sd: ['x'.repeat(43)],
    },
    disclosures: [
      ['s'.repeat(22), 'title', '=HYPERLINK("http://x","MK-58")'],
      [
        's'.repeat(22),
        'rate_max',
        { number: { from: '25', to: '100' }, unit: 'each', per: 'month' },
      ],
      ['s'.repeat(22), 'readiness_note', { text: 'from a newer version' }],
    ],
  },
}

const add = (fields: Record<string, Json>, labels: Record<string, Label> = {}) =>
  lone.node.recordAdd({ kind: 'capability', dataset: 'production', fields, labels, ...said })

beforeAll(async () => {
  lone = await openLoneNode('NOR', 'EXERCISE: a test')
  await add(
    {
      title: 'Beacon "B"',
      item_code: '0042',
      materials: ['cobalt', 'nickel'],
      lead_time: { total: '18', unit: 'months' },
      description: 'two\nlines; and, more',
      trl: 7,
    },
    { title: open, item_code: secret },
  )
  await add({ title: "'apostrophe", trl: 3 })
  await lone.node.recordAdd({
    kind: 'gap',
    dataset: 'needs',
    fields: { title: 'No cobalt' },
    ...said,
  })
  lone.admit(foreign)
})
afterAll(() => lone[Symbol.asyncDispose]())

let files = 0
const write = (request: Partial<ExportRequest> = {}) =>
  lone.node.exportTable({
    kind: 'capability',
    path: join(lone.base, `table-${++files}.csv`),
    ...request,
  })
const read = async (path: string): Promise<Record<string, Cell>[]> => {
  const table = await openTable(fileSource(path))
  const rows = await Array.fromAsync(table.rows())
  return rows.map((row) => ('cells' in row ? Object.fromEntries(row.cells) : {}))
}

describe.each(['csv', 'xlsx'] as const)('a table as %s', (format) => {
  const asked = () => write({ path: join(lone.base, `table-${++files}.${format}`) })

  test('shows what a record is and is under, then its fields in the order of the kind', async () => {
    const { path, columns, records, own } = await asked()
    expect({ records, own }).toEqual({ records: 3, own: 2 })
    expect(columns).toEqual([
      'entente.id',
      'entente.version',
      'entente.kind',
      'entente.dataset',
      'entente.originator',
      'entente.status',
      'entente.as_of',
      'entente.marking',
      'title',
      'description',
      'item_code',
      'materials',
      'rate_max.number',
      'rate_max.unit',
      'rate_max.per',
      'lead_time.total',
      'lead_time.unit',
      'trl',
      'readiness_note:json',
    ])
    const rows = await read(path)
    expect(Object.keys(rows[0] ?? {})).toEqual(columns)
    expect(rows.map((row) => row['entente.originator'])).toEqual(['CAN', 'NOR', 'NOR'])
  })

  test('holds own values as they are, and the version and the join of the labels', async () => {
    const [, , beacon] = await read((await asked()).path)
    const id = String(beacon?.['entente.id'])
    // A digest may begin with a dash, which a spreadsheet must not take for a formula.
    expect(String(beacon?.['entente.version']).replace(/^'/, '')).toBe(
      (await lone.node.recordShow(id)).version,
    )
    expect(beacon).toMatchObject({
      'entente.dataset': 'production',
      'entente.status': 'active',
      'entente.marking': 'EXERCISE SECRET//ORCON',
      title: 'Beacon "B"',
      item_code: '0042',
      materials: 'cobalt; nickel',
      description: 'two\nlines; and, more',
      'lead_time.total': '18',
      trl: '7',
      'rate_max.number': '',
    })
  })

  test('holds what a partner released as it came, under its banner and marked as theirs, and nothing of it is a formula', async () => {
    const [marker] = await read((await asked()).path)
    expect(marker).toMatchObject({
      'entente.id': foreignId,
      'entente.version': '',
      'entente.marking': 'EXERCISE RESTRICTED//FGI CAN//ORCON',
      title: `'=HYPERLINK("http://x","MK-58")`,
      'rate_max.number': '25..100',
      'readiness_note:json': '{"text":"from a newer version"}',
    })
  })
})

test('an own record that was derived from another nation’s is marked so, whatever of it is ours', async () => {
  const copy = await lone.node.recordCopy({ id: foreignId, dataset: 'derived', ...said })
  expect(copy.left.map(({ field }) => field)).toEqual(['rate_max', 'readiness_note'])
  const { id } = copy.record
  const marking = async () => {
    const [row] = await read((await write({ dataset: 'derived' })).path)
    return row?.['entente.marking']
  }
  expect(await marking()).toBe('EXERCISE RESTRICTED//FGI CAN//ORCON')
  await lone.node.recordEdit({ id, unset: ['title'], ...said })
  await lone.node.recordEdit({
    id,
    set: { description: { value: 'ours', label: secret } },
    ...said,
  })
  expect(await marking()).toBe('EXERCISE SECRET//FGI CAN//ORCON//REL TO GBR')
  const { record: second } = await lone.node.recordCopy({ id, dataset: 'derived-twice', ...said })
  const [row] = await read((await write({ dataset: 'derived-twice' })).path)
  expect(row).toMatchObject({
    'entente.id': second.id,
    'entente.originator': 'NOR',
    'entente.marking': 'EXERCISE SECRET//FGI CAN//ORCON//REL TO GBR',
  })
})

test.each([
  ['as an own record, what is another nation’s', 'CAN', 'entente.originator'],
  ['as an own record, what was derived from another nation’s', 'NOR', 'entente.marking'],
])('a table is not read through a mapping, %s', async (_, originator, column) => {
  const { path } = await write({
    originator,
    dataset: originator === 'NOR' ? 'derived' : undefined,
  })
  const text = [
    'mapping: mine',
    'edition: 1',
    'kind: capability',
    'dataset: laundered',
    'originator: NOR',
    'source: {document: {const: my own list}}',
    'key: [entente.id]',
    'asOf: {const: 2026-11-01}',
    'handling: {originator_control: false, onward_release: free}',
    'labels: {G: UNCLASSIFIED//REL TO GBR}',
    'fields: {title: entente.id}',
  ].join('\n')
  const mapping = { text, file: 'mine.yaml' }
  const draft = await lone.node.importStage({ file: 'table.csv', path, mapping, ...said })
  expect(draft).toMatchObject({ read: 1, created: 0, refused: 1 })
  const [row] = await lone.node.importRows({ id: draft.id, section: 'refused' })
  expect(row?.refusal).toMatchObject({ code: 'NOT_OURS', column })
})

describe('a selection', () => {
  test.each<[string, Partial<ExportRequest>, number]>([
    ['of one nation', { originator: 'CAN' }, 1],
    ['by conditions', { where: ['trl>=3', '!lead_time'] }, 1],
    ['of at most so many', { limit: 2 }, 2],
    ['by a field of a newer version', { where: ['readiness_note.text~newer'] }, 1],
    ['by what a band settles', { where: ['rate_max.number<100'] }, 1],
    ['of nothing', { dataset: 'none' }, 0],
  ])('%s', async (_, request, records) => {
    expect(await write(request)).toMatchObject({ records })
  })

  test('has every column of the kind when that is asked', async () => {
    const { columns } = await write({ allColumns: true, originator: 'NOR' })
    expect(columns).toContain('unit_cost.currency')
    expect(columns).not.toContain('title:json')
    const item = await write({ kind: 'item', allColumns: true })
    expect(item.columns).toContain('part_numbers:json')
  })

  test.each<[string, Partial<ExportRequest>, string]>([
    ['of an unknown kind', { kind: 'widget' }, 'KIND_UNKNOWN'],
    ['by a field that is none', { where: ['trll>3'] }, 'SELECTION_FIELD'],
    ['by a condition that is none', { where: ['trl>'] }, 'SELECTION_FORM'],
    ['into a file of another ending', { path: '/tmp/x.ods' }, 'FORMAT_UNKNOWN'],
    ['into a folder that is not there', { path: '/nowhere/x.csv' }, 'FILE_UNWRITABLE'],
  ])('%s is refused', async (_, request, code) => {
    await expect(write(request)).rejects.toMatchObject({ code })
  })
})

describe('the file', () => {
  test('is nowhere in the folder of the node, whatever the way there, and is no file that a link points to', async () => {
    const before = readFileSync(join(lone.folder, 'entente.db'))
    symlinkSync(lone.folder, join(lone.base, 'way'))
    for (const path of [join(lone.folder, 'entente.db'), join(lone.base, 'way', 'new.csv')])
      await expect(write({ path, format: 'csv', overwrite: true })).rejects.toMatchObject({
        code: 'FILE_UNWRITABLE',
      })
    expect(readFileSync(join(lone.folder, 'entente.db')).equals(before)).toBe(true)
    const [link, away] = [join(lone.base, 'link.csv'), join(lone.base, 'away.csv')]
    symlinkSync(away, link)
    await expect(write({ path: link })).rejects.toMatchObject({ code: 'FILE_EXISTS' })
    await write({ path: link, overwrite: true })
    expect(existsSync(away)).toBe(false)
    expect(lstatSync(link).isSymbolicLink()).toBe(false)
  })

  test('is for its owner alone, and no other is left beside it', async () => {
    const folder = join(lone.base, 'out')
    mkdirSync(folder)
    await write({ path: join(folder, 'a.csv') })
    await write({ path: join(folder, 'a.xlsx') })
    expect(readdirSync(folder).sort()).toEqual(['a.csv', 'a.xlsx'])
    for (const name of readdirSync(folder))
      expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600)
  })

  test('is not written over another unless that is asked', async () => {
    const path = join(lone.base, 'mine.csv')
    writeFileSync(path, 'mine')
    await expect(write({ path })).rejects.toMatchObject({ code: 'FILE_EXISTS' })
    expect(readFileSync(path, 'utf8')).toBe('mine')
    await write({ path, overwrite: true })
    expect(readFileSync(path, 'utf8')).not.toBe('mine')
  })

  test('of CSV is UTF-8 with a mark, has lines that end as the RFC says, and is the same each time', async () => {
    const [a, b] = [await write(), await write()]
    const text = readFileSync(a.path, 'utf8')
    expect(text.startsWith('\ufeffentente.id,entente.version,')).toBe(true)
    expect(text.endsWith('\r\n')).toBe(true)
    expect(readFileSync(b.path, 'utf8')).toBe(text)
  })

  test('is not there when a value does not fit a workbook, and the refusal names record and column', async () => {
    const { id } = await add({ title: 'large', ext: { 'nor.log': 'x'.repeat(40_000) } })
    const path = join(lone.base, 'large.xlsx')
    await expect(write({ path, where: ['title=large'] })).rejects.toMatchObject({
      code: 'CELL_TOO_LARGE',
      message: expect.stringContaining(`ext:json of ${id}`),
    })
    expect(existsSync(path)).toBe(false)
    expect(readdirSync(dirname(path)).filter((name) => name.endsWith('.part'))).toEqual([])
    expect(await write({ where: ['title=large'] })).toMatchObject({ records: 1 })
  })
})

test('a table for a role leaves out what it may not read, and names limits in the marking', async () => {
  const roles = { rate_max: ['engineering', 'logistics'] } as const
  await using given = await openLoneNode('NOR', 'EXERCISE: a test')
  given.admit({ ...foreign, roles })
  const table = async (role?: 'contracting' | 'engineering' | 'contractor') => {
    const path = join(given.base, `for-${role}.csv`)
    const reader = role && { role }
    const request = { kind: 'capability', path, overwrite: true, ...(reader && { reader }) }
    await given.node.exportTable(request)
    return readFileSync(path, 'utf8')
  }
  const limit = '(rate_max only for engineering, logistics)'
  expect(await table()).toContain(limit)
  expect(await table('engineering')).toContain('MK-58')
  expect(await table('engineering')).toContain(limit)
  expect(await table('contracting')).toContain('MK-58')
  expect(await table('contracting')).not.toMatch(/rate_max/)
  // Under a stricter banner nobody can tell what a contractor may read.
  expect(await table('contractor')).not.toContain('MK-58')
})
