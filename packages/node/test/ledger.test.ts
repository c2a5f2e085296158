import { hash, randomBytes } from 'node:crypto'
import * as A from '@automerge/automerge'
import { canonicalJson, DataRecord, defaultLabelOf, fieldsOf, type Label } from '@entente/schema'
import { afterEach, describe, expect, test, vi } from 'vitest'
import type { Database } from '../src/adapters/sqlite-database.ts'
import type { Ledger } from '../src/ledger/ledger.ts'
import type { Draft } from '../src/ledger/record/amend-record.ts'
import { analyst, national, openLedger, openMemory, released, supplier } from './ledger-fixture.ts'

const open = async (): Promise<{ db: Database; ledger: Ledger }> => {
  const db = openMemory()
  return { db, ledger: await openLedger(db) }
}
const row = (naturalKey: string, draft: Draft) => ({ naturalKey, draft })
const dirty = (db: Database) =>
  db
    .prepare('SELECT record FROM dirty ORDER BY record')
    .all()
    .map((r) => r['record'])
const unknown = `urn:entente:${'f'.repeat(32)}`

afterEach(() => {
  vi.restoreAllMocks()
})

describe('a record written by hand', () => {
  test('is in the projection, under its digest, and waits for decisions', async () => {
    const { db, ledger } = await open()
    const record = await ledger.add(supplier('Works'), analyst)
    expect(DataRecord.parse(record)).toEqual(ledger.get(record.id))
    const kept = db.prepare('SELECT kind, dataset, status, digest, json FROM record').get()
    expect(kept).toEqual({
      kind: 'supplier',
      dataset: 'suppliers',
      status: 'active',
      digest: hash('sha256', canonicalJson(record), 'base64url'),
      json: canonicalJson(record),
    })
    expect(dirty(db)).toEqual([record.id])
  })

  test('is edited field by field; an edit that changes nothing writes nothing', async () => {
    const { db, ledger } = await open()
    const { id } = await ledger.add(
      supplier('Works', { size: { value: 'small', label: released } }),
      analyst,
    )
    db.exec('DELETE FROM dirty')
    const heard: string[] = []
    ledger.on((ids) => heard.push(...ids))
    await ledger.edit(id, { set: { legal_name: { value: 'Works' } } }, analyst)
    expect([dirty(db), heard]).toEqual([[], []])
    const edited = await ledger.edit(
      id,
      { set: { legal_name: { value: 'New Works' } }, unset: ['size'] },
      analyst,
    )
    expect(edited.fields).toEqual({ legal_name: { value: 'New Works', label: released } })
    expect([dirty(db), heard]).toEqual([[id], [id]])
  })

  test('keeps who changed what, when and why, without the content', async () => {
    const { ledger } = await open()
    const { id } = await ledger.add(supplier('Works'), analyst)
    await ledger.add(supplier('Other works'), analyst)
    await ledger.edit(
      id,
      { set: { size: { value: 'small', label: released } } },
      { author: 'officer', reason: 'report 7' },
    )
    await ledger.withdraw(id, { author: 'officer', reason: 'closed' })
    const history = await ledger.history(id)
    expect(history.map(({ author, reason, fields }) => [author, reason, fields])).toEqual([
      ['analyst', 'exercise', ['envelope', 'legal_name']],
      ['officer', 'report 7', ['size']],
      ['officer', 'closed', ['envelope']],
    ])
    const times = history.map(({ atMs }) => atMs)
    expect(times).toEqual(times.toSorted())
    expect(new Set(times).size).toBe(3)
    expect(history.map(({ record }) => record?.fields['size']?.value)).toEqual([
      undefined,
      'small',
      'small',
    ])
  })

  test('takes a wider label only with the officer who answers for it', async () => {
    const { ledger } = await open()
    const { id } = await ledger.add(
      supplier('Works', { risk_note: { value: 'x', label: national } }),
      analyst,
    )
    const wider = { set: { risk_note: { label: released } } }
    await expect(ledger.edit(id, wider, analyst)).rejects.toMatchObject({ code: 'LABEL_WIDENS' })
    const labels = { risk_note: released }
    const other = () => ({ by: 'officer', labels: { legal_name: released } })
    await expect(ledger.edit(id, wider, analyst, other)).rejects.toMatchObject({
      code: 'LABEL_WIDENS',
    })
    const edited = await ledger.edit(id, wider, analyst, () => ({ by: 'officer', labels }))
    expect(edited.fields['risk_note']).toEqual({ value: 'x', label: released })
    expect((await ledger.history(id)).at(-1)?.widenedBy).toBe('officer')
  })

  test('a field taken out by hand stays out when the source changes, and comes back no wider', async () => {
    const { ledger } = await open()
    const from = (value: string) => [
      row('1', supplier('Works', { risk_note: { value, label: national } })),
    ]
    await ledger.upsert(from('first'), analyst)
    const id = ledger.list()[0]?.id ?? ''
    await ledger.edit(id, { unset: ['risk_note'] }, analyst)
    await ledger.upsert(from('second'), analyst)
    expect(ledger.get(id)?.fields).not.toHaveProperty('risk_note')
    const back = { set: { risk_note: { value: 'second', label: released } } }
    await expect(ledger.edit(id, back, analyst)).rejects.toMatchObject({ code: 'LABEL_WIDENS' })
  })

  test.each([
    ['FIELD_UNKNOWN', { set: { colour: { value: 'red', label: released } } }],
    ['FIELD_UNKNOWN', { unset: ['size'] }],
    ['VALUE_INVALID', { set: { size: { value: 'vast', label: released } } }],
    ['VALUE_INVALID', { set: { size: { label: released } } }],
  ])('refuses with %s: %j', async (code, edit) => {
    const { db, ledger } = await open()
    const record = await ledger.add(supplier('Works'), analyst)
    const chunks = db.prepare('SELECT count(*) AS n FROM chunk').get()
    await expect(ledger.edit(record.id, edit, analyst)).rejects.toMatchObject({ code })
    expect(ledger.get(record.id)).toEqual(record)
    expect(db.prepare('SELECT count(*) AS n FROM chunk').get()).toEqual(chunks)
  })

  test('gives a new field the label of its class, and never a wider one than it had before', async () => {
    const { ledger } = await open()
    const { id } = await ledger.add(supplier('Works'), analyst)
    const labelOf = (name: string) => ledger.get(id)?.fields[name]?.label
    await ledger.edit(id, { set: { size: { value: 'small' } } }, analyst)
    expect(labelOf('size')).toEqual(
      defaultLabelOf(fieldsOf('supplier')['size']?.sensitivity ?? 'N'),
    )
    const usual = labelOf('size') as Label
    const secret = { ...usual, classification: 'SECRET' } as const
    await ledger.edit(id, { set: { size: { label: secret } } }, analyst)
    await ledger.edit(id, { unset: ['size'] }, analyst)
    await ledger.edit(id, { set: { size: { value: 'large' } } }, analyst)
    expect(labelOf('size')).toEqual(secret)
  })

  test('is refused when its id is unknown', async () => {
    const { ledger } = await open()
    expect(ledger.get(unknown)).toBeNull()
    await expect(ledger.withdraw(unknown, analyst)).rejects.toMatchObject({
      code: 'RECORD_UNKNOWN',
    })
    await expect(ledger.history(unknown)).rejects.toMatchObject({ code: 'RECORD_UNKNOWN' })
  })

  test('is refused whole when a value has no canonical form', async () => {
    const { db, ledger } = await open()
    const rows = [row('k', supplier('Works', { size: { value: 1.5, label: released } }))]
    await expect(ledger.upsert(rows, analyst)).rejects.toMatchObject({ code: 'NOT_CANONICAL' })
    expect(db.prepare("SELECT count(*) AS n FROM chunk WHERE key LIKE '%/%'").get()).toEqual({
      n: 0,
    })
    expect((await ledger.add(supplier('Works'), analyst)).kind).toBe('supplier')
  })
})

