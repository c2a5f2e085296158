import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type LoneNode, openLoneNode } from './lone-node.ts'

let lone: LoneNode
const said = { author: 'planner', reason: 'the list of May' }
beforeAll(async () => {
  lone = await openLoneNode('NOR')
})
afterAll(() => lone[Symbol.asyncDispose]())

let files = 0
const mappingOf = (name: string, more = '') => `
mapping: ${name}
edition: 1
kind: capability
dataset: ${name}
originator: NOR
source: { document: { const: a list } }
key: [id]
asOf: { const: 2026-05-01 }
handling: { originator_control: false, onward_release: free }
labels: { P: UNCLASSIFIED//REL TO GBR, G: UNCLASSIFIED//REL TO GBR }
fields: { title: name, supplier: { column: maker, as: party } }
${more}`

/** Reads rows as JSON through a mapping of `name`. */
const stage = (
  name: string,
  rows: readonly Readonly<Record<string, unknown>>[],
  { more = '', file = `${name}-${++files}.json` } = {},
) => {
  const path = join(lone.base, file)
  writeFileSync(path, JSON.stringify(rows))
  const mapping = { file: `${name}.yaml`, text: mappingOf(name, more) }
  return lone.node.importStage({ file, path, mapping, ...said })
}
const apply = (id: number) => lone.node.importApply({ id, author: said.author })
const undo = (id: number) => lone.node.importUndo({ id, author: said.author })
const rows = (id: number, section: Parameters<typeof lone.node.importRows>[0]['section']) =>
  lone.node.importRows({ id, section })
const records = (dataset: string) => lone.node.recordList({ dataset })
const suppliers = async (dataset: string) => {
  const shown = (await records(dataset)).map(({ id }) => lone.node.recordShow(id))
  return Object.fromEntries(
    (await Promise.all(shown)).map(({ title, fields }) => [title, fields['supplier']?.value]),
  )
}
const row = (id: string, maker: string, name = id) => ({ id, name, maker })

describe('a draft does what it shows or nothing', () => {
  test('a row whose record somebody has edited since is kept, and named; the others are taken in', async () => {
    await apply((await stage('stale', [row('a', 'Nammo'), row('b', 'Nammo')])).id)
    const draft = await stage('stale', [row('a', 'Kongsberg'), row('b', 'Kongsberg')])
    const [a] = (await records('stale')).filter(({ title }) => title === 'a')
    const set = { supplier: { value: 'Chemring' } }
    await lone.node.recordEdit({ id: String(a?.id), set, ...said })

    expect((await apply(draft.id)).results).toEqual({ kept: 1, update: 1 })
    expect(await suppliers('stale')).toEqual({ a: 'Chemring', b: 'Kongsberg' })
    expect(await rows(draft.id, 'kept')).toMatchObject([
      { title: 'a', refusal: { code: 'KEPT', reason: expect.stringContaining('has changed') } },
    ])
    expect((await undo(draft.id)).results).toEqual({ kept: 1, reverted: 1 })
    expect(await suppliers('stale')).toEqual({ a: 'Chemring', b: 'Nammo' })
  })

  test('a record that another import has made meanwhile is not made again, nor changed', async () => {
    const [first, second] = [
      await stage('twice', [row('a', 'Nammo'), row('b', 'Nammo')]),
      await stage('twice', [row('a', 'Nammo'), row('b', 'Kongsberg')]),
    ]
    await apply(first.id)
    expect((await apply(second.id)).results).toEqual({ same: 1, kept: 1 })
    expect(await suppliers('twice')).toEqual({ a: 'Nammo', b: 'Nammo' })
  })

  test('a record that is gone is not made by a row that was to change it', async () => {
    const made = await stage('gone', [row('a', 'Nammo')])
    await apply(made.id)
    const draft = await stage('gone', [row('a', 'Kongsberg')])
    await undo(made.id)
    expect((await apply(draft.id)).results).toEqual({ kept: 1 })
    expect(await records('gone')).toEqual([])
  })

  test('an older draft is not laid over a newer import with rows of the same keys', async () => {
    await apply((await stage('older', [row('a', 'Nammo'), row('b', 'Nammo')])).id)
    const older = await stage('older', [row('a', 'Old'), row('b', 'Nammo')])
    const apart = await stage('older', [row('c', 'Nammo')])
    await apply((await stage('older', [row('a', 'New'), row('b', 'New')])).id)
    await expect(apply(older.id)).rejects.toMatchObject({ code: 'IMPORT_STATE' })
    expect((await apply(apart.id)).results).toEqual({ create: 1 })
    expect(await suppliers('older')).toEqual({ a: 'New', b: 'New', c: 'Nammo' })
  })
})

