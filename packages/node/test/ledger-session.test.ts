import { generateKeyPairSync, randomBytes } from 'node:crypto'
import {
  digestOf,
  type Label,
  labelOrderType,
  labelsOrdered,
  openJws,
  type RecordId,
  signJws,
  valuesOrdered,
} from '@entente/schema'
import { expect, test } from 'vitest'
import { createEd25519Signer, verifyEd25519 } from '../src/adapters/ed25519.ts'
import { createMemoryChannelPair } from '../src/adapters/memory-channel.ts'
import { type Database, openDatabase } from '../src/adapters/sqlite-database.ts'
import type { Sibling } from '../src/deps.ts'
import type { Ledger } from '../src/ledger/ledger.ts'
import { ledgerTables } from '../src/ledger/ledger.ts'
import type { Edit } from '../src/ledger/record/amend-record.ts'
import type { AnswersFor } from '../src/ledger/record/bind-drafted.ts'
import type { Channel } from '../src/ports/transport.ts'
import { createCopies, renameLedger, siblingTables } from '../src/siblings/copies.ts'
import { encodeLedgerFrame, type LedgerFrame } from '../src/siblings/frames.ts'
import { runLedgerSession } from '../src/siblings/ledger-session.ts'
import { createSiblingLinks } from '../src/siblings/sibling-links.ts'
import { analyst, national, openLedger, released, supplier } from './ledger-fixture.ts'

const newSigner = () => createEd25519Signer(generateKeyPairSync('ed25519').privateKey)
const authority = newSigner()
const answersFor: AnswersFor = (order, signatures) =>
  signatures.some((jws) => {
    try {
      const signed = openJws(jws, labelOrderType, authority.publicKey, verifyEd25519)
      return digestOf(signed) === digestOf({ nation: 'USA', ...order })
    } catch {
      return false
    }
  })

interface TestNode {
  readonly ledger: Ledger
  readonly db: Database
  readonly sibling: Sibling
}

async function node(name: string, drafts = false, db = fresh()): Promise<TestNode> {
  const ledger = await openLedger(db, name)
  return { ledger, db, sibling: { peerId: name, endpoints: [], name, key: '', drafts } }
}
const fresh = () => openDatabase(':memory:', [ledgerTables, siblingTables])
const limits = { maxFrameBytes: 8 * 1024 * 1024, highWaterBytes: 1024 * 1024 }
const tokens = () => randomBytes(16).toString('hex')
const edit = (of: TestNode, id: RecordId, change: Edit) => of.ledger.edit(id, change, analyst)

const contextOf = ({ ledger, db, sibling }: TestNode, onEven = () => {}) => ({
  ledger,
  copies: createCopies(db, tokens),
  answersFor: sibling.drafts ? null : answersFor,
  onEven,
})

/** Lets two nodes meet until neither has anything more to say, and hangs up. @returns what either side refused */
async function meet(a: TestNode, b: TestNode): Promise<readonly unknown[]> {
  const ends = [a, b].map(({ sibling }) => ({ peerId: sibling.peerId, limits }))
  const { near, far, abort } = createMemoryChannelPair(ends[0] as never, ends[1] as never)
  const refused: unknown[] = []
  const watch = (error: unknown) => refused.push((error as { code?: unknown }).code)
  const running = [
    runLedgerSession(contextOf(a), near, b.sibling).catch(watch),
    runLedgerSession(contextOf(b), far, a.sibling).catch(watch),
  ]
  const same = () => {
    const [x, y] = [a, b].map(({ ledger }) => JSON.stringify([...ledger.shardHeads()].sort()))
    return x === y
  }
  for (let quiet = 0, i = 0; quiet < 5 && i < 400 && refused.length === 0; i++) {
    await new Promise((resolve) => setTimeout(resolve, 5))
    quiet = same() ? quiet + 1 : 0
  }
  abort(new Error('the test hangs up'))
  await Promise.all(running)
  return refused.filter((code) => code !== 'CHANNEL_RESET')
}

