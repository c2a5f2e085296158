import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Json, Label } from '@entente/schema'
import { parse } from 'csv-parse/sync'
import { stringify } from 'csv-stringify/sync'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type LoneNode, openLoneNode } from './lone-node.ts'

let lone: LoneNode
const said = { author: 'planner', reason: 'spring review' }
const open: Label = { classification: 'UNCLASSIFIED', releasableTo: ['GBR'], caveats: [] }
const foreignId = `urn:entente:${'f'.repeat(32)}`

beforeAll(async () => {
  lone = await openLoneNode('NOR')
  lone.admit({
    feed: 'CAN-feed',
    sender: 'CAN',
    dataset: 'production',
    authority: {},
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
        banner: { classification: 'RESTRICTED', caveats: [] },
        sd: ['x'.repeat(43)],
      },
      disclosures: [['s'.repeat(22), 'title', 'MK-58 marker']],
    },
  })
})
afterAll(() => lone[Symbol.asyncDispose]())

let files = 0
const fields = {
  title: 'Beacon',
  item_code: '0042',
  materials: ['cobalt', 'nickel'],
  lead_time: { total: '18', unit: 'months' },
  sourcing: { last_order: '2017-03-31', first_delivery: '2014-11', quantity: '12' },
  trl: 7,
} satisfies Record<string, Json>

type Row = Record<string, string>

/** A record of its own dataset, exported; what the export says of it. */
async function exported(more: Record<string, Json> = {}) {
  const dataset = `set-${++files}`
  const { id } = await lone.node.recordAdd({
    kind: 'capability',
    dataset,
    fields: { ...fields, ...more },
    labels: { title: open, trl: open },
    ...said,
  })
  return { id, dataset, ...(await table(dataset)) }
}

async function table(dataset?: string) {
  const path = join(lone.base, `table-${++files}.csv`)
  await lone.node.exportTable({ kind: 'capability', path, ...(dataset && { dataset }) })
  const rows: Row[] = parse(readFileSync(path, 'utf8'), { bom: true, columns: true })
  return { path, rows, row: rows[0] ?? {} }
}

/** Writes rows as a person saves them, and reads them into a draft. */
async function stage(rows: readonly Row[], strict = false) {
  const path = join(lone.base, `edited-${++files}.csv`)
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))]
  writeFileSync(path, stringify([...rows], { header: true, columns }))
  return lone.node.importStage({ file: path, path, strict, ...said })
}

const changesOf = async (id: number) =>
  (await lone.node.importRows({ id, section: 'changed' })).flatMap(({ changes }) =>
    changes.map(({ field, before, after }) => [field, before?.value ?? null, after?.value ?? null]),
  )
const refusalsOf = async (id: number) =>
  (await lone.node.importRows({ id, section: 'refused' })).map(({ refusal }) => refusal)
const flagsOf = async (id: number) =>
  (await lone.node.importRows({ id, section: 'flagged' })).flatMap(({ flags }) => flags)
const valuesOf = async (id: string) => {
  const { fields: shown } = await lone.node.recordShow(id)
  return Object.fromEntries(Object.entries(shown).map(([name, { value }]) => [name, value]))
}