describe('listing', () => {
  test('finds by kind, dataset, originator and text, page by page', async () => {
    const { ledger } = await open()
    const names = ['Alpha 100%', 'Beta', 'Gamma']
    for (const name of names) await ledger.add(supplier(name), analyst)
    await ledger.add({ ...supplier('Delta'), originator: 'AUS', dataset: 'others' }, analyst)
    const found = (filter: Parameters<Ledger['list']>[0]) =>
      ledger
        .list(filter)
        .map((r) => r.fields['legal_name']?.value)
        .sort()
    expect(found({ dataset: 'suppliers' })).toEqual(names)
    expect(found({ originator: 'AUS' })).toEqual(['Delta'])
    expect(found({ text: '0%' })).toEqual(['Alpha 100%'])
    expect(found({ text: 'legal_name' })).toEqual([])
    expect(found({ kind: 'item' })).toEqual([])
    const first = ledger.list({}, { limit: 3 })
    const rest = ledger.list({}, { limit: 3, after: first[2]?.id ?? '' })
    expect([first.length, rest.length, new Set([...first, ...rest].map((r) => r.id)).size]).toEqual(
      [3, 1, 4],
    )
  })
})

describe('rows of a source', () => {
  const rows = (value: string) =>
    Array.from({ length: 600 }, (_, i) => row(`k${i}`, supplier(`Works ${i} ${value}`)))

  test('become records once, however often they are read', async () => {
    const { db, ledger } = await open()
    let seen = 0
    const onTaken = (taken: readonly unknown[]) => {
      seen += taken.length
    }
    expect(await ledger.upsert(rows('a'), analyst, { onTaken })).toEqual({
      created: 600,
      updated: 0,
      unchanged: 0,
    })
    expect(seen).toBe(600)
    expect(ledger.shards()).toHaveLength(3)
    db.exec('DELETE FROM dirty')
    expect(await ledger.upsert(rows('a'), analyst)).toEqual({
      created: 0,
      updated: 0,
      unchanged: 600,
    })
    expect(dirty(db)).toEqual([])
    const changed = rows('a')
      .map((r, i) => (i === 300 ? row('k300', supplier('Renamed')) : r))
      .reverse()
    expect(await ledger.upsert(changed, analyst)).toEqual({
      created: 0,
      updated: 1,
      unchanged: 599,
    })
    expect(dirty(db)).toHaveLength(1)
    expect(ledger.list({ text: 'Renamed' })).toHaveLength(1)
    expect(ledger.list({}, { limit: 1000 })).toHaveLength(600)
  })

  test('fill up the shard that has room', async () => {
    const { db, ledger } = await open()
    await ledger.add(supplier('Works'), analyst)
    await ledger.upsert(rows('a').slice(0, 255), analyst)
    expect(ledger.shards()).toHaveLength(1)
    await ledger.add(supplier('One more'), analyst)
    expect(db.prepare('SELECT records FROM shard ORDER BY records').all()).toEqual([
      { records: 1 },
      { records: 256 },
    ])
  })

  test('one key in two datasets or of two originators is two records; the later of equal keys wins', async () => {
    const { ledger } = await open()
    const one = supplier('One')
    const summary = await ledger.upsert(
      [
        row('k', one),
        row('k', { ...one, dataset: 'b' }),
        row('k', { ...one, originator: 'AUS' }),
        row('k', supplier('Two')),
      ],
      analyst,
    )
    expect(summary).toEqual({ created: 3, updated: 1, unchanged: 0 })
    expect(ledger.list({ text: 'Two' })).toHaveLength(1)
  })

  test('leave what was edited by hand, until the source changes it, and never widen its label', async () => {
    const { ledger } = await open()
    const say = (name: string, size: string, asOf = '2026-01-31') => {
      const draft = supplier(name, { size: { value: size, label: released } })
      return ledger.upsert([row('k', { ...draft, envelope: { ...draft.envelope, asOf } })], analyst)
    }
    await say('Works', 'small')
    const [{ id } = { id: '' }] = ledger.list()
    await ledger.edit(
      id,
      { set: { legal_name: { value: 'Corrected' }, size: { label: national } } },
      analyst,
    )
    await ledger.withdraw(id, analyst)

    expect(await say('Works', 'small')).toMatchObject({ unchanged: 1 })
    expect(await say('Works', 'medium', '2026-02-28')).toMatchObject({ updated: 1 })
    expect(ledger.get(id)?.fields).toEqual({
      legal_name: { value: 'Corrected', label: released },
      size: { value: 'medium', label: national },
    })
    expect(ledger.get(id)?.envelope).toMatchObject({ status: 'withdrawn', asOf: '2026-02-28' })
    await say('Renamed', 'medium', '2026-02-28')
    expect(ledger.get(id)?.fields['legal_name']?.value).toBe('Renamed')
    expect(await say('Renamed', 'medium', '2026-02-28')).toMatchObject({ unchanged: 1 })
  })

  test('a field that the source no longer names stays, as does one added by hand', async () => {
    const { ledger } = await open()
    await ledger.upsert(
      [row('k', supplier('Works', { size: { value: 'small', label: released } }))],
      analyst,
    )
    const [{ id } = { id: '' }] = ledger.list()
    await ledger.edit(id, { set: { risk_note: { value: 'x', label: national } } }, analyst)
    await ledger.upsert([row('k', supplier('Renamed'))], analyst)
    expect(Object.keys(ledger.get(id)?.fields ?? {}).sort()).toEqual([
      'legal_name',
      'risk_note',
      'size',
    ])
  })
})

