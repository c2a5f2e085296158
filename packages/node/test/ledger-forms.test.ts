import {
  canonicalJson,
  type DataRecord,
  type FormStep,
  type Json,
  type Kind,
} from '@entente/schema'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Database } from '../src/adapters/sqlite-database.ts'
import type { Ledger } from '../src/ledger/ledger.ts'
import { amend, toStored } from '../src/ledger/record/amend-record.ts'
import { createForms } from '../src/ledger/record/lift-record.ts'
import { mergeRecords } from '../src/ledger/record/merge-record.ts'
import type { StoredRecord } from '../src/ledger/record/stored-record.ts'
import { parseStored } from '../src/ledger/record/stored-text.ts'
import type { SourceRow } from '../src/ledger/writing/source-rows.ts'
import { analyst, national, openLedger, openMemory, released, supplier } from './ledger-fixture.ts'

// No kind has changed its form since the first release, so these two steps of a supplier are invented: what was `grade`
// is `size` now, then products stopped being one text.
const listed = (value: Json): Json => (typeof value === 'string' ? [value] : value)
const steps: readonly FormStep[] = [
  [{ rename: 'grade', to: 'size' }],
  [{ change: 'products', by: listed }],
]
const upTo = (version: number) => (kind: Kind) =>
  kind === 'supplier' ? steps.slice(0, version - 1) : []

const at = (db: Database, version: number, node = 'node-1'): Promise<Ledger> =>
  openLedger(db, node, { formStepsOf: upTo(version) })
const field = (value: Json, label = released) => ({ value, label })
const chunks = (db: Database) => db.prepare('SELECT key FROM chunk ORDER BY key').all()
const storedIn = async (ledger: Ledger): Promise<StoredRecord[]> => {
  const { load } = await import('@automerge/automerge')
  const saved = await ledger.exportShard(ledger.shards()[0] ?? '')
  const { records } = load<{ records: Record<string, unknown> }>(saved)
  return Object.values(records).map((text) => parseStored(String(text)))
}

describe('a ledger written by a version that knew older forms', () => {
  const written = async () => {
    const db = openMemory()
    const old = await at(db, 1)
    const rows = (grade: string) => [
      {
        naturalKey: 'k',
        draft: supplier('Works', { grade: field(grade), products: field('fuze') }),
      },
    ]
    await old.upsert(rows('small'), analyst)
    const id = old.list()[0]?.id ?? ''
    await old.edit(id, { set: { grade: { label: national } } }, analyst)
    await old[Symbol.asyncDispose]()
    db.exec('DELETE FROM dirty')
    return { db, id, rows }
  }

  test('is read in the present one, decided on again, and not written', async () => {
    const { db, id } = await written()
    const before = chunks(db)
    const ledger = await at(db, 3)
    expect(ledger.get(id)?.fields).toEqual({
      legal_name: field('Works'),
      size: field('small', national),
      products: field(['fuze']),
    })
    expect(db.prepare('SELECT record FROM dirty').all()).toEqual([{ record: id }])
    expect(chunks(db)).toEqual(before)
    expect((await storedIn(ledger))[0]).not.toHaveProperty('schema')
  })

  test('is written in the present one with the next change of a record', async () => {
    const { db, id } = await written()
    const ledger = await at(db, 3)
    await ledger.edit(id, { set: { legal_name: { value: 'Renamed' } } }, analyst)
    const [record] = await storedIn(ledger)
    expect(record?.schema).toBe(3)
    expect(Object.keys(record?.fields ?? {}).sort()).toEqual(['legal_name', 'products', 'size'])
    expect(record?.fields['size']?.[0]?.imported).toEqual(field('small'))
  })

  test('knows what the source last said under the new name', async () => {
    const { db, id } = await written()
    const ledger = await at(db, 2)
    const renamed = (size: string) => [
      {
        naturalKey: 'k',
        draft: supplier('Works', { size: field(size), products: field('fuze') }),
      },
    ]
    expect(await ledger.upsert(renamed('small'), analyst)).toMatchObject({ unchanged: 1 })
    expect(await ledger.upsert(renamed('large'), analyst)).toMatchObject({ updated: 1 })
    expect(ledger.get(id)?.fields['size']).toEqual(field('large', national))
  })

  test('can have a change taken back that was made under the old one', async () => {
    const { db, id } = await written()
    const old = await at(db, 1)
    const [before] = await storedIn(old)
    await old.edit(id, { set: { products: { value: ['shell'] } } }, analyst)
    const ledger = await at(db, 3)
    const stamp = [3, ledger.actor] as const
    const outcomes: unknown[] = []
    await ledger.revert([{ record: id, before: before ?? null, stamp }], analyst, (results) =>
      outcomes.push(...results),
    )
    expect(outcomes).toEqual([{ record: id, outcome: 'reverted', kept: [] }])
    expect(ledger.get(id)?.fields['products']).toEqual(field(['fuze']))
  })

  test('tells its history in the present one', async () => {
    const { db, id } = await written()
    const ledger = await at(db, 3)
    expect((await ledger.history(id)).map(({ record }) => record?.fields['size'])).toEqual([
      field('small'),
      field('small', national),
    ])
  })

  test('is rendered again only where a kind has changed', async () => {
    const { db } = await written()
    await at(db, 1)
    await openLedger(db, 'node-1', {
      formStepsOf: (kind) => (kind === 'item' ? steps : []),
    })
    expect(db.prepare('SELECT form FROM shard').all()).toEqual([{ form: '{"item":3}' }])
    expect(db.prepare('SELECT * FROM dirty').all()).toEqual([])
  })
})

