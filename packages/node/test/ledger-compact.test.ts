import * as A from '@automerge/automerge'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Database } from '../src/adapters/sqlite-database.ts'
import type { Ledger } from '../src/ledger/ledger.ts'
import { amend, toStored } from '../src/ledger/record/amend-record.ts'
import { covers, formatGone, goneOf, joinGone, parseGone } from '../src/ledger/record/gone.ts'
import type { StoredRecord } from '../src/ledger/record/stored-record.ts'
import { formatStored } from '../src/ledger/record/stored-text.ts'
import { recordIn, type ShardDocument } from '../src/ledger/shards/shard-document.ts'
import { analyst, national, openLedger, openMemory, released, supplier } from './ledger-fixture.ts'

const row = (naturalKey: string, draft = supplier(naturalKey)) => ({ naturalKey, draft })
const send = async (from: Ledger, to: Ledger) => {
  for (const shard of from.shards()) await to.importShard(shard, await from.exportShard(shard))
}
const open = async (node = 'node-1') => {
  const db = openMemory()
  return { db, ledger: await openLedger(db, node) }
}
const only = (ledger: Ledger) => ledger.list()[0]?.id ?? ''
const dirty = (db: Database) => db.prepare('SELECT count(*) AS n FROM dirty').get()?.['n']
const documents = (db: Database) =>
  db
    .prepare(
      `SELECT DISTINCT substr(key, 1, instr(key, '/') - 1) AS id FROM chunk WHERE key LIKE '%/%'`,
    )
    .all()

describe('a shard with a long history', () => {
  const edited = async () => {
    const { db, ledger } = await open()
    await ledger.upsert(
      [row('k', supplier('Works', { size: { value: 'small', label: released } }))],
      analyst,
    )
    const id = only(ledger)
    for (const name of ['Second', 'Third', 'Fourth'])
      await ledger.edit(
        id,
        { set: { legal_name: { value: name } } },
        { author: 'officer', reason: `letter ${name}` },
      )
    return { db, ledger, id }
  }

  test('is as it was afterwards, under another id, and nothing is decided again', async () => {
    const { db, ledger, id } = await edited()
    const [before, shards] = [ledger.get(id), ledger.shards()]
    db.exec('DELETE FROM dirty')
    const sum = await ledger.compact(0, analyst)
    expect(sum).toMatchObject({ shards: 1, compacted: 1 })
    expect(sum.bytesAfter).toBeLessThan(sum.bytesBefore)
    expect(ledger.get(id)).toEqual(before)
    expect(ledger.shards()).toHaveLength(1)
    expect(ledger.shards()).not.toEqual(shards)
    expect(documents(db)).toEqual(ledger.shards().map((id) => ({ id })))
    expect(dirty(db)).toBe(0)
    const again = await openLedger(db)
    expect(again.list()).toEqual(ledger.list())
    expect(dirty(db)).toBe(0)
  })

  test('tells who wrote what stands, when and why, and that older changes are gone', async () => {
    const { ledger, id } = await edited()
    const before = await ledger.history(id)
    await ledger.compact(0, { author: 'keeper', reason: 'spring cleaning' })
    const plain = ({ atMs, author, reason, fields, values }: (typeof before)[number]) => ({
      atMs,
      author,
      reason,
      fields,
      values,
    })
    const history = await ledger.history(id)
    expect(history.map(plain)).toEqual([
      { ...plain(before[0] as never), fields: ['envelope', 'size'], values: { size: 'small' } },
      plain(before[3] as never),
    ])
    expect(history.map(({ compacted }) => compacted)).toEqual([true, true])
    await ledger.edit(id, { set: { legal_name: { value: 'Fifth' } } }, analyst)
    expect((await ledger.history(id)).map(({ compacted }) => compacted)).toEqual([
      true,
      true,
      undefined,
    ])
    await expect(ledger.restore(id, 1, analyst)).rejects.toMatchObject({ code: 'VERSION_UNKNOWN' })
    expect((await ledger.restore(id, 2, analyst)).fields['legal_name']?.value).toBe('Fourth')
  })

  test('is left alone while it has no more changes than are allowed', async () => {
    const { ledger } = await edited()
    const shards = ledger.shards()
    // One change makes the shard, four write to it.
    expect(await ledger.compact(5, analyst)).toMatchObject({ compacted: 0 })
    expect(ledger.shards()).toEqual(shards)
    expect(await ledger.compact(4, analyst)).toMatchObject({ compacted: 1 })
  })

  test('is compacted by the node that made it alone', async () => {
    const { ledger } = await edited()
    const { ledger: away } = await open('node-2')
    await send(ledger, away)
    expect(await away.compact(0, analyst)).toMatchObject({ shards: 0, compacted: 0 })
    expect(away.shards()).toEqual(ledger.shards())
  })

  test('takes in new records afterwards as before', async () => {
    const { ledger } = await edited()
    await ledger.compact(0, analyst)
    await ledger.add(supplier('Another'), analyst)
    expect(ledger.shards()).toHaveLength(1)
    expect(await ledger.upsert([row('k', supplier('Renamed'))], analyst)).toMatchObject({
      updated: 1,
    })
  })

  test('leaves a conflict standing, for a person to settle', async () => {
    const { ledger, id } = await edited()
    const { ledger: away } = await open('node-2')
    await send(ledger, away)
    await away.edit(id, { set: { legal_name: { value: 'Away', label: national } } }, analyst)
    await ledger.edit(id, { set: { legal_name: { value: 'Home' } } }, analyst)
    await send(away, ledger)
    const before = await ledger.conflicts(id)
    expect(before[0]?.candidates).toHaveLength(2)
    await ledger.compact(0, analyst)
    expect(await ledger.conflicts(id)).toEqual(before)
    await send(ledger, away)
    expect(await away.conflicts(id)).toEqual(before)
    expect(away.shards()).toEqual(ledger.shards())
  })
})

