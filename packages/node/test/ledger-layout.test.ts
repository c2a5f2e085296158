import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { DataRecord } from '@entente/schema'
import { afterAll, describe, expect, test } from 'vitest'
import { openDatabase } from '../src/adapters/sqlite-database.ts'
import { migrations, tables } from '../src/layout.ts'
import { createLedger } from '../src/ledger/ledger.ts'
import { createView } from '../src/view/view.ts'
import { analyst, national, openLedger, openMemory, released, supplier } from './ledger-fixture.ts'

const folder = mkdtempSync(join(tmpdir(), 'entente-layout-'))
afterAll(() => rmSync(folder, { recursive: true }))

const layout0 = readFileSync(new URL('fixtures/layout-0.sql', import.meta.url), 'utf8')
let files = 0

/** A file as the first release left it: two suppliers of a source, one edited and withdrawn, one edited apart. */
function oldFile(change = ''): string {
  const path = join(folder, `${++files}.db`)
  const db = new DatabaseSync(path)
  db.exec(layout0 + change)
  db.close()
  return path
}

const layoutOf = (path: string) => {
  const db = new DatabaseSync(path)
  try {
    return {
      layout: db.prepare('PRAGMA user_version').get()?.['user_version'],
      columns: db.prepare("SELECT name FROM pragma_table_info('record')").all().length,
    }
  } finally {
    db.close()
  }
}

describe('a file of the first release', () => {
  test('is brought to the present layout: the same tables and columns as a fresh file', () => {
    const path = oldFile()
    const shapeOf = (file: string) => {
      using db = openDatabase(file, tables, migrations)
      const columns = db
        .prepare(
          `SELECT t.name AS t, c.name AS c, c.type, c."notnull", c.dflt_value, c.pk
           FROM pragma_table_list t JOIN pragma_table_info(t.name) c ORDER BY 1, 2`,
        )
        .all()
      const others = db
        .prepare("SELECT name FROM sqlite_master WHERE type <> 'table' ORDER BY name")
        .all()
      return { columns, others, layout: db.prepare('PRAGMA user_version').get() }
    }
    expect(shapeOf(path)).toEqual(shapeOf(join(folder, 'fresh.db')))
    expect(layoutOf(path).layout).toBe(migrations.length)
  })

  test('reads as before: records, history, natural keys, search', async () => {
    const path = oldFile()
    const before = new DatabaseSync(path)
    const jsons = before.prepare('SELECT json FROM record ORDER BY id').all()
    before.close()
    using db = openDatabase(path, tables, migrations)
    const ledger = await openLedger(db)
    expect(db.prepare('SELECT json FROM record ORDER BY id').all()).toEqual(jsons)
    expect(db.prepare('SELECT * FROM dirty').all()).toEqual([])
    const [b, a] = ledger.list().map((record) => DataRecord.parse(record))
    expect(a?.envelope.status).toBe('withdrawn')
    expect(b?.fields['legal_name']).toEqual({
      value: 'Works B, home',
      label: national,
      conflict: true,
    })
    const history = await ledger.history(a?.id ?? '')
    expect(history.map(({ author, reason, fields }) => [author, reason, fields])).toEqual([
      ['analyst', 'exercise', ['envelope', 'legal_name', 'size']],
      ['officer', 'letter', ['size']],
      ['officer', 'closed', ['envelope']],
    ])
    const again = supplier('Works A', { size: { value: 'small', label: released } })
    expect(await ledger.upsert([{ naturalKey: 'a', draft: again }], analyst)).toEqual({
      created: 0,
      updated: 0,
      unchanged: 1,
    })
    expect(createView(db).search('cobalt', 9)).toMatchObject([{ id: b?.id, reviewBy: null }])
  })

  test('is edited on, beside texts without notes', async () => {
    using db = openDatabase(oldFile(), tables, migrations)
    const ledger = await openLedger(db)
    const [b] = ledger.list()
    const settled = await ledger.edit(
      b?.id ?? '',
      { set: { legal_name: { value: 'Works B' } } },
      analyst,
    )
    expect(settled.fields['legal_name']).toEqual({ value: 'Works B', label: national })
    expect(db.prepare('SELECT conflicts FROM record WHERE id = ?').get(settled.id)).toEqual({
      conflicts: 0,
    })
  })

  test('keeps its authors when it is compacted, though its texts had no notes', async () => {
    using db = openDatabase(oldFile(), tables, migrations)
    const ledger = await openLedger(db)
    const [b, a] = ledger.list()
    const conflicts = await ledger.conflicts(b?.id ?? '')
    expect(conflicts[0]?.candidates.map(({ author }) => author)).toEqual(['', ''])
    expect(await ledger.compact(0, { author: 'keeper', reason: 'compaction' })).toMatchObject({
      compacted: 1,
    })
    expect(ledger.list()).toEqual([b, a])
    const history = await ledger.history(a?.id ?? '')
    expect(history.map(({ author, reason, fields }) => [author, reason, fields])).toEqual([
      ['analyst', 'exercise', ['legal_name']],
      ['officer', 'letter', ['size']],
      ['officer', 'closed', ['envelope']],
    ])
    const settled = await ledger.conflicts(b?.id ?? '')
    expect(settled[0]?.candidates.map(({ author, value }) => [author, value])).toEqual([
      ['analyst', 'Works B, home'],
      ['other', 'Works B, away'],
    ])
  })

  test('has its conflicts counted and its review dates shown', () => {
    using db = openDatabase(
      oldFile(
        `UPDATE record SET json = json_set(json, '$.envelope.reviewBy', '2026-06-30') WHERE status = 'withdrawn';`,
      ),
      tables,
      migrations,
    )
    expect(db.prepare('SELECT status, conflicts FROM record ORDER BY status').all()).toEqual([
      { status: 'active', conflicts: 1 },
      { status: 'withdrawn', conflicts: 0 },
    ])
    expect(
      createView(db)
        .list({})
        .map(({ status, reviewBy }) => [status, reviewBy]),
    ).toEqual([
      ['withdrawn', '2026-06-30'],
      ['active', null],
    ])
  })

  test('stays as it is, whole, when a migration fails', () => {
    const path = oldFile()
    const fails = () => {
      throw new Error('stop')
    }
    expect(() => openDatabase(path, tables, [...migrations, fails])).toThrow('stop')
    expect(layoutOf(path)).toEqual({ layout: 0, columns: 7 })
  })
})

