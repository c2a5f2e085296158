import { generateKeyPairSync } from 'node:crypto'
import { createVerifierKey, KEY_TYPE, signCheckpoint } from '@entente/tlog'
import { expect, test } from 'vitest'
import { createEd25519Signer, verifyEd25519 } from '../src/adapters/ed25519.ts'
import { openDatabase } from '../src/adapters/sqlite-database.ts'
import type { Deps } from '../src/deps.ts'
import { tables } from '../src/layout.ts'
import { ALONE, createStartGuard } from '../src/log/start-guard.ts'

const origin = 'nor.example/release-log/1'
const { publicKey, sign } = createEd25519Signer(generateKeyPairSync('ed25519').privateKey)
const key = createVerifierKey(origin, KEY_TYPE.ed25519, publicKey)
const rootOf = (size: number) => new Uint8Array(32).fill(size)
const noteAt = (size: number, root = rootOf(size)) =>
  signCheckpoint({ origin, size, root }, { key, sign })

test('what a partner has shown keeps this node from signing until its log holds that, --alone or not', () => {
  using db = openDatabase(':memory:', tables)
  const deps = {
    ...{ db, origin, verify: verifyEd25519, journal: { frozen: () => {} } },
    ...{ partners: new Map([['GBR', {}]]), self: { log: { origin, key } } },
  } as unknown as Deps
  /** The node opened with a log of so many leaves, told that nobody need be asked. */
  const open = (size: number, of = origin) => {
    const log = { head: () => ({ size, root: rootOf(size) }), rootAt: rootOf } as never
    const headFile = { read: () => size, write: () => {} }
    return createStartGuard({ ...deps, origin: of }, log, headFile, null, ALONE, null, size)
  }
  const guard = open(5)
  expect(guard.told('GBR', noteAt(4))).toBe(true)
  expect(open(5).state().state).toBe('serving')
  for (const size of [9, 7]) expect(guard.told('GBR', noteAt(size))).toBe(false)
  const words = expect.stringContaining('GBR holds a checkpoint of our log at size 7')
  expect(open(5).state()).toEqual({ state: 'frozen', words })
  // Recovered in part, then whole.
  expect(open(8).state().state).toBe('frozen')
  expect(open(9).state().state).toBe('serving')
  // Another history of a size that we hold is never recovered; the log that follows a retired one is free of it.
  open(9).told('GBR', noteAt(3, rootOf(99)))
  expect(open(9).state().state).toBe('frozen')
  expect(open(9, 'nor.example/release-log/2').state().state).toBe('serving')
})

test('a thief of the log key fills no disk with what he shows', () => {
  using db = openDatabase(':memory:', tables)
  const deps = {
    ...{ db, origin, verify: verifyEd25519, journal: { frozen: () => {} } },
    ...{ partners: new Map(), self: { log: { origin, key } } },
  } as unknown as Deps
  const log = { head: () => ({ size: 0, root: rootOf(0) }), rootAt: rootOf } as never
  const guard = createStartGuard(deps, log, { read: () => 0, write: () => {} }, null, false, null)
  for (let size = 1; size < 100; size++) guard.told('GBR', noteAt(size, rootOf(1)))
  expect(db.prepare('SELECT count(*) AS n FROM shown_note').get()).toEqual({ n: 64 })
})

test('a node that is alone signs only if nobody has ever seen its log, and asks the first partner that it is paired with', () => {
  using db = openDatabase(':memory:', tables)
  const open = (partners: readonly string[], resumedAt: number | null) => {
    const deps = {
      ...{ db, origin, verify: verifyEd25519, journal: { frozen: () => {} } },
      ...{ partners: new Map(partners.map((n) => [n, {}])), self: { log: { origin, key } } },
    } as unknown as Deps
    const log = { head: () => ({ size: 5, root: rootOf(5) }), rootAt: rootOf } as never
    const headFile = { read: () => 5, write: () => {} }
    return createStartGuard(deps, log, headFile, null, false, null, resumedAt).state().state
  }
  // What a node alone has published nobody has cosigned.
  db.exec("INSERT INTO checkpoint(size, note, published_ms) VALUES (5, '', 1)")
  expect([open([], null), open([], 5)]).toEqual(['serving', 'serving'])
  // Just paired: this folder may be a copy of before an earlier pairing.
  expect(open(['GBR'], 5)).toBe('asking')
  db.exec("UPDATE checkpoint SET cosigs = 'cosigned'")
  expect([open(['GBR'], 5), open(['GBR'], null)]).toEqual(['serving', 'asking'])
  // Its last partner was cut off: in this process, or before an old copy was started.
  expect([open([], 5), open([], null)]).toEqual(['serving', 'asking'])
})
