import type { NodeCertificate, Revocation } from '@entente/schema'
import { expect, test } from 'vitest'
import { openDatabase } from '../src/adapters/sqlite-database.ts'
import { closeEnded } from '../src/admit/close-ended.ts'
import { hideRevoked } from '../src/admit/hide-revoked.ts'
import type { Deps } from '../src/deps.ts'
import { tables } from '../src/layout.ts'
import type { View } from '../src/view/view.ts'

const jwsOf = (origin: string): string =>
  ['{"typ":"x"}', JSON.stringify({ origin }), 'x']
    .map((part) => Buffer.from(part).toString('base64url'))
    .join('.')
const certificate = (origin: string, peerId: string, more: Partial<NodeCertificate> = {}) =>
  ({ origin, peerId, key: `key of ${origin}`, from: 0, ...more }) as NodeCertificate
const releaser = { roles: ['releaser'] } as Partial<NodeCertificate>

test('a revoked office keeps what was good of it, also after a restart; a log that was retired is closed', () => {
  using db = openDatabase(':memory:', tables)
  const main = certificate('main/2', 'main')
  const nodes = [
    certificate('main/1', 'main'),
    certificate('office/1', 'office', releaser),
    main,
    certificate('office/2', 'office', releaser),
  ]
  const revocations = [
    { origin: 'office/2', key: 'key of office/2', lastGood: 10 },
  ] as unknown as Revocation[]
  // As a revocation leaves the lists: the office is no node any more that anybody talks to.
  const member = { nodes, revocations, further: [] }
  const partner = { nation: 'GBR', member, log: { origin: 'main/2' } }
  const deps = { db, partners: new Map([['GBR', partner]]) } as unknown as Deps
  const shown = new Set<string>()
  const view = { removeForeign: (_: string, id: string) => shown.delete(id) } as unknown as View
  const say = (origin: string, seq: number, idx: number) => {
    db.prepare(
      'INSERT OR IGNORE INTO feed_in(feed, sender, dataset, seq, last, body_seq) VALUES (?, ?, ?, ?, ?, ?)',
    ).run(`feed of ${origin}`, 'GBR', origin, seq, 'x', seq)
    db.prepare(
      "INSERT INTO statement_in(feed, seq, sender, idx, jws, salt, proof) VALUES (?, ?, 'GBR', ?, ?, x'', '')",
    ).run(`feed of ${origin}`, seq, idx, jwsOf(origin))
    const record = `${origin} ${idx}`
    db.prepare(
      "INSERT INTO held_in(feed, record, seq, digest, json, authority) VALUES (?, ?, ?, 'd', '{}', '{}')",
    ).run(`feed of ${origin}`, record, seq)
    shown.add(record)
  }
  for (const origin of ['main/1', 'main/2', 'office/1']) say(origin, 0, 5)
  say('office/2', 0, 10)
  say('office/2', 1, 11)
  for (let start = 0; start < 2; start++) {
    closeEnded(deps, view)
    hideRevoked(deps, view)
    expect([...shown].sort()).toEqual(['main/2 5', 'office/2 10'])
  }
})