const allOf = ({ ledger }: TestNode) => ledger.list().map((record) => digestOf(record))
const fieldOf = ({ ledger }: TestNode, id: RecordId, name: string) => ledger.get(id)?.fields[name]

test('two nodes that were apart for two weeks have the same, and nothing is lost', async () => {
  const [hq, laptop] = [await node('hq'), await node('laptop', true)]
  const first = await hq.ledger.add(supplier('Works'), analyst)
  expect(await meet(hq, laptop)).toEqual([])
  expect(allOf(laptop)).toEqual(allOf(hq))
  // Apart: other fields of one record, one field of another, new records on both sides.
  const both = await hq.ledger.add(supplier('Forge'), analyst)
  expect(await meet(hq, laptop)).toEqual([])
  for (let day = 1; day <= 14; day++) {
    await edit(hq, first.id, {
      set: { size: { value: day % 2 ? 'small' : 'micro', label: released } },
    })
    await edit(laptop, first.id, { set: { products: { value: [`p${day}`], label: released } } })
    await laptop.ledger.add(supplier(`Drafted ${day}`), analyst)
    await hq.ledger.add(supplier(`Released ${day}`), analyst)
  }
  await edit(hq, both.id, { set: { legal_name: { value: 'Forge AS' } } })
  await edit(laptop, both.id, { set: { legal_name: { value: 'Forge ASA' } } })
  expect(await meet(laptop, hq)).toEqual([])
  expect(hq.ledger.list({}, { limit: 100 } as never).length).toBe(30)
  expect(allOf(laptop)).toEqual(allOf(hq))
  expect(fieldOf(hq, first.id, 'size')?.value).toBe('micro')
  expect(fieldOf(hq, first.id, 'products')?.value).toEqual(['p14'])
  const [conflict] = await hq.ledger.conflicts(both.id)
  expect(conflict?.candidates.map(({ value }) => value).sort()).toEqual(['Forge AS', 'Forge ASA'])
  expect(new Set(conflict?.candidates.map(({ node: writer }) => writer)).size).toBe(2)
})

test('what one node writes while the other listens arrives at once', async () => {
  const [hq, laptop] = [await node('hq'), await node('laptop', true)]
  const ends = [hq, laptop].map(({ sibling }) => ({ peerId: sibling.peerId, limits }))
  const { near, far, abort } = createMemoryChannelPair(ends[0] as never, ends[1] as never)
  const running = Promise.allSettled([
    runLedgerSession(contextOf(hq), near, laptop.sibling),
    runLedgerSession(contextOf(laptop), far, hq.sibling),
  ])
  const { id } = await laptop.ledger.add(supplier('Drafted'), analyst)
  await expect.poll(() => hq.ledger.get(id), { timeout: 30_000 }).toBeTruthy()
  await edit(hq, id, { set: { size: { value: 'small' } } })
  await expect.poll(() => fieldOf(laptop, id, 'size')?.value, { timeout: 30_000 }).toBe('small')
  abort(new Error('the test hangs up'))
  await running
})

test('case 44: a value set secret on one node and a label lowered on another stays secret', async () => {
  const [hq, laptop] = [await node('hq'), await node('laptop', true)]
  const { id } = await hq.ledger.add(
    supplier('Works', {
      size: { value: 'large', label: { ...released, classification: 'SECRET' } },
    }),
    analyst,
  )
  await meet(hq, laptop)
  await edit(hq, id, { set: { size: { value: 'medium', label: national } } })
  await widen(laptop, id, released, true)
  await meet(hq, laptop)
  expect(fieldOf(hq, id, 'size')).toMatchObject({ label: national, conflict: true })
  expect(allOf(laptop)).toEqual(allOf(hq))
})