describe('a crash', () => {
  test('between flush and projection is made good at the next start', async () => {
    const { db, ledger } = await open()
    await ledger.upsert([row('a', supplier('A')), row('b', supplier('B'))], analyst)
    const a = ledger.list({ text: 'A' })[0]
    const before = ['record', 'natural_key', 'shard'].map((t) =>
      db.prepare(`SELECT * FROM ${t}`).all(),
    )
    const edited = await ledger.edit(a?.id ?? '', { set: { legal_name: { value: 'A2' } } }, analyst)
    const c = await ledger.upsert([row('c', supplier('C'))], analyst)
    expect(c.created).toBe(1)
    await ledger[Symbol.asyncDispose]()
    // The projection as it was before the last two changes, over chunks that hold them.
    db.exec('DELETE FROM dirty')
    for (const [i, table] of ['record', 'natural_key', 'shard'].entries()) {
      db.exec(`DELETE FROM ${table}`)
      for (const old of before[i] ?? []) {
        const names = Object.keys(old)
        db.prepare(`INSERT INTO ${table} (${names}) VALUES (${names.map(() => '?')})`).run(
          ...Object.values(old),
        )
      }
    }
    const again = await openLedger(db)
    expect(again.get(edited.id)).toEqual(edited)
    expect(again.list()).toHaveLength(3)
    expect(dirty(db)).toHaveLength(2)
    expect(await again.upsert([row('c', supplier('C'))], analyst)).toEqual({
      created: 0,
      updated: 0,
      unchanged: 1,
    })
  })

  test('that loses the whole projection loses nothing', async () => {
    const { db, ledger } = await open()
    await ledger.upsert(
      Array.from({ length: 300 }, (_, i) => row(`${i}`, supplier(`Works ${i}`))),
      analyst,
    )
    const all = ledger.list({}, { limit: 1000 })
    for (const table of ['record', 'natural_key', 'shard', 'dirty']) db.exec(`DELETE FROM ${table}`)
    const again = await openLedger(db)
    expect(again.list({}, { limit: 1000 })).toEqual(all)
    expect(await again.upsert([row('7', supplier('Works 7'))], analyst)).toMatchObject({
      unchanged: 1,
    })
  })

  test('of a save is an error of that change alone, and memory does not run ahead of the disk', async () => {
    const { db, ledger } = await open()
    const record = await ledger.add(supplier('Works'), analyst)
    db.exec(
      `CREATE TEMP TRIGGER full BEFORE INSERT ON chunk BEGIN SELECT raise(ABORT, 'disk full'); END`,
    )
    const lost = ledger.edit(record.id, { set: { legal_name: { value: 'Lost' } } }, analyst)
    await expect(lost).rejects.toThrow('disk full')
    expect(ledger.get(record.id)).toEqual(record)
    db.exec('DROP TRIGGER full')
    const edited = await ledger.edit(
      record.id,
      { set: { size: { value: 'small', label: released } } },
      analyst,
    )
    expect(edited.fields['legal_name']?.value).toBe('Works')
    expect((await ledger.history(record.id)).map(({ fields }) => fields)).toEqual([
      ['envelope', 'legal_name'],
      ['size'],
    ])
  })
})