test('a file of a newer version is refused and left alone', () => {
  const path = join(folder, 'newer.db')
  openDatabase(path, tables, [...migrations, () => {}])[Symbol.dispose]()
  expect(() => openDatabase(path, [...tables, 'CREATE TABLE extra (x)'], migrations)).toThrow(
    expect.objectContaining({ code: 'DATABASE_NEWER' }),
  )
  const db = new DatabaseSync(path)
  expect(db.prepare("SELECT 1 FROM sqlite_master WHERE name = 'extra'").get()).toBeUndefined()
  db.close()
})

test('a fresh file is made at the newest layout, and no migration runs on it', () => {
  const path = join(folder, 'new.db')
  const never = () => {
    throw new Error('ran')
  }
  openDatabase(path, tables, [never, never])[Symbol.dispose]()
  expect(layoutOf(path).layout).toBe(2)
  openDatabase(path, tables, [never, never])[Symbol.dispose]()
})

test('a review date and the number of conflicts follow the record', async () => {
  const db = openMemory()
  db.exec(tables.join(''))
  const view = createView(db)
  let nowMs = 0
  const ledger = await createLedger({
    db,
    clock: { nowMs: () => ++nowMs },
    nation: 'USA',
    actor: 'aa',
    randomBytes: (size) => crypto.getRandomValues(new Uint8Array(size)),
    onProjected: view.projectOwn,
  })
  const { id } = await ledger.add(supplier('Works'), analyst)
  expect(view.byRecord(id)[0]?.reviewBy).toBeNull()
  await ledger.edit(id, { envelope: { reviewBy: '2027-01-01' } }, analyst)
  expect(view.byRecord(id)[0]?.reviewBy).toBe('2027-01-01')

  const away = await openLedger(openMemory(), 'node-2')
  const [shard = ''] = ledger.shards()
  await away.importShard(shard, await ledger.exportShard(shard))
  await away.edit(id, { set: { legal_name: { value: 'Away' } } }, analyst)
  await ledger.edit(id, { set: { legal_name: { value: 'Home' } } }, analyst)
  await ledger.importShard(shard, await away.exportShard(shard))
  const conflicts = () => db.prepare('SELECT id FROM record WHERE conflicts > 0').all()
  expect(conflicts()).toEqual([{ id }])
  await ledger.edit(id, { set: { legal_name: { value: 'Settled' } } }, analyst)
  expect(conflicts()).toEqual([])
})