describe('an exported table that comes back', () => {
  test('as it was changes nothing, and needs no mapping', async () => {
    const { rows } = await exported()
    const draft = await stage(rows)
    expect(draft).toMatchObject({
      state: 'ready',
      mapping: null,
      read: 1,
      unchanged: 1,
      updated: 0,
    })
  })

  test('with an edited cell is an edit by hand: shown field by field, applied, in the history, undone', async () => {
    const { id, row } = await exported()
    const before = await lone.node.recordShow(id)
    const draft = await stage([
      { ...row, trl: '8', materials: 'cobalt; nickel; zinc', 'lead_time.total': '20' },
    ])
    expect(draft).toMatchObject({ created: 0, updated: 1, refused: 0 })
    expect(await changesOf(draft.id)).toEqual([
      ['lead_time', { total: '18', unit: 'months' }, { total: '20', unit: 'months' }],
      ['materials', ['cobalt', 'nickel'], ['cobalt', 'nickel', 'zinc']],
      ['trl', 7, 8],
    ])
    expect(await lone.node.recordShow(id)).toEqual(before)

    const applied = await lone.node.importApply({ id: draft.id, author: 'planner' })
    expect(applied).toMatchObject({ state: 'applied', results: { update: 1 } })
    expect(await valuesOf(id)).toEqual({
      ...fields,
      trl: 8,
      materials: ['cobalt', 'nickel', 'zinc'],
      lead_time: { total: '20', unit: 'months' },
    })
    const after = await lone.node.recordShow(id)
    for (const [name, { label }] of Object.entries(before.fields))
      expect(after.fields[name]?.label).toEqual(label)
    expect((await lone.node.recordHistory(id)).at(-1)).toMatchObject({
      ...said,
      fields: ['lead_time', 'materials', 'trl'],
    })

    const undone = await lone.node.importUndo({ id: draft.id, author: 'planner' })
    expect(undone).toMatchObject({ state: 'undone', results: { reverted: 1 } })
    expect(await valuesOf(id)).toEqual(fields)
  })

  test('without columns, or with emptied cells, wipes nothing', async () => {
    const { id, row } = await exported()
    const { trl: _trl, 'lead_time.unit': _unit, ...fewer } = row
    const draft = await stage([{ ...fewer, materials: '', 'lead_time.total': '' }])
    expect(draft).toMatchObject({ unchanged: 1, updated: 0 })
    const edited = await stage([{ ...fewer, 'lead_time.total': '19' }])
    await lone.node.importApply({ id: edited.id, author: 'planner' })
    expect(await valuesOf(id)).toEqual({ ...fields, lead_time: { total: '19', unit: 'months' } })
  })

  test('takes a value out by (remove), and not the one by which the record is known', async () => {
    const { id, row } = await exported()
    const draft = await stage([{ ...row, trl: '(remove)', 'sourcing.quantity': '(remove)' }])
    await lone.node.importApply({ id: draft.id, author: 'planner' })
    const { trl: _trl, ...kept } = fields
    expect(await valuesOf(id)).toEqual({
      ...kept,
      sourcing: { last_order: '2017-03-31', first_delivery: '2014-11' },
    })
    await lone.node.importUndo({ id: draft.id, author: 'planner' })
    expect(await valuesOf(id)).toEqual(fields)

    const nameless = await stage([{ ...row, title: '(remove)' }])
    expect(await refusalsOf(nameless.id)).toMatchObject([
      { code: 'MISSING_VALUE', column: 'title' },
    ])
  })

  test('adds a field under the label of its class, for nobody else', async () => {
    const { id, row } = await exported()
    const draft = await stage([{ ...row, mrl: '4' }])
    await lone.node.importApply({ id: draft.id, author: 'planner' })
    expect((await lone.node.recordShow(id)).fields['mrl']).toMatchObject({
      value: 4,
      label: { classification: 'UNCLASSIFIED', releasableTo: [] },
    })
  })

  test('does not widen the label of a field that had been taken out', async () => {
    const { id, row } = await exported({ mrl: 3 })
    const secret: Label = { classification: 'SECRET', releasableTo: [], caveats: [] }
    await lone.node.recordEdit({ id, set: { mrl: { label: secret } }, ...said })
    await lone.node.recordEdit({ id, unset: ['mrl'], ...said })
    const { rows } = await table(String(row['entente.dataset']))
    const draft = await stage([{ ...rows[0], mrl: '4' }])
    await lone.node.importApply({ id: draft.id, author: 'planner' })
    expect((await lone.node.recordShow(id)).fields['mrl']).toMatchObject({
      value: 4,
      label: secret,
    })
  })
})