describe('two nodes of a nation, one of them newer', () => {
  const pair = async () => {
    const [newer, older] = [await at(openMemory(), 2, 'new'), await at(openMemory(), 1, 'old')]
    const draft = supplier('Works', { size: field('small') })
    await newer.upsert([{ naturalKey: 'k', draft }], analyst)
    const [shard = ''] = newer.shards()
    const send = async (from: Ledger, to: Ledger) =>
      to.importShard(shard, await from.exportShard(shard))
    await send(newer, older)
    return { newer, older, send, id: newer.list()[0]?.id ?? '' }
  }

  test('the older one keeps a field that it does not know, and never lowers the version', async () => {
    const { older, id } = await pair()
    await older.edit(id, { set: { legal_name: { value: 'Renamed' } } }, analyst)
    const draft = supplier('From the source')
    await older.upsert([{ naturalKey: 'k', draft }], analyst)
    const [record] = await storedIn(older)
    expect(record).toMatchObject({ schema: 2, oldest: 1 })
    expect(older.get(id)?.fields['size']).toEqual(field('small'))
  })

  test('what the older one wrote under an old name meets the new one as a conflict', async () => {
    const { newer, older, send, id } = await pair()
    const draft = supplier('Works', { grade: field('large', national) })
    expect(await older.upsert([{ naturalKey: 'k', draft }], analyst)).toMatchObject({ updated: 1 })
    await send(older, newer)
    const fields = newer.get(id)?.fields ?? {}
    expect(Object.keys(fields).sort()).toEqual(['legal_name', 'size'])
    expect(fields['size']).toMatchObject({ conflict: true, label: national })
    await newer.edit(id, { set: { size: { value: 'medium' } } }, analyst)
    expect((await storedIn(newer)).map(({ schema, oldest }) => [schema, oldest])).toEqual([
      [2, undefined],
    ])
    await send(newer, older)
    expect(older.get(id)?.fields).toEqual({
      legal_name: field('Works'),
      size: field('medium', national),
    })
  })

  test('lose nothing when they edit apart', async () => {
    const { newer, older, send, id } = await pair()
    await older.edit(id, { set: { legal_name: { value: 'Older' } } }, analyst)
    await newer.edit(id, { set: { size: { value: 'large' } } }, analyst)
    await send(newer, older)
    await send(older, newer)
    for (const ledger of [newer, older])
      expect(ledger.get(id)?.fields).toEqual({ legal_name: field('Older'), size: field('large') })
  })
})