/** Lowers the label of `size`, as an authority has ordered or as a changed node does by itself. */
async function widen(
  at: TestNode,
  id: RecordId,
  label: Label,
  isSigned: boolean,
  base?: string,
): Promise<string> {
  const change: Edit = { set: { size: { label } } }
  const labels = labelsOrdered(change.set ?? {})
  const values = digestOf(valuesOrdered(at.ledger.get(id)?.fields ?? {}, change.set ?? {}))
  const order = { record: id, base: base ?? (await at.ledger.base(id)), labels, values }
  const sentence = { nation: 'USA', ...order, reason: analyst.reason }
  const signer = isSigned ? authority : newSigner()
  const signatures = [signJws(labelOrderType, sentence, signer.sign)]
  await at.ledger.edit(id, change, analyst, () => ({
    by: 'Authority',
    labels,
    order: { base: order.base, labels, values, signatures },
  }))
  return order.base
}

test('a label that a drafting node widens counts only with the signature of an authority', async () => {
  const [hq, laptop] = [await node('hq'), await node('laptop', true)]
  const { id } = await hq.ledger.add(
    supplier('Works', { size: { value: 'large', label: national } }),
    analyst,
  )
  await meet(hq, laptop)
  await widen(laptop, id, released, false)
  await edit(laptop, id, { set: { legal_name: { value: 'Works AS' } } })
  await meet(hq, laptop)
  expect(fieldOf(hq, id, 'size')).toEqual({ value: 'large', label: national })
  expect(fieldOf(hq, id, 'legal_name')?.value).toBe('Works AS')
  // It hears of that, and says so itself.
  expect(allOf(laptop)).toEqual(allOf(hq))
  await widen(laptop, id, released, true)
  await edit(laptop, id, { set: { size: { value: 'medium' } } })
  await meet(hq, laptop)
  expect(fieldOf(hq, id, 'size')).toEqual({ value: 'medium', label: released })
})

test('an order that was signed before the label was narrowed widens it no second time', async () => {
  const [hq, laptop] = [await node('hq'), await node('laptop', true)]
  const { id } = await hq.ledger.add(
    supplier('Works', { size: { value: 'large', label: national } }),
    analyst,
  )
  await meet(hq, laptop)
  const base = await widen(laptop, id, released, true)
  await meet(hq, laptop)
  expect(fieldOf(hq, id, 'size')?.label).toEqual(released)
  await edit(hq, id, { set: { size: { label: national } } })
  await meet(hq, laptop)
  await widen(laptop, id, released, true, base)
  await meet(hq, laptop)
  expect(fieldOf(hq, id, 'size')).toEqual({ value: 'large', label: national })
  expect(allOf(laptop)).toEqual(allOf(hq))
})

test('a field that a drafting node takes out comes back no wider, and a tag it drops stays', async () => {
  const [hq, laptop] = [await node('hq'), await node('laptop', true)]
  const { id } = await hq.ledger.add(
    supplier('Works', { size: { value: 'large', label: national } }),
    analyst,
  )
  await meet(hq, laptop)
  await edit(laptop, id, { unset: ['size'] })
  await meet(hq, laptop)
  expect(fieldOf(hq, id, 'size')).toBeUndefined()
  await widen(laptop, id, released, false).catch(() => undefined)
  await laptop.ledger.edit(
    id,
    { set: { size: { value: 'large', label: released } } },
    analyst,
    () => ({
      by: 'nobody',
      labels: { size: released },
    }),
  )
  await meet(hq, laptop)
  expect(fieldOf(hq, id, 'size')?.label).toEqual(national)
})

test('a folder that was copied is refused as soon as the other one was here', async () => {
  const [hq, laptop] = [await node('hq'), await node('laptop', true)]
  expect(await meet(hq, laptop)).toEqual([])
  const copy = await node('laptop', true, copyOf(laptop.db))
  expect(await meet(hq, laptop)).toEqual([])
  expect(await meet(hq, copy)).toContain('NODE_COPIED')
  expect(await meet(hq, laptop)).toEqual([])
  // Restored on purpose, under a name of its own.
  renameLedger(copy.db, 'restored')
  const restored = await node('laptop restored', true, copy.db)
  await restored.ledger.add(supplier('After all'), analyst)
  expect(await meet(hq, restored)).toEqual([])
  expect(allOf(restored)).toEqual(allOf(hq))
})

