import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import * as A from '@automerge/automerge'
import { afterAll, describe, expect, test } from 'vitest'
import { faultsInFile } from '../src/adapters/check-database.ts'
import { type Database, openDatabase } from '../src/adapters/sqlite-database.ts'
import { migrations, tables } from '../src/layout.ts'
import type { Finding } from '../src/ledger/keeping/finding.ts'
import type { Ledger } from '../src/ledger/ledger.ts'
import { checkView } from '../src/view/check-view.ts'
import { clearView, isFull, refillView } from '../src/view/refill-view.ts'
import { createView } from '../src/view/view.ts'
import { analyst, openLedger, openMemory, released, supplier } from './ledger-fixture.ts'

const folder = mkdtempSync(join(tmpdir(), 'entente-check-'))
afterAll(() => rmSync(folder, { recursive: true }))

interface Sound {
  readonly db: Database
  readonly ledger: Ledger
  /** Two records of a source and one entered by hand, in one shard. */
  readonly ids: readonly [a: string, b: string, hand: string]
  readonly shard: string
}

let files = 0
// Long enough that a change is stored by itself, beside the snapshot.
const long = () => ({ value: randomBytes(2000).toString('base64'), label: released })

async function open(): Promise<Sound> {
  const db = openDatabase(join(folder, `${++files}.db`), tables, migrations)
  const ledger = await openLedger(db, 'node-1', { onProjected: createView(db).projectOwn })
  const row = (name: string) => ({ naturalKey: name, draft: supplier(name, { risk_note: long() }) })
  await ledger.upsert([row('a'), row('b')], analyst)
  const [a = '', b = ''] = ['a', 'b'].map((text) => ledger.list({ text })[0]?.id ?? '')
  await ledger.edit(a, { set: { legal_name: { value: 'edited' } } }, analyst)
  const hand = await ledger.add(supplier('by hand'), analyst)
  return { db, ledger, ids: [a, b, hand.id], shard: ledger.shards()[0] ?? '' }
}

async function check({ db, ledger }: Pick<Sound, 'db' | 'ledger'>): Promise<Finding[]> {
  const findings: Finding[] = []
  for await (const finding of ledger.check()) findings.push(finding)
  return [...findings, ...checkView(db)]
}

/** Writes a shard behind the ledger's back, and its state in the tables with it. */
function rewrite({ db, shard }: Sound, change: (doc: A.Doc<Shard>) => A.Doc<Shard>): void {
  const key = `${shard}/snapshot/${'0'.repeat(64)}`
  const chunks = db
    .prepare('SELECT data FROM chunk WHERE key LIKE ? ORDER BY key DESC')
    .all(`${shard}/%`)
  const doc = change(
    chunks.reduce((doc, row) => A.loadIncremental(doc, row['data'] as Uint8Array), A.init<Shard>()),
  )
  db.prepare('DELETE FROM chunk WHERE key LIKE ?').run(`${shard}/%`)
  db.prepare('INSERT INTO chunk VALUES (?, ?)').run(key, A.save(doc))
  db.prepare('UPDATE shard SET heads = ?, chunks = ? WHERE id = ?').run(
    A.getHeads(doc).toSorted().join(' '),
    `snapshot/${'0'.repeat(64)}\n`,
    shard,
  )
}
interface Shard {
  records: Record<string, A.ImmutableString>
  maker?: unknown
}
const note = { message: JSON.stringify({ atMs: 1, ...analyst }) }
const text = (value: string) => new A.ImmutableString(value)