describe('lifting', () => {
  const { lift } = createForms(upTo(3))
  const by = (actor: string) => ({ actor, note: { atMs: 1, author: actor, reason: 'exercise' } })
  const base = toStored(
    `urn:entente:${'0'.repeat(32)}`,
    supplier('Works', { grade: field('small'), products: field('fuze') }),
    by('a'),
  )
  const edits = fc.array(
    fc.record({
      name: fc.constantFrom('grade', 'products', 'legal_name'),
      value: fc.constantFrom('x', 'y', 'z'),
    }),
    { maxLength: 5 },
  )
  const editedBy = (actor: string) =>
    edits.map((list) =>
      list.reduce(
        (record, { name, value }) => amend(record, { set: { [name]: { value } } }, by(actor)),
        base,
      ),
    )
  const [ours, theirs] = [editedBy('a'), editedBy('b')]

  test('twice is lifting once', () =>
    fc.assert(
      fc.property(ours, theirs, (a, b) => {
        const once = lift(mergeRecords([a, b]))
        expect(once.schema).toBe(3)
        expect(lift(once)).toBe(once)
      }),
    ))

  test('before a merge and after it come to the same', () =>
    fc.assert(
      fc.property(ours, theirs, (a, b) => {
        expect(mergeRecords([lift(a), lift(b)])).toEqual(lift(mergeRecords([a, b])))
      }),
    ))

  test('meets an older part in a newer record as it would have before the merge', () =>
    fc.assert(
      fc.property(ours, theirs, (a, b) => {
        const mixed = mergeRecords([lift(a), b])
        expect(mixed.schema).toBe(3)
        expect(lift(mixed)).toEqual(mergeRecords([lift(a), lift(b)]))
      }),
    ))
})

test('fields that nobody here knows, of any value, outlast edits, texts, other nodes and compaction', async () => {
  const value = fc.jsonValue().map((json) => JSON.parse(JSON.stringify(json, integers)) as Json)
  const unknown = fc.dictionary(fc.stringMatching(/^x_[a-z0-9_]{0,20}$/), value, {
    minKeys: 1,
    maxKeys: 6,
  })
  const [newer, older] = [await at(openMemory(), 3, 'newer'), await at(openMemory(), 1, 'older')]
  let rows = 0
  await fc.assert(
    fc.asyncProperty(unknown, async (values) => {
      const fields = Object.fromEntries(Object.entries(values).map(([n, v]) => [n, field(v)]))
      const { id } = await newest(newer, { naturalKey: `${++rows}`, draft: supplier('W', fields) })
      await exchange(newer, older)
      await older.edit(id, { set: { legal_name: { value: `Works ${rows}` } } }, analyst)
      if (rows % 4 === 0) await newer.compact(0, analyst)
      await exchange(older, newer)
      await exchange(newer, older)
      for (const ledger of [newer, older]) {
        const { legal_name, ...rest } = ledger.get(id)?.fields ?? {}
        expect(legal_name).toEqual(field(`Works ${rows}`))
        expect(canonicalJson(rest)).toBe(canonicalJson(fields))
      }
    }),
    { numRuns: 40 },
  )
})

async function newest(ledger: Ledger, row: SourceRow): Promise<DataRecord> {
  let id = ''
  await ledger.upsert([row], analyst, {
    onTaken: ([taken]) => {
      id = taken?.record ?? ''
    },
  })
  return ledger.get(id) as DataRecord
}

const exchange = async (from: Ledger, to: Ledger) => {
  for (const shard of from.shards()) await to.importShard(shard, await from.exportShard(shard))
}

/** Canonical JSON has whole numbers only. */
const integers = (_: string, value: unknown) =>
  typeof value === 'number' ? Math.trunc(value) % 2 ** 31 : value
