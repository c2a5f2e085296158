import { createHmac } from 'node:crypto'
import { loadOwn, type RunningNode } from '@entente/node'
import { concatBytes, hmacSha256, type Json, peekJws, sha256, signJws, utf8 } from '@entente/schema'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createFederation, type Federation } from '../support/federation.ts'
import { inSync, openServing, readRows } from '../support/scenario.ts'

// AUS sees every entry of the log of the USA, and guesses what the USA has said to GBR. It even has the key to say it.
let federation: Federation
/** Entries of the log, as everybody may read them, and what AUS has of it by right. */
let entries: Uint8Array[]
let own: { readonly jws: string; readonly salt: Uint8Array }
/** Every statement that the USA can plausibly have made to GBR about then. */
let plausible: string[]
/** What it did say to GBR, which AUS does not know. */
let said: { readonly idx: number; readonly jws: string; readonly salt: Uint8Array }

const datasets = ['production', 'needs', 'internal']

beforeAll(async () => {
  federation = createFederation(['AUS', 'GBR', 'USA'])
  const [usa, , aus] = (await openServing(federation, ['USA', 'GBR', 'AUS'])) as RunningNode[]
  await usa?.subscribe({ dataset: 'needs', from: 'AUS', action: 'subscribe' })
  await usa?.subscribe({ dataset: 'production', from: 'GBR', action: 'subscribe' })
  if (usa !== undefined) for (const partner of ['AUS', 'GBR']) await inSync(usa, partner)
  const rows = readRows(federation.folder('USA'), 'SELECT * FROM statement ORDER BY idx')
  const toGbr = rows.find(({ jws }) => recipientOf(jws as string) === 'GBR')
  said = toGbr as unknown as typeof said
  entries = readRows(federation.folder('USA'), 'SELECT entry FROM entry ORDER BY idx').map(
    (row) => row['entry'] as Uint8Array,
  )
  ;[own] = readRows(
    federation.folder(aus?.nation ?? ''),
    "SELECT jws, salt FROM statement_in WHERE sender = 'USA'",
  ) as unknown as [typeof own]
  plausible = dictionary()
})
afterAll(() => federation[Symbol.asyncDispose]())

const payloadOf = (jws: string) => peekJws(jws).payload as Readonly<Record<string, Json>>
const recipientOf = (jws: string) => payloadOf(jws)['recipient']

/** Like a statement of its kind that AUS has itself, to another, about anything, at any time within a quarter of a second. */
function dictionary(): string[] {
  const { sign } = loadOwn(federation.folder('USA')).keys.statement
  const { typ } = peekJws(own.jws)
  const mine = payloadOf(own.jws)
  const about = Number(payloadOf(said.jws)['at'])
  const begin = about - (about % 250)
  return datasets.flatMap((dataset) =>
    ['subscribe', 'unsubscribe'].flatMap((action) =>
      Array.from({ length: 250 }, (_, i) =>
        signJws(typ, { ...mine, dataset, action, recipient: 'GBR', at: begin + i }, sign),
      ),
    ),
  )
}

type Commit = (jws: string) => Uint8Array
/** Leaves of a log that some guess opens under some way of commitment. */
function opened(log: readonly Uint8Array[], ways: readonly Commit[]): number[] {
  const at = new Map(log.map((entry, index) => [Buffer.from(entry).toString('hex'), index]))
  const found = plausible.flatMap((jws) =>
    ways.flatMap((commit) => at.get(Buffer.from(commit(jws)).toString('hex')) ?? []),
  )
  return [...new Set(found)]
}

const leafOf = (commitment: Uint8Array) => concatBytes(Uint8Array.of(1), commitment)
const fast = (key: Uint8Array, jws: string) =>
  new Uint8Array(createHmac('sha256', key).update(jws).digest())
const unsalted: Commit = (jws) => leafOf(sha256(utf8(jws)))
const withOwnSalt: Commit = (jws) => leafOf(fast(own.salt, jws))
/** Salts that a careless log might have. */
const careless: readonly Commit[] = [
  unsalted,
  withOwnSalt,
  (jws) => leafOf(fast(new Uint8Array(0), jws)),
  (jws) => leafOf(fast(new Uint8Array(32), jws)),
  (jws) => leafOf(fast(sha256(utf8(jws)), jws)),
  ...[0, 1, 2, 3].map(
    (index): Commit =>
      (jws) =>
        leafOf(fast(sha256(utf8(String(index))), jws)),
  ),
]

test('case 34: a dictionary of all plausible statements, with the very one in it, opens no leaf of a neighbour', () => {
  expect(plausible).toContain(said.jws)
  expect(leafOf(hmacSha256(said.salt, utf8(said.jws)))).toEqual(entries[said.idx])
  expect(opened(entries, careless)).toEqual([])
})

test('case 34: the same dictionary opens the leaf of a log without salts, and of one with the same salt for all', () => {
  const at = said.idx
  for (const way of [unsalted, withOwnSalt])
    expect(opened(entries.with(at, way(said.jws)), [way])).toEqual([at])
})

test('case 34: every leaf has 32 bytes of salt that no other has', () => {
  const salts = readRows(federation.folder('USA'), 'SELECT salt FROM statement').map(({ salt }) =>
    Buffer.from(salt as Uint8Array).toString('hex'),
  )
  expect(salts.length).toBeGreaterThan(2)
  expect(new Set(salts).size).toBe(salts.length)
  expect(salts.filter((salt) => salt.length !== 64)).toEqual([])
})