describe('undoing', () => {
  test('one import after the other leaves nothing of them', async () => {
    const first = await stage('chain', [row('a', 'Nammo'), row('b', 'Nammo')])
    await apply(first.id)
    const second = await stage('chain', [row('a', 'Kongsberg'), row('b', 'Nammo')])
    await apply(second.id)
    const third = await stage('chain', [row('a', 'Chemring'), row('b', 'Nammo')])
    await apply(third.id)
    for (const { id } of [third, second]) expect((await undo(id)).results).toEqual({ reverted: 1 })
    expect(await suppliers('chain')).toEqual({ a: 'Nammo', b: 'Nammo' })
    expect((await undo(first.id)).results).toEqual({ removed: 2 })
    expect(await records('chain')).toEqual([])
  })

  test('keeps what a person has said since, also when that came back by an undo', async () => {
    const first = await stage('person', [row('a', 'Nammo')])
    await apply(first.id)
    const [{ id = '' } = {}] = await records('person')
    await lone.node.recordEdit({ id, set: { supplier: { value: 'Chemring' } }, ...said })
    const second = await stage('person', [row('a', 'Kongsberg', 'A')])
    await apply(second.id)
    await undo(second.id)
    expect(await suppliers('person')).toEqual({ a: 'Chemring' })
    expect((await undo(first.id)).results).toEqual({ kept: 1 })
    expect(await suppliers('person')).toEqual({ a: 'Chemring' })
    expect(await rows(first.id, 'kept')).toMatchObject([
      { title: 'a', refusal: { reason: 'changed since, kept: supplier' } },
    ])
  })

  test('says where a label stays stricter', async () => {
    await apply((await stage('stricter', [row('a', 'Nammo')])).id)
    const path = join(lone.base, 'stricter.json')
    writeFileSync(path, JSON.stringify([row('a', 'Kongsberg')]))
    const text = mappingOf('stricter')
      .replace('edition: 1', 'edition: 2')
      .replace('P: UNCLASSIFIED//REL TO GBR', 'P: RESTRICTED//REL TO GBR')
    const mapping = { file: 'stricter.yaml', text }
    const { id } = await lone.node.importStage({ file: 'stricter.json', path, mapping, ...said })
    await apply(id)
    expect((await undo(id)).results).toEqual({ stricter: 1 })
  })

  test('can be given up, but not by the way: the import stays in the list', async () => {
    const { id } = await stage('closed', [row('a', 'Nammo')])
    await apply(id)
    await expect(lone.node.importDiscard({ id })).rejects.toMatchObject({ code: 'IMPORT_STATE' })
    expect(await lone.node.importDiscard({ id, giveUpUndo: true })).toBe('closed')
    expect(await lone.node.importDiscard({ id, giveUpUndo: true })).toBe('closed')
    const draft = await stage('closed', [row('b', 'Nammo')])
    expect(await lone.node.importDiscard({ id: draft.id, giveUpUndo: true })).toBe('forgotten')
    expect(await lone.node.importShow({ id })).toMatchObject({ state: 'closed', created: 1 })
    await expect(undo(id)).rejects.toMatchObject({ code: 'IMPORT_STATE' })
    expect(await records('closed')).toHaveLength(1)
  })
})

describe('half a character', () => {
  const half = 'half \ud800'

  test('refuses its row alone, in a value, a key, a list or a record that is known', async () => {
    await apply((await stage('half', [row('known', 'Nammo')])).id)
    const draft = await stage('half', [
      row('a', half),
      row(half, 'Nammo', 'b'),
      { id: ['c', half], name: 'c', maker: 'Nammo' },
      row('known', half),
      row('d', 'Nammo'),
    ])
    expect(draft).toMatchObject({ read: 5, created: 1, refused: 4 })
    expect(draft.refusals).toEqual([{ code: 'BAD_VALUE', count: 4 }])
    expect((await rows(draft.id, 'refused')).map(({ refusal }) => refusal?.column)).toEqual([
      'maker',
      'id',
      'id',
      'maker',
    ])
    expect((await apply(draft.id)).results).toEqual({ create: 1 })
  })

  test('is no value that somebody can type', async () => {
    const add = (fields: Record<string, string>) =>
      lone.node.recordAdd({ kind: 'gap', dataset: 'half-typed', fields, ...said })
    await expect(add({ title: half })).rejects.toMatchObject({ code: 'VALUE_INVALID' })
    const { id } = await add({ title: 'whole' })
    await expect(
      lone.node.recordEdit({ id, set: { title: { value: half } }, ...said }),
    ).rejects.toMatchObject({ code: 'VALUE_INVALID' })
  })
})