describe('a record that has changed since the export', () => {
  test('keeps what is new in it where the table was not edited', async () => {
    const { id, row } = await exported()
    await lone.node.recordEdit({ id, set: { trl: { value: 9 } }, ...said })
    const draft = await stage([{ ...row, item_code: '0043' }])
    expect(await changesOf(draft.id)).toEqual([['item_code', '0042', '0043']])
    expect(await flagsOf(draft.id)).toMatchObject([
      { code: 'NEWER', message: expect.stringMatching(/^trl has changed/) },
    ])
    await lone.node.importApply({ id: draft.id, author: 'planner' })
    expect(await valuesOf(id)).toEqual({ ...fields, trl: 9, item_code: '0043' })
  })

  test('is contradicted where both were edited: refused, naming all three values', async () => {
    const { id, row } = await exported()
    await lone.node.recordEdit({ id, set: { trl: { value: 9 } }, ...said })
    const draft = await stage([{ ...row, trl: '8' }])
    expect(draft).toMatchObject({ refused: 1, contradictory: 1 })
    expect(await refusalsOf(draft.id)).toMatchObject([
      {
        code: 'CHANGED_SINCE',
        column: 'trl',
        reason: expect.stringMatching(
          /trl was "7" when the table was written, is "9" now, and the table says "8"/,
        ),
      },
    ])
    expect(await stage([{ ...row, trl: '9' }])).toMatchObject({ unchanged: 1 })
  })

  test('of whose exported version nothing is known refuses every edit', async () => {
    const { row } = await exported()
    const draft = await stage([{ ...row, 'entente.version': 'A'.repeat(43), trl: '8' }])
    expect(await refusalsOf(draft.id)).toMatchObject([{ code: 'CHANGED_SINCE', column: 'trl' }])
    const nameless = await stage([{ ...row, 'entente.version': '', trl: '8' }])
    expect(await refusalsOf(nameless.id)).toMatchObject([
      { code: 'MISSING_VALUE', column: 'entente.version' },
    ])
    expect(await stage([{ ...row, 'entente.version': '' }])).toMatchObject({ unchanged: 1 })
  })

  test('is told from one whose version begins like a formula', async () => {
    const { id, dataset, row } = await exported()
    let version = ''
    for (let n = 0; !version.startsWith('-'); n++) {
      await lone.node.recordEdit({ id, set: { item_code: { value: `C${n}` } }, ...said })
      version = (await lone.node.recordShow(id)).version ?? ''
    }
    const { rows } = await table(dataset)
    expect(rows[0]?.['entente.version']).toBe(`'${version}`)
    expect(await stage([{ ...rows[0], trl: '8' }])).toMatchObject({ updated: 1, flags: [] })
    expect(await stage([{ ...row, trl: '8' }])).toMatchObject({
      updated: 1,
      flags: [{ code: 'NEWER' }],
    })
  })

  test('or changes between the draft and its applying is left as it is', async () => {
    const { id, row } = await exported()
    const draft = await stage([{ ...row, trl: '8', item_code: '0043' }])
    await lone.node.recordEdit({ id, set: { trl: { value: 9 } }, ...said })
    expect(await lone.node.importApply({ id: draft.id, author: 'planner' })).toMatchObject({
      state: 'applied',
      results: { kept: 1 },
    })
    expect(await valuesOf(id)).toEqual({ ...fields, trl: 9 })
  })
})

describe('a row is refused', () => {
  test.each<[what: string, change: Row, code: string, reason: RegExp]>([
    [
      'that names no record',
      { 'entente.id': '' },
      'ID_MISSING',
      /import new ones through a mapping/,
    ],
    [
      'that names an unknown record',
      { 'entente.id': `urn:entente:${'0'.repeat(32)}` },
      'RECORD_UNKNOWN',
      /holds no record/,
    ],
    ['that names something else', { 'entente.id': '12' }, 'RECORD_UNKNOWN', /holds no record "12"/],
    ['with a value that is none', { trl: '12' }, 'BAD_VALUE', /trl/],
    [
      'with a word for a number',
      { trl: 'seven' },
      'BAD_VALUE',
      /trl is "seven": must be a whole number/,
    ],
    [
      'with a member that is none',
      { 'sourcing.quantity': 'many' },
      'BAD_VALUE',
      /sourcing.quantity/,
    ],
    [
      'with a date of two meanings',
      { 'sourcing.last_order': '3/4/2018' },
      'DATE_AMBIGUOUS',
      /may be 2018-03-04 or 2018-04-03/,
    ],
    ['with JSON that is none', { 'sourcing:json': '{' }, 'BAD_VALUE', /sourcing:json is "\{": /],
    ['with a field that no kind has', { 'warp:json': '5' }, 'BAD_VALUE', /no field warp/],
  ])('%s', async (_, change, code, reason) => {
    const { row } = await exported()
    const draft = await stage([{ ...row, ...change }])
    expect(await refusalsOf(draft.id)).toEqual([
      expect.objectContaining({ code, reason: expect.stringMatching(reason) }),
    ])
    expect((await stage([{ ...row, ...change }], true)).state).toBe('refused')
  })

  test('of a partner’s record when it was edited, and only then', async () => {
    const { rows } = await table('production')
    expect(await stage(rows)).toMatchObject({ unchanged: 1 })
    const draft = await stage([{ ...rows[0], title: 'MK-58 buoy' }])
    expect(await refusalsOf(draft.id)).toMatchObject([
      {
        code: 'NOT_OURS',
        column: 'title',
        reason: expect.stringMatching(/the record is of Canada, who alone can change it/),
      },
    ])
  })

  test('when an earlier one is of the same record and says something else', async () => {
    const { row } = await exported()
    const draft = await stage([
      { ...row, trl: '8' },
      { ...row, trl: '8' },
      { ...row, trl: '9' },
    ])
    expect(draft).toMatchObject({ updated: 1, unchanged: 1, refused: 1, contradictory: 1 })
    expect(await refusalsOf(draft.id)).toMatchObject([
      { code: 'DUPLICATE_KEY', reason: expect.stringMatching(/row 2 /) },
    ])
  })

  test('a table that is no export asks for a mapping, and leaves no draft behind', async () => {
    const drafts = (await lone.node.importList()).length
    await expect(stage([{ id: '1', title: 'x' }])).rejects.toMatchObject({
      code: 'MAPPING_MISSING',
    })
    expect(await lone.node.importList()).toHaveLength(drafts)
  })
})