test('two nodes of one name refuse each other', async () => {
  const hq = await node('hq')
  const twin = await node('hq', true)
  expect(await meet(hq, twin)).toContain('ACTOR_TWICE')
})

function copyOf(db: Database): Database {
  const copy = fresh()
  for (const { name } of db.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all())
    for (const row of db.prepare(`SELECT * FROM "${name}"`).all())
      copy
        .prepare(
          `INSERT OR REPLACE INTO "${name}" VALUES (${Object.keys(row)
            .map(() => '?')
            .join(', ')})`,
        )
        .run(...(Object.values(row) as string[]))
  return copy
}

const shard = '4NMNnkMhL8jXrdJ9jamS58PAVdXu'
const hello: LedgerFrame = { t: 'hello', actor: 'a'.repeat(16), token: null }
test.each<readonly [string, readonly Uint8Array[]]>([
  ['a shard that nobody has named', [encodeLedgerFrame({ t: 'sync', shard, part: 0, of: 1 })]],
  [
    'bytes that are no sync message',
    [
      encodeLedgerFrame({ t: 'list', shards: [[shard, '']] }),
      encodeLedgerFrame({ t: 'sync', shard, part: 0, of: 1 }, new Uint8Array([1, 2, 3])),
    ],
  ],
  ['a second hello', [encodeLedgerFrame(hello)]],
  ['a part out of order', [encodeLedgerFrame({ t: 'sync', shard, part: 1, of: 2 })]],
  ['no frame at all', [new Uint8Array([0xff, 0xfe])]],
])('%s ends the stream', async (_what, frames) => {
  const hq = await node('hq')
  await hq.ledger.add(supplier('Works'), analyst)
  const { near, far } = createMemoryChannelPair({ peerId: 'x', limits }, { peerId: 'hq', limits })
  const session = runLedgerSession(contextOf(hq), far, { ...hq.sibling, drafts: true })
  await near.send(encodeLedgerFrame(hello))
  for (const frame of frames) await near.send(frame).catch(() => undefined)
  await expect(session).rejects.toMatchObject({ code: 'LEDGER_FRAME' })
  expect(hq.ledger.shards().length).toBe(1)
})

test('the stream with a node whose key is revoked ends at once, and no other is opened', async () => {
  const [hq, laptop] = [await node('hq'), await node('laptop', true)]
  const { near, far } = createMemoryChannelPair(
    ...([hq, laptop].map(({ sibling }) => ({ peerId: sibling.peerId, limits })) as [never, never]),
  )
  const member = { revocations: [] as { key: string }[] }
  const deps = { db: hq.db, siblings: [{ ...laptop.sibling, key: 'stolen' }], self: { member } }
  let handler: (channel: Channel) => Promise<void> = async () => expect.fail()
  const transport = {
    ...{ peerId: 'z', connected: () => ['laptop'], on: () => () => {} },
    handle: async (_: string, handle: (channel: Channel) => Promise<void>) => {
      handler = handle
    },
  }
  const context = { deps, ledger: hq.ledger, transport, decides: true }
  await using links = await createSiblingLinks(context as never)
  // Of the two the other one opens the stream.
  const served = handler(near).catch((error: unknown) => error)
  const drawn = runLedgerSession(contextOf(laptop), far, hq.sibling).catch(
    (error: unknown) => error,
  )
  member.revocations.push({ key: 'stolen' })
  links.revoked()
  await Promise.all([served, drawn])
  expect(links.links()).toMatchObject([
    { trouble: 'the key of laptop is revoked: nothing is said to it' },
  ])
  await expect(handler(near)).rejects.toThrow('is revoked')
})