describe('reading', () => {
  const many = Array.from({ length: 3000 }, (_, i) => row(`r${i}`, 'Nammo'))

  test('of one file under two names at once makes two whole drafts', async () => {
    const [one, two] = await Promise.all([stage('race', many), stage('race', many)])
    expect(one.id).not.toBe(two.id)
    for (const draft of [one, two]) expect(draft).toMatchObject({ state: 'ready', created: 3000 })
  })

  test('goes on while somebody tries to discard the draft', async () => {
    const reading = stage('discarded', many)
    const begun = async () =>
      (await lone.node.importList()).find(
        ({ mapping, state }) => mapping === 'discarded' && state === 'reading',
      )
    let draft = await begun()
    while (draft === undefined) {
      await new Promise(setImmediate)
      draft = await begun()
    }
    await expect(lone.node.importDiscard({ id: draft.id })).rejects.toMatchObject({
      code: 'IMPORT_STATE',
    })
    expect(await reading).toMatchObject({ state: 'ready', created: 3000 })
  })

  test('knows a column by its letters, however they are composed', async () => {
    const path = join(lone.base, 'composed.csv')
    writeFileSync(path, `id,name,${'Métal'.normalize('NFD')}\na,a,Nammo\n`)
    const text = mappingOf('composed').replace('maker', 'Métal'.normalize('NFC'))
    const other = mappingOf('composed').replace('maker', 'Métal'.normalize('NFD'))
    for (const each of [text, other]) {
      const mapping = { file: 'm.yaml', text: each }
      const draft = await lone.node.importStage({ file: 'composed.csv', path, mapping, ...said })
      expect(draft).toMatchObject({ read: 1, created: 1 })
    }
  })

  test('of a folder is refused with a code', async () => {
    const path = join(lone.base, 'folder')
    mkdirSync(path)
    const mapping = { file: 'm.yaml', text: mappingOf('folder') }
    await expect(
      lone.node.importStage({ file: 'folder', path, mapping, ...said }),
    ).rejects.toMatchObject({ code: 'FILE_UNREADABLE', message: /is a folder/ })
  })

  test('names a column that no row has; without the key nothing is taken in', async () => {
    const draft = await stage('absent', [
      { id: 'a', name: 'a', Maker: 'Nammo' },
      { ID: 'b', name: 'b', Maker: 'Nammo' },
    ])
    expect(draft.info?.absent).toEqual(['maker'])
    expect(draft).toMatchObject({ created: 1, refused: 1 })
    expect((await rows(draft.id, 'refused'))[0]?.refusal).toMatchObject({
      code: 'MISSING_VALUE',
      column: 'id',
    })
  })

  test('a row that is refused is in the file all the same: its record is not missing', async () => {
    const more = 'checks: []'
    await apply((await stage('missing', [row('a', 'x'), row('b', 'x'), row('c', 'x')])).id)
    const draft = await stage('missing', [row('a', 'x'), { id: 'b', maker: 'x' }], { more })
    expect(draft).toMatchObject({ unchanged: 1, refused: 1, missing: 1 })
    expect((await rows(draft.id, 'missing')).map(({ title }) => title)).toEqual(['c'])
    expect((await rows(draft.id, 'refused')).map(({ title }) => title)).toEqual(['b'])
  })

  test('says once of a cell what it noticed, and counts as contradictory only what is', async () => {
    const draft = await stage('notices', [
      { id: 'QuÃ©bec', name: 'DUPLICATE_KEY', maker: 'TBD' },
      { id: 'b', name: '"CONTRADICTION"', maker: '"DUPLICATE_KEY"' },
    ])
    expect(draft.flags).toEqual([
      { code: 'MOJIBAKE', count: 1 },
      { code: 'PLACEHOLDER', count: 1 },
    ])
    expect(draft.contradictory).toBe(0)
    const shown = (section: 'created' | 'missing' | 'flagged', code: string) =>
      lone.node.importRows({ id: draft.id, section, code })
    expect((await shown('created', 'PLACEHOLDER')).map(({ title }) => title)).toEqual([
      'DUPLICATE_KEY',
    ])
    expect(await shown('created', 'NOSUCH')).toEqual([])
    expect(await shown('missing', 'MOJIBAKE')).toEqual([])
  })
})

describe('the latest of two rows with one key', () => {
  const latest = async (name: string, given: readonly [string, string], more = '') => {
    const two = given.map((at, i) => ({ ...row('a', `maker ${i}`), at }))
    return stage(name, two, { more: `sameKey: { latest: at }\n${more}` })
  }

  test.each<[string, [string, string], string?]>([
    ['by the hour', ['2026-05-01T08:00', '2026-05-01T17:00']],
    ['by the day', ['12/31/2025', '4/5/2026'], 'dates: M/D/YYYY'],
    ['by a number', ['9', '10']],
    ['by a year and a day', ['2025', '2026-01-01']],
  ])('is found %s', async (name, given, more) => {
    const dataset = name.replaceAll(' ', '-')
    await apply((await latest(dataset, given, more)).id)
    expect(await suppliers(dataset)).toEqual({ a: 'maker 1' })
  })

  test.each<[string, [string, string], string, string?]>([
    ['the order is not known', ['12/31/2025', '04/05/2026'], 'DATE_AMBIGUOUS'],
    ['the year is short', ['31/12/25', '1/1/26'], 'BAD_VALUE', 'dates: D/M/YYYY'],
  ])('is not guessed where %s', async (name, given, code, more) => {
    const draft = await latest(name.replaceAll(' ', '-'), given, more)
    expect(draft.refusals).toEqual([{ code, count: 2 }])
  })
})