describe('what spreadsheet programs do to cells', () => {
  test.each<[what: string, change: Row, changes: unknown[], flagged: RegExp]>([
    [
      'a leading zero is lost',
      { item_code: '42' },
      [['item_code', '0042', '42']],
      /"42" stands in place of "0042"/,
    ],
    [
      'a date is written their way',
      { 'sourcing.last_order': '3/31/2017' },
      [],
      /"3\/31\/2017" was read as 2017-03-31/,
    ],
    [
      'a date is written the other way',
      { 'sourcing.last_order': '31/03/2017' },
      [],
      /was read as 2017-03-31/,
    ],
    [
      'a month is written their way',
      { 'sourcing.first_delivery': 'Nov-14' },
      [],
      /"Nov-14" was read as 2014-11/,
    ],
    ['a whole number gets a point', { trl: '7.0' }, [], /"7\.0" was read as 7/],
    [
      'a number gets a point',
      { 'sourcing.quantity': '12.0' },
      [['sourcing', fields.sourcing, { ...fields.sourcing, quantity: '12.0' }]],
      /"12\.0" stands in place of "12"/,
    ],
  ])('%s: it is seen', async (_, change, changes, flagged) => {
    const { row } = await exported()
    const draft = await stage([{ ...row, ...change }])
    expect(draft.refused).toBe(0)
    expect(await changesOf(draft.id)).toEqual(changes)
    expect(await flagsOf(draft.id)).toEqual([
      { code: 'REWRITTEN', message: expect.stringMatching(flagged) },
    ])
  })

  test('a date that may be read as it was exported is taken for that, and said', async () => {
    const { row } = await exported({ sourcing: { last_order: '2018-03-04' } })
    const draft = await stage([{ ...row, 'sourcing.last_order': '3/4/2018' }])
    expect(draft).toMatchObject({ unchanged: 1, flags: [{ code: 'REWRITTEN', count: 1 }] })
  })

  test('TRUE is true', async () => {
    const dataset = `set-${++files}`
    await lone.node.recordAdd({
      kind: 'supplier',
      dataset,
      fields: { legal_name: 'Works', foci: true },
      ...said,
    })
    const path = join(lone.base, `table-${++files}.csv`)
    await lone.node.exportTable({ kind: 'supplier', path, dataset })
    const [row]: Row[] = parse(readFileSync(path, 'utf8'), { bom: true, columns: true })
    expect(row?.['foci']).toBe('true')
    expect(await stage([{ ...row, foci: 'TRUE' }])).toMatchObject({ unchanged: 1 })
  })

  test('empty cells at the end of a line are left out, and semicolons stand between cells', async () => {
    const { path, row } = await exported()
    const text = readFileSync(path, 'utf8')
    const names = Object.keys(row)
    const short = `\ufeff${names.join(';')};mrl;export_route\r\n${names.map((name) => `"${row[name]?.replaceAll('"', '""')}"`).join(';')}\r\n`
    expect(text).toContain('entente.id,')
    const file = join(lone.base, `short-${++files}.csv`)
    writeFileSync(file, short)
    expect(await lone.node.importStage({ file, path: file, ...said })).toMatchObject({
      unchanged: 1,
    })
  })

  test('what is changed or added in columns that are not read back is said', async () => {
    const { row } = await exported()
    const draft = await stage([
      { ...row, 'entente.status': 'withdrawn', 'entente.marking': 'PUBLIC', Notes: 'ask Ann' },
    ])
    expect(draft).toMatchObject({ unchanged: 1 })
    expect(await flagsOf(draft.id)).toEqual([
      {
        code: 'NOT_READ',
        message: 'entente.status says "withdrawn", the ledger active: it is not read back',
      },
      {
        code: 'NOT_READ',
        message:
          'entente.marking says "PUBLIC", the ledger UNCLASSIFIED: it is not read back; a label is changed by entente record edit --label',
      },
      { code: 'NOT_READ', message: 'Notes is no field of a capability: it is not read' },
    ])
  })
})