describe('a record that was taken out', () => {
  const removed = async () => {
    const { db, ledger } = await open()
    await ledger.upsert([row('a'), row('b')], analyst)
    const id = ledger.list({ text: 'b' })[0]?.id ?? ''
    const { ledger: away } = await open('node-2')
    await send(ledger, away)
    const takeOut = () =>
      ledger.revert([{ record: id, before: null, stamp: [1, ledger.actor] }], analyst, () => {})
    return { db, ledger, away, id, takeOut }
  }

  test('does not come back by compaction, nor by a replica from before it', async () => {
    const { ledger, away, id, takeOut } = await removed()
    const [shard = ''] = away.shards()
    const old = await away.exportShard(shard)
    await takeOut()
    await ledger.compact(0, analyst)
    await ledger.importShard(shard, old)
    expect(ledger.get(id)).toBeNull()
    await send(ledger, away)
    expect([away.get(id), away.list().length]).toEqual([null, 1])
    await ledger.compact(0, analyst)
    await ledger.importShard(shard, old)
    expect(ledger.get(id)).toBeNull()
  })

  test.each(['before', 'after'])(
    'comes back with what somebody wrote to it apart %s the compaction',
    async (when) => {
      const { ledger, away, id, takeOut } = await removed()
      await takeOut()
      await away.edit(id, { set: { legal_name: { value: 'Still here' } } }, analyst)
      if (when === 'before') await send(away, ledger)
      await ledger.compact(0, analyst)
      if (when === 'after') await send(away, ledger)
      expect(ledger.get(id)?.fields['legal_name']?.value).toBe('Still here')
      await send(ledger, away)
      expect(away.list()).toEqual(ledger.list())
    },
  )
})