/** Each finding, and the damage that gives it and nothing else. */
const damages: [code: Finding['code'], what: string, damage: (sound: Sound) => unknown][] = [
  ...['snapshot', 'incremental'].map((type): (typeof damages)[number] => [
    'SHARD_UNREADABLE',
    `a byte of ${type} is another`,
    ({ db }) => {
      const { key, data } = db
        .prepare('SELECT key, data FROM chunk WHERE key LIKE ?')
        .get(`%/${type}/%`) as { key: string; data: Uint8Array }
      const bytes = new Uint8Array(data)
      bytes[100] = (bytes[100] ?? 0) ^ 1
      db.prepare('UPDATE chunk SET data = ? WHERE key = ?').run(bytes, key)
    },
  ]),
  [
    'SHARD_UNREADABLE',
    'a snapshot is gone',
    ({ db }) => db.exec("DELETE FROM chunk WHERE key LIKE '%/snapshot/%'"),
  ],
  [
    'SHARD_UNREADABLE',
    'all chunks are gone',
    ({ db }) => db.exec("DELETE FROM chunk WHERE key LIKE '%/%'"),
  ],
  [
    'SHARD_CHUNKS',
    'the last change is gone',
    ({ db }) =>
      db.exec(
        `DELETE FROM chunk WHERE rowid = (SELECT max(rowid) FROM chunk WHERE key LIKE '%/incremental/%')`,
      ),
  ],
  [
    'SHARD_CHUNKS',
    'the tables stand for something else',
    ({ db }) => db.exec("UPDATE shard SET heads = 'other'"),
  ],
  [
    'SHARD_CHUNKS',
    'its place in its line is wrong',
    ({ db }) => db.exec('UPDATE shard SET depth = 9'),
  ],
  [
    'SHARD_COUNT',
    'a count is wrong',
    ({ db }) => db.exec('UPDATE shard SET records = records + 1'),
  ],
  [
    'SHARD_FORM',
    'its maker is no node',
    (sound) =>
      rewrite(sound, (doc) =>
        A.change(doc, note, (d) => {
          d.maker = 7
        }),
      ),
  ],
  [
    'SHARD_NOTE',
    'a change has no author',
    (sound) => rewrite(sound, (doc) => A.emptyChange(doc, { message: 'later' })),
  ],
  [
    'RECORD_UNREADABLE',
    'the text of a record is cut short',
    (sound) =>
      rewrite(sound, (doc) =>
        A.change(doc, note, ({ records }) => {
          records[sound.ids[0]] = text('{"id":')
        }),
      ),
  ],
  [
    'RECORD_MISSING',
    'a row is gone',
    ({ db, ids }) => {
      db.prepare('DELETE FROM record WHERE id = ?').run(ids[2])
      createView(db).projectOwn([], [ids[2]])
      db.exec('UPDATE shard SET records = 2')
    },
  ],
  [
    'RECORD_DIFFERS',
    'a value in a row is another',
    ({ db }) => db.exec(`UPDATE record SET json = replace(json, 'by hand', 'by foot')`),
  ],
  [
    'RECORD_DIFFERS',
    'a status is another',
    ({ db, ids }) => db.prepare("UPDATE record SET status = 'draft' WHERE id = ?").run(ids[1]),
  ],
  [
    'RECORD_LOST',
    'a shard no longer holds a record',
    (sound) =>
      rewrite(sound, (doc) =>
        A.change(doc, note, ({ records }) => {
          delete records[sound.ids[2]]
        }),
      ),
  ],
  [
    'RECORD_TWICE',
    'a record stands in a second shard',
    async (sound) => {
      const other = await openLedger(openMemory(), 'node-2')
      const { id } = await other.add(supplier('other'), analyst)
      const [shard = ''] = other.shards()
      await sound.ledger.importShard(shard, await other.exportShard(shard))
      const twin = A.load<Shard>(await sound.ledger.exportShard(sound.shard)).records[sound.ids[2]]
      rewrite({ ...sound, shard }, (doc) =>
        A.change(doc, note, ({ records }) => {
          records[sound.ids[2]] = text(String(twin))
        }),
      )
      expect(sound.ledger.get(id)).not.toBeNull()
    },
  ],
  ['KEY_MISSING', 'a key is gone', ({ db }) => db.exec("DELETE FROM natural_key WHERE key = 'b'")],
  [
    'KEY_WRONG',
    'a key of nothing leads to a record',
    ({ db, ids }) =>
      db.prepare("INSERT INTO natural_key VALUES ('suppliers', 'USA', 'c', ?, NULL)").run(ids[2]),
  ],
  [
    'KEY_WRONG',
    'a key leads to no record',
    ({ db }) =>
      db.exec("INSERT INTO natural_key VALUES ('suppliers', 'USA', 'c', 'urn:entente:0', NULL)"),
  ],
  [
    'VIEW_STALE',
    'the view has an older version',
    ({ db, ids }) => db.prepare("UPDATE view_row SET version = 'old' WHERE record = ?").run(ids[0]),
  ],
  [
    'VIEW_STALE',
    'the view lacks a record',
    ({ db, ids }) => createView(db).projectOwn([], [ids[0]]),
  ],
  [
    'VIEW_EXTRA',
    'the view shows what is not there',
    ({ db, ids }) => {
      db.prepare(
        "INSERT INTO view_row SELECT 99, source, 'urn:entente:0', originator, sender, dataset, kind, title, status, as_of, authority, proven_ms, banner, fields, version, review_by FROM view_row WHERE record = ?",
      ).run(ids[0])
      db.exec("INSERT INTO view_text(rowid, title, body) VALUES (99, 't', 'b')")
    },
  ],
  [
    'SEARCH_ROWS',
    'a text is not indexed',
    ({ db }) => db.exec('DELETE FROM view_text WHERE rowid = (SELECT min(rowid) FROM view_row)'),
  ],
  [
    'SEARCH_ROWS',
    'a text of nothing is indexed',
    ({ db }) => db.exec("INSERT INTO view_text(rowid, title, body) VALUES (99, 't', 'b')"),
  ],
  [
    'SEARCH_INDEX',
    'an indexed text is another',
    ({ db }) => {
      const other = new DatabaseSync(db.path, { defensive: false })
      other.exec("UPDATE view_text_content SET c1 = 'something else'")
      other.close()
    },
  ],
]