describe('two nodes of one nation', () => {
  const pair = async () => {
    const [home, away] = [
      await openLedger(openMemory(), 'node-1'),
      await openLedger(openMemory(), 'node-2'),
    ]
    await home.upsert(
      [row('k', supplier('Works', { size: { value: 'small', label: released } }))],
      analyst,
    )
    const [shard = ''] = home.shards()
    const send = async (from: Ledger, to: Ledger) =>
      to.importShard(shard, await from.exportShard(shard))
    await send(home, away)
    return { home, away, shard, send, id: home.list()[0]?.id ?? '' }
  }

  test('that edited a record apart both end with every edit, field by field', async () => {
    const { home, away, send, id } = await pair()
    await home.edit(id, { set: { legal_name: { value: 'Home' } } }, analyst)
    await away.edit(id, { set: { size: { value: 'large' } } }, analyst)
    await send(home, away)
    await send(away, home)
    expect(home.get(id)).toEqual(away.get(id))
    expect(home.get(id)?.fields).toEqual({
      legal_name: { value: 'Home', label: released },
      size: { value: 'large', label: released },
    })
    expect(await home.history(id)).toHaveLength(3)
  })

  test('that edited one field apart both see the conflict, and it marks the record for new decisions', async () => {
    const { home, away, send, id } = await pair()
    await home.edit(id, { set: { legal_name: { value: 'Home' } } }, analyst)
    await away.edit(id, { set: { legal_name: { value: 'Away', label: national } } }, analyst)
    const heard: string[] = []
    home.on((ids) => heard.push(...ids))
    await send(away, home)
    await send(home, away)
    expect(heard).toEqual([id])
    expect(home.get(id)).toEqual(away.get(id))
    expect(home.get(id)?.fields['legal_name']).toMatchObject({ label: national, conflict: true })
    await home.edit(id, { set: { legal_name: { value: 'Settled' } } }, analyst)
    await send(home, away)
    expect(away.get(id)?.fields['legal_name']).toEqual({ value: 'Settled', label: national })
  })

  test('a node knows the natural keys of the other, and adds no record to its shards', async () => {
    const { away, shard, id } = await pair()
    expect(await away.upsert([row('k', supplier('Renamed'))], analyst)).toEqual({
      created: 0,
      updated: 1,
      unchanged: 0,
    })
    expect(away.get(id)?.fields['legal_name']?.value).toBe('Renamed')
    await away.add(supplier('Another'), analyst)
    expect(away.shards().filter((s) => s !== shard)).toHaveLength(1)
  })

  test('asked for a shard it has not, says so', async () => {
    const { away } = await pair()
    await expect(away.exportShard('elsewhere')).rejects.toMatchObject({ code: 'SHARD_UNKNOWN' })
  })

  test.each<[string, () => Uint8Array | Promise<Uint8Array>]>([
    ['noise', () => new Uint8Array(randomBytes(64))],
    ['a document that is no shard', () => A.save(A.from({ records: { [unknown]: 'plain text' } }))],
    [
      'a record under another id',
      () =>
        A.save(A.from({ records: { [unknown]: new A.ImmutableString('{"id":"urn:entente:0"}') } })),
    ],
    [
      'another shard under the same id',
      async () => {
        const other = await openLedger(openMemory())
        await other.add(supplier('Other'), analyst)
        return other.exportShard(other.shards()[0] ?? '')
      },
    ],
  ])('%s is refused and changes nothing', async (_, bytes) => {
    const { away, shard, id } = await pair()
    const before = away.get(id)
    await expect(away.importShard(shard, await bytes())).rejects.toMatchObject({
      code: 'SHARD_INVALID',
    })
    expect(away.get(id)).toEqual(before)
    expect(away.list()).toHaveLength(1)
    await away.edit(id, { set: { size: { value: 'large' } } }, analyst)
  })
})

test('more shards than fit in memory are read, written and closed without a word on the console', async () => {
  const spoken = [
    vi.spyOn(console, 'log'),
    vi.spyOn(console, 'warn'),
    vi.spyOn(process, 'emitWarning'),
  ]
  const { ledger } = await open()
  const rows = Array.from({ length: 256 * 10 }, (_, i) => row(`${i}`, supplier(`Works ${i}`)))
  await ledger.upsert(rows, analyst)
  expect(ledger.shards()).toHaveLength(10)
  const ids = ledger.list({}, { limit: 3000 }).map((r) => r.id)
  for (const id of ids.filter((_, i) => i % 64 === 0))
    await ledger.edit(id, { set: { size: { value: 'small', label: released } } }, analyst)
  await ledger[Symbol.asyncDispose]()
  await new Promise((resolve) => setTimeout(resolve, 250))
  expect(ledger.list({ text: 'small' }, { limit: 100 })).toHaveLength(40)
  for (const spy of spoken) expect(spy).not.toHaveBeenCalled()
})