describe('a shard whose place was taken', () => {
  const pair = async () => {
    const [home, away] = [await open('node-1'), await open('node-2')]
    await home.ledger.upsert(
      [row('k', supplier('Works', { size: { value: 'small', label: released } }))],
      analyst,
    )
    await send(home.ledger, away.ledger)
    return { home: home.ledger, away: away.ledger, awayDb: away.db, id: only(home.ledger) }
  }
  const both = {
    legal_name: { value: 'Home', label: released },
    size: { value: 'large', label: released },
  }

  test('hands over what was written to it elsewhere meanwhile', async () => {
    const { home, away, id } = await pair()
    await away.edit(id, { set: { size: { value: 'large' } } }, { author: 'other', reason: 'call' })
    await home.edit(id, { set: { legal_name: { value: 'Home' } } }, analyst)
    await home.compact(0, analyst)
    await send(away, home)
    expect(home.get(id)?.fields).toEqual(both)
    expect(home.shards()).toHaveLength(1)
    const late = (await home.history(id)).find(
      ({ fields }) => fields.includes('size') && fields.length === 1,
    )
    expect(late).toMatchObject({ author: 'other', reason: 'call', values: { size: 'large' } })
  })

  test('is replaced where the new one comes to, with what was written there', async () => {
    const { home, away, awayDb, id } = await pair()
    await away.edit(id, { set: { size: { value: 'large' } } }, analyst)
    await home.edit(id, { set: { legal_name: { value: 'Home' } } }, analyst)
    await home.compact(0, analyst)
    await send(home, away)
    expect(away.get(id)?.fields).toEqual(both)
    expect(away.shards()).toEqual(home.shards())
    expect(documents(awayDb)).toHaveLength(1)
    await away.add(supplier('Its own'), analyst)
    expect(away.shards()).toHaveLength(2)
    await send(away, home)
    expect(home.list()).toEqual(away.list())
  })

  test('is skipped over by a node that missed several', async () => {
    const { home, away, id } = await pair()
    await away.edit(id, { set: { size: { value: 'large' } } }, analyst)
    await home.edit(id, { set: { legal_name: { value: 'Home' } } }, analyst)
    await home.compact(0, analyst)
    await home.compact(0, analyst)
    await send(home, away)
    await send(away, home)
    expect(home.get(id)?.fields).toEqual(both)
    expect(away.shards()).toEqual(home.shards())
  })

  test('has one successor everywhere, even where two were made of it', async () => {
    const { home, away, id } = await pair()
    // The home node is set back to a copy of itself, and compacts again.
    const copy = await openLedger(openMemory(), 'node-1')
    await send(home, copy)
    await home.edit(id, { set: { legal_name: { value: 'Home' } } }, analyst)
    await home.compact(0, analyst)
    await copy.compact(0, analyst)
    await send(home, away)
    await away.edit(id, { set: { size: { value: 'large' } } }, analyst)
    for (const [from, to] of [
      [copy, away],
      [away, home],
      [home, copy],
      [copy, away],
    ] as const)
      await send(from, to)
    for (const ledger of [home, away, copy]) {
      expect(ledger.get(id)?.fields).toEqual(both)
      expect(ledger.shards()).toEqual(home.shards())
    }
  })

  test('is refused when it claims the place of a shard of another line, or holds a record of another', async () => {
    const { home, away } = await pair()
    await home.compact(0, analyst)
    const [shard = ''] = home.shards()
    const saved = await home.exportShard(shard)
    const stranger = (await open('node-3')).ledger
    await stranger.add(supplier('Stranger'), analyst)
    const [other = ''] = stranger.shards()
    await send(stranger, away)
    await expect(away.importShard(other, saved)).rejects.toMatchObject({ code: 'SHARD_INVALID' })
    await expect(
      away.importShard('2akvofn6L1o4RMUEMQi7qzwRjKWZ', await stranger.exportShard(other)),
    ).rejects.toMatchObject({ code: 'SHARD_INVALID' })
    expect(away.list()).toHaveLength(2)
  })
})

test('a removal has seen what the versions in a record replaced, wherever a copy still holds it', () => {
  const by = (actor: string) => ({ actor, note: { atMs: 1, ...analyst } })
  const first = toStored(`urn:entente:${'0'.repeat(32)}`, supplier('Works'), by('a'))
  const change = (record: StoredRecord, actor: string, value: string) =>
    amend(record, { set: { legal_name: { value } }, envelope: { asOf: value } }, by(actor))
  const second = change(first, 'b', '2026-02-01')
  const gone = goneOf(second, by('a').note)
  expect([covers(gone, first), covers(gone, second)]).toEqual([true, true])
  expect(covers(gone, change(first, 'c', '2026-03-01'))).toBe(false)
  expect(covers(gone, change(second, 'b', '2026-03-01'))).toBe(false)
  expect(joinGone(gone, goneOf(first, by('b').note))).toEqual(
    joinGone(goneOf(first, by('b').note), gone),
  )
  expect(parseGone(formatGone(gone))).toEqual(gone)
})

test('a copy that another node put back beside a removal that had seen it stays out', () => {
  const note = { atMs: 1, ...analyst }
  const by = { actor: 'a', note }
  const record = toStored(`urn:entente:${'0'.repeat(32)}`, supplier('Works'), by)
  const edited = amend(record, { set: { legal_name: { value: 'Renamed' } } }, { ...by, actor: 'b' })
  const read = (held: StoredRecord, seen: StoredRecord) => {
    const doc = A.change(A.init<ShardDocument>(), (draft) => {
      draft.records = { [held.id]: new A.ImmutableString(formatStored(held)) }
      draft[`gone:${held.id}`] = new A.ImmutableString(formatGone(goneOf(seen, note)))
    })
    return recordIn(doc, held.id, (same) => same)
  }
  expect(read(record, record)).toBeUndefined()
  expect(read(record, edited)).toBeUndefined()
  expect(read(edited, record)).toEqual(edited)
})