describe('the check of a ledger', () => {
  test('finds nothing in a sound one, however it came about', async () => {
    const sound = await open()
    expect(await check(sound)).toEqual([])
    await sound.ledger.compact(0, analyst)
    expect(await check(sound)).toEqual([])
    // Another node made a record of the same key meanwhile.
    const other = await openLedger(openMemory(), 'node-2')
    await other.upsert([{ naturalKey: 'a', draft: supplier('a') }], analyst)
    for (const shard of sound.ledger.shards())
      await other.importShard(shard, await sound.ledger.exportShard(shard))
    await other.edit(sound.ids[0], { set: { legal_name: { value: 'Away' } } }, analyst)
    await sound.ledger.edit(sound.ids[0], { set: { legal_name: { value: 'Home' } } }, analyst)
    for (const shard of other.shards())
      await sound.ledger.importShard(shard, await other.exportShard(shard))
    await sound.ledger.revert(
      [{ record: sound.ids[1], before: null, stamp: [1, sound.ledger.actor] }],
      analyst,
      () => {},
    )
    expect(await check(sound)).toEqual([])
  })

  test.each(damages)('finds %s, and nothing else, when %s', async (code, _, damage) => {
    const sound = await open()
    await damage(sound)
    const found = await check(sound)
    expect([...new Set(found.map((finding) => finding.code))]).toEqual([code])
    expect(JSON.stringify(found)).not.toMatch(/by hand|edited/)
  })

  test('tells how far it has come', async () => {
    const { ledger } = await open()
    const told: unknown[] = []
    for await (const _ of ledger.check((...progress) => told.push(progress)));
    expect(told).toEqual([[1, 1]])
  })
})