test('nodes that edit, add, take out, compact and exchange in any order end alike, and no edit is lost', async () => {
  const node = fc.nat(2)
  const step = fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        edit: node,
        record: fc.nat(3),
        field: fc.constantFrom('legal_name', 'risk_note'),
      }),
    },
    { weight: 2, arbitrary: fc.record({ add: node }) },
    { weight: 3, arbitrary: fc.record({ takeOut: node, record: fc.nat(3) }) },
    { weight: 3, arbitrary: fc.record({ compact: node }) },
    { weight: 5, arbitrary: fc.record({ from: node, to: node }) },
  )
  const around = [
    [0, 1],
    [1, 2],
    [2, 0],
    [2, 1],
    [1, 0],
    [0, 2],
  ] as const
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 30 }), async (steps) => {
      const names = ['a', 'b', 'c']
      const ledgers = await Promise.all(names.map(async (name) => (await open(name)).ledger))
      const at = (i: number) => ledgers[i] as Ledger
      const edits: { id: string; field: string; value: string; knew: ReadonlySet<string> }[] = []
      const made: { id: string; by: number }[] = []
      const takenOut = new Set<string>()
      // Values that each node has heard of.
      const heard = names.map(() => new Set<string>())
      const hears = (i: number) => heard[i] as Set<string>
      const exchange = async (from: number, to: number) => {
        await send(at(from), at(to))
        for (const value of hears(from)) hears(to).add(value)
      }
      for (const by of [0, 1, 2]) {
        const risk_note = { value: 'note', label: released }
        made.push({
          id: (await at(by).add(supplier(`first of ${by}`, { risk_note }), analyst)).id,
          by,
        })
      }
      for (const [from, to] of around) await exchange(from, to)
      for (const [n, step] of steps.entries()) {
        if ('add' in step) {
          const { id } = await at(step.add).add(
            supplier(`made ${n}`, { risk_note: { value: `note ${n}`, label: released } }),
            analyst,
          )
          made.push({ id, by: step.add })
        } else if ('edit' in step) {
          const { id = '' } = made[step.record % Math.max(made.length, 1)] ?? {}
          if (at(step.edit).get(id) === null) continue
          const value = `${n} by ${names[step.edit]}`
          await at(step.edit).edit(id, { set: { [step.field]: { value } } }, analyst)
          edits.push({ id, field: step.field, value, knew: new Set(hears(step.edit)) })
          hears(step.edit).add(value)
        } else if ('takeOut' in step) {
          const { id = '', by } = made[step.record % Math.max(made.length, 1)] ?? {}
          if (by !== step.takeOut || at(by).get(id) === null) continue
          await at(by).revert(
            [{ record: id, before: null, stamp: [1, at(by).actor] }],
            analyst,
            ([result]) => {
              if (result?.outcome === 'removed') takenOut.add(id)
            },
          )
        } else if ('compact' in step) await at(step.compact).compact(0, analyst)
        else if (step.from !== step.to) await exchange(step.from, step.to)
      }
      for (let round = 0; round < 2; round++)
        for (const [from, to] of around) await exchange(from, to)

      for (const ledger of ledgers) {
        expect(ledger.list()).toEqual(at(0).list())
        expect(ledger.shards().toSorted()).toEqual(at(0).shards().toSorted())
      }
      for (const { id } of made) {
        const mine = edits.filter((edit) => edit.id === id)
        const record = at(0).get(id)
        expect(record === null).toBe(takenOut.has(id) && mine.length === 0)
        const conflicts = record === null ? [] : await at(0).conflicts(record.id)
        for (const field of ['legal_name', 'risk_note']) {
          const standing = mine
            .filter((edit) => edit.field === field)
            .filter(({ value }, _, all) => !all.some(({ knew }) => knew.has(value)))
            .map(({ value }) => value)
          if (standing.length === 0) continue
          const candidates = conflicts.find((each) => each.field === field)?.candidates
          const shown = candidates?.map(({ value }) => value) ?? [record?.fields[field]?.value]
          expect(shown.toSorted()).toEqual(standing.toSorted())
        }
      }
    }),
    { numRuns: 30 },
  )
}, 240_000)