describe('a rebuild', () => {
  const rebuild = async ({ db, ledger }: Sound) => {
    const summary = await ledger.rebuild()
    clearView(db)
    await refillView(db, createView(db))
    return summary
  }
  // What lies in the shards themselves no rebuild can mend.
  const ofShards = [
    'SHARD_UNREADABLE',
    'SHARD_FORM',
    'SHARD_NOTE',
    'RECORD_UNREADABLE',
    'RECORD_TWICE',
  ]
  test.each(
    damages.filter(
      ([code, what]) => !ofShards.includes(code) && what !== 'the last change is gone',
    ),
  )('mends %s, when %s', async (_, __, damage) => {
    const sound = await open()
    const before = sound.ledger.list()
    await damage(sound)
    await rebuild(sound)
    expect(await check(sound)).toEqual([])
    expect(before).toEqual(expect.arrayContaining(sound.ledger.list()))
    expect(createView(sound.db).search('by hand', 9)).toHaveLength(
      sound.ledger.get(sound.ids[2]) ? 1 : 0,
    )
  })

  test('of a sound ledger changes nothing and has nothing decided again', async () => {
    const sound = await open()
    const tablesOf = () =>
      ['record', 'natural_key', 'shard', 'dirty'].map((table) =>
        sound.db.prepare(`SELECT * FROM ${table}`).all(),
      )
    sound.db.exec('DELETE FROM dirty')
    const before = tablesOf()
    expect(await rebuild(sound)).toEqual({ shards: 1, records: 3, damaged: [] })
    expect(tablesOf()).toEqual(before)
  })

  test.each(damages.filter(([code]) => code === 'SHARD_UNREADABLE'))(
    'leaves what the tables have of a shard that cannot be read: %s, %s',
    async (_, __, damage) => {
      const sound = await open()
      const before = sound.ledger.list()
      await damage(sound)
      const again = await openLedger(sound.db)
      expect(await again.rebuild()).toMatchObject({ damaged: [sound.shard] })
      expect(again.list()).toEqual(before)
    },
  )

  test('goes on at the next start where it was cut off', async () => {
    const sound = await open()
    const view = createView(sound.db)
    clearView(sound.db)
    expect([view.list({}), isFull(sound.db)]).toEqual([[], false])
    await refillView(sound.db, view)
    expect([view.list({}).length, isFull(sound.db)]).toEqual([3, true])
    expect(await check(sound)).toEqual([])
  })

  test('keeps foreign rows, and finds them again', async () => {
    const sound = await open()
    const foreign =
      "INSERT INTO view_row SELECT 99, 'feed', 'urn:entente:1', 'AUS', 'AUS', dataset, kind, 'Foreign', status, as_of, 'AUKUS', 1, banner, fields, '', NULL FROM view_row LIMIT 1"
    sound.db.exec(foreign)
    clearView(sound.db)
    await refillView(sound.db, createView(sound.db))
    expect(createView(sound.db).search('foreign', 9)).toMatchObject([{ id: 'urn:entente:1' }])
  })
})

test('a shard that is damaged is not read as if it were whole, and the others go on', async () => {
  const sound = await open()
  const other = await openLedger(openMemory(), 'node-2')
  const { id } = await other.add(supplier('elsewhere'), analyst)
  for (const shard of other.shards())
    await sound.ledger.importShard(shard, await other.exportShard(shard))
  const { key, data } = sound.db
    .prepare("SELECT key, data FROM chunk WHERE key LIKE '%/incremental/%'")
    .get() as { key: string; data: Uint8Array }
  sound.db.prepare('UPDATE chunk SET data = ? WHERE key = ?').run(data.slice(0, -9), key)
  const again = await openLedger(sound.db)
  const edit = { set: { legal_name: { value: 'Edited' } } }
  await expect(again.edit(sound.ids[0], edit, analyst)).rejects.toMatchObject({
    code: 'SHARD_DAMAGED',
  })
  expect((await again.edit(id, edit, analyst)).fields['legal_name']?.value).toBe('Edited')
})

test('the check of the file finds a page that is not what SQLite left', async () => {
  const path = join(folder, 'node.db')
  openDatabase(path, tables, migrations)[Symbol.dispose]()
  expect(await faultsInFile(path)).toEqual([])
  const db = new DatabaseSync(path, { defensive: false })
  db.exec("INSERT INTO natural_key VALUES ('suppliers', 'USA', 'c', 'urn:entente:0', NULL)")
  db.exec(
    `PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = replace(sql, 'draft TEXT', 'draft TEXT NOT NULL') WHERE name = 'natural_key'`,
  )
  db.close()
  expect((await faultsInFile(path)).join()).toMatch(/natural_key/)
})
