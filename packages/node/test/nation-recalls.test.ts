import { generateKeyPairSync } from 'node:crypto'
import {
  type Member,
  type Nation,
  openNationRecall,
  sealRootRecall,
  signJws,
  toBase64url,
} from '@entente/schema'
import { expect, test } from 'vitest'
import { createEd25519Signer, verifyEd25519 } from '../src/adapters/ed25519.ts'
import { openDatabase } from '../src/adapters/sqlite-database.ts'
import type { Deps } from '../src/deps.ts'
import { tables } from '../src/layout.ts'
import { isKeptBack, letGo } from '../src/nation-recalls/kept-back.ts'
import { createNationRecalls } from '../src/nation-recalls/nation-recalls.ts'
import { noteNationPurge } from '../src/nation-recalls/note-nation-purge.ts'
import { isNationRecalled, recallsToName } from '../src/nation-recalls/recalled-records.ts'
import type { View } from '../src/view/view.ts'

const newKey = () => createEd25519Signer(generateKeyPairSync('ed25519').privateKey)
const keys = new Map(
  ['AUS', 'GBR', 'NOR', 'USA'].map((nation) => [nation, { root: newKey(), node: newKey() }]),
)
const keysOf = (nation: string) =>
  keys.get(nation) as { root: ReturnType<typeof newKey>; node: ReturnType<typeof newKey> }
const originOf = (nation: string) => `${nation.toLowerCase()}.example/release-log/1`
const recordOf = (n: number) => `urn:entente:${n.toString(16).padStart(32, '0')}`

/** What NOR knows of recalls, in a database of its own. */
function fresh() {
  const members = new Map(
    [...keys].map(([nation, { root, node }]) => {
      const nodes = [{ origin: originOf(nation), key: toBase64url(node.publicKey) }]
      const member = { root: root.publicKey, nodes, revocations: [] as object[] }
      return [nation as Nation, member as unknown as Member] as const
    }),
  )
  const db = openDatabase(':memory:', tables)
  const codes: string[] = []
  const journal = { refused: ({ code }: { code: string }) => codes.push(code) }
  const deps = {
    ...{ db, journal, roster: { members }, verify: verifyEd25519 },
    ...{
      nation: 'NOR',
      origin: originOf('NOR'),
      partners: new Map([
        ['USA', {}],
        ['GBR', {}],
      ]),
    },
  } as unknown as Deps
  const open = () => createNationRecalls(deps, { removeForeign: () => {} } as unknown as View)
  const revoke = (nation: string) => {
    const { revocations } = members.get(nation as Nation) as Member
    ;(revocations as object[]).push({ key: toBase64url(keysOf(nation).node.publicKey) })
  }
  const isRecalled = (nation: string, n: number) =>
    isNationRecalled(db, [nation], { record: recordOf(n) })
  return { db, deps, codes, open, revoke, isRecalled }
}
const said = (nation: string, n: number) => ({
  nation,
  records: [recordOf(n)],
  purge: true,
  reason: 'stolen',
  at: n,
})
const byNode = (nation: string, n: number) =>
  signJws(
    'entente-nation-recall',
    { ...said(nation, n), origin: originOf(nation) },
    keysOf(nation).node.sign,
  )
const byRoot = (nation: string, n: number) =>
  sealRootRecall(said(nation, n), keysOf(nation).root.sign)

test('a node that recalls ever more fills nobody’s memory, and crowds out no other nation and no root', () => {
  const { open, codes, isRecalled } = fresh()
  const known = open()
  const roots = [byRoot('USA', 1), byRoot('GBR', 2)]
  const british = [byNode('GBR', 3), byNode('GBR', 4)]
  known.take([...roots, ...british], 'GBR')
  const flood = Array.from({ length: 260 }, (_, i) => byNode('USA', 100 + i))
  expect(known.take(flood, 'USA')).toHaveLength(256)
  expect(new Set(codes)).toEqual(new Set(['NODE_RECALL_MANY']))
  const seals = known.seals()
  expect(seals).toHaveLength(260)
  // A frame holds the last ones.
  expect(seals.slice(-2)).toEqual(roots)
  expect(new Set(seals.slice(-6, -2))).toEqual(new Set([...british, flood[255], flood[254]]))
  // Its root goes on, and so do others.
  expect(known.take([byRoot('USA', 5), byNode('AUS', 6)], 'USA')).toHaveLength(2)
  expect([isRecalled('USA', 5), isRecalled('USA', 100), isRecalled('GBR', 100)]).toEqual([
    true,
    true,
    false,
  ])
  // What a process heard the next one tells.
  expect(new Set(open().seals())).toEqual(new Set(known.seals()))
})

test('what does not count here hides nothing of what stands behind it in a frame, and no word of a root', () => {
  const { open, codes, deps, revoke, isRecalled } = fresh()
  revoke('USA')
  ;(deps.roster.members as Map<string, unknown>).delete('GBR')
  const known = open()
  // Of a key that was revoked, of a nation that left, of a log that it does not have: 20 of each.
  const words = Array.from({ length: 20 }, (_, i) => [
    byNode('USA', 100 + i),
    byNode('GBR', 200 + i),
    byRoot('GBR', 300 + i),
    signJws(
      'entente-nation-recall',
      { ...said('AUS', 400 + i), origin: originOf('USA') },
      keysOf('AUS').node.sign,
    ),
  ]).flat()
  known.take([...words, byNode('AUS', 1), byRoot('USA', 2)], 'AUS')
  expect([isRecalled('AUS', 1), isRecalled('USA', 2)]).toEqual([true, true])
  expect(new Set(codes)).toEqual(
    new Set(['NODE_RECALL_REVOKED', 'ROOT_RECALL_NATION', 'NODE_RECALL_NODE']),
  )
  // What nobody has signed ends the frame, but for roots.
  const bad = Array.from({ length: 17 }, (_, i) => `${byNode('AUS', 500 + i).slice(0, -8)}AAAAAAAA`)
  known.take([...bad, byNode('AUS', 3), byRoot('AUS', 4)], 'AUS')
  expect([isRecalled('AUS', 3), isRecalled('AUS', 4)]).toEqual([false, true])
})

test('what a node recalled counts no more once its key is revoked, in whatever order both are heard', () => {
  const first = fresh()
  const known = first.open()
  known.take([byNode('USA', 1), byNode('GBR', 1), byRoot('USA', 2)], 'GBR')
  first.revoke('USA')
  known.recheck()
  const second = fresh()
  second.revoke('USA')
  const late = second.open()
  late.take([byNode('USA', 1), byNode('GBR', 1), byRoot('USA', 2)], 'GBR')
  expect(second.codes).toEqual(['NODE_RECALL_REVOKED'])
  for (const { seals, isRecalled } of [
    { seals: known.seals(), isRecalled: first.isRecalled },
    { seals: late.seals(), isRecalled: second.isRecalled },
    // It is forgotten by the next process too.
    { seals: first.open().seals(), isRecalled: first.isRecalled },
  ]) {
    expect([...seals].sort()).toEqual([byNode('GBR', 1), byRoot('USA', 2)].sort())
    expect([isRecalled('USA', 1), isRecalled('GBR', 1), isRecalled('USA', 2)]).toEqual([
      false,
      true,
      true,
    ])
  }
  // Told again it is refused, where it had counted before as well.
  expect(known.take([byNode('USA', 1)], 'GBR')).toEqual([])
})

test('what the own log says counts also where the process ended before it was carried out', () => {
  const { db, open, isRecalled } = fresh()
  db.prepare(
    "INSERT INTO statement(idx, kind, hash, at_ms, jws) VALUES (3, 'nation-recall', '', 7, ?)",
  ).run(byNode('NOR', 7))
  const known = open()
  expect(known.seals()).toEqual([byNode('NOR', 7)])
  expect(isRecalled('NOR', 7)).toBe(true)
  // It cannot know to whom another node of the nation gave it: all are asked for proof, and it stays back from all.
  const asked = db.prepare('SELECT recipient FROM root_recall_out ORDER BY 1').all()
  expect(asked.map(({ recipient }) => recipient)).toEqual(['GBR', 'USA'])
  const back = db.prepare('SELECT recipient FROM recalled_out ORDER BY 1').all()
  expect(back.map(({ recipient }) => recipient)).toEqual(['GBR', 'USA'])
})

test('a put that names one of two recalls counts as little as one that names none', () => {
  const { db, open } = fresh()
  const [one, two] = open()
    .take([byNode('USA', 1), byRoot('USA', 1)], 'USA')
    .map(({ digest }) => digest)
  const counts = (recalls?: readonly (string | undefined)[]) =>
    !isNationRecalled(db, ['USA', undefined], {
      record: recordOf(1),
      recalls: recalls as readonly string[] | undefined,
    })
  expect([counts(), counts([one]), counts([two]), counts([one, two])]).toEqual([
    false,
    false,
    false,
    true,
  ])
})

test('what a nation has recalled stays back also from who is paired later, until a person lets it go there', () => {
  const { db, deps, open, revoke } = fresh()
  const known = open()
  known.take([byNode('NOR', 1), byRoot('NOR', 2), byNode('USA', 3)], null)
  const kept = (nation: string) =>
    [1, 2, 3].filter((n) => isKeptBack(deps, nation as Nation, recordOf(n)))
  const partners = deps.partners as Map<string, unknown>
  partners.set('AUS', {})
  expect(kept('AUS')).toEqual([1, 2])
  expect(letGo(deps, 'AUS' as Nation, recordOf(1))).toBe(true)
  expect(letGo(deps, 'AUS' as Nation, recordOf(1))).toBe(false)
  expect([kept('AUS'), kept('USA')]).toEqual([[2], [1, 2]])
  // It is recalled once more, by another word.
  known.take([byRoot('NOR', 1)], null)
  expect(kept('AUS')).toEqual([1, 2])
  letGo(deps, 'AUS' as Nation, recordOf(1))
  // What had gone by the word of a key that is revoked stays back from all who are paired by then; no other word is looked at.
  partners.set('FIN', {})
  revoke('NOR')
  known.recheck()
  db.exec('DELETE FROM root_recalled')
  expect([kept('AUS'), kept('FIN'), kept('GBR')]).toEqual([[], [1], [1, 2]])
})

test('of more recalls than a put can name eight must be named, by who puts and by who takes in', () => {
  const { db, deps, open } = fresh()
  const words = (nation: string) =>
    Array.from({ length: 5 }, (_, i) =>
      signJws(
        'entente-nation-recall',
        { ...said(nation, 1), at: 1000 + i, origin: originOf(nation) },
        keysOf(nation).node.sign,
      ),
    )
  const seals = [...words('USA'), ...words('GBR'), byRoot('GBR', 1)]
  open().take(seals, 'USA')
  const recalls = recallsToName(db, recordOf(1), ['USA', 'GBR'])
  expect(recalls).toHaveLength(8)
  expect(isNationRecalled(db, ['USA', 'GBR'], { record: recordOf(1), recalls })).toBe(false)
  // What a root has said is among them.
  const root = openNationRecall(deps.roster.members, byRoot('GBR', 1), verifyEd25519).digest
  expect(recalls).toContain(root)
})

test('a purge by a word of ours that does not count tells what is held no longer, also where the key is revoked after it came', () => {
  const { db, deps, open, revoke } = fresh()
  const known = open()
  const word = byNode('NOR', 1)
  const nameOf = (seal: string) => openNationRecall(deps.roster.members, seal, verifyEd25519).digest
  const purge = (seal: string, more = {}) => {
    const digest = nameOf(seal)
    return { recall: { feed: digest, seq: 0, statement: digest }, purged: 1, ...more }
  }
  for (const [nation, n] of [
    ['USA', 1],
    ['USA', 2],
    ['GBR', 1],
  ] as const)
    db.prepare(
      "INSERT INTO held(recipient, record, dataset, digest, fields, withheld, policy) VALUES (?, ?, '', '', '{}', 0, '')",
    ).run(nation, recordOf(n))
  const held = () =>
    db
      .prepare('SELECT recipient, record FROM held ORDER BY 1, 2')
      .all()
      .map(({ recipient, record }) => [recipient, record])
  const all = held()
  // While it counts, as far as is known here, it is taken in as a word, or not at all; another nation's says nothing of ours.
  expect(noteNationPurge(deps, 'USA' as Nation, purge(word))).toBe(false)
  expect(noteNationPurge(deps, 'USA' as Nation, purge(word, { word }))).toBe(false)
  const other = byNode('GBR', 2)
  revoke('GBR')
  for (const [seal, named] of [
    [other, other],
    [word, other],
    [word, 'a.b.c'],
  ] as const)
    expect(noteNationPurge(deps, 'USA' as Nation, purge(seal, { word: named }))).toBe(false)
  expect(held()).toEqual(all)
  // They were kept, and are looked at again when the key is revoked.
  for (const [seq, said] of [purge(word), purge(word, { word })].entries()) {
    const jws = signJws('entente-purge', said, keysOf('USA').node.sign)
    db.prepare("INSERT INTO kept_in(feed, seq, sender, kind) VALUES ('f', ?, 'USA', 'purge')").run(
      seq,
    )
    db.prepare(
      "INSERT INTO statement_in(feed, seq, sender, idx, jws, salt, proof) VALUES ('f', ?, 'USA', ?, ?, x'', '')",
    ).run(seq, seq, jws)
  }
  revoke('NOR')
  known.recheck()
  expect(held()).toEqual(
    all.filter(([nation, record]) => nation !== 'USA' || record !== recordOf(1)),
  )
  expect(db.prepare('SELECT record FROM dirty').all()).toEqual([{ record: recordOf(1) }])
  expect(db.prepare('SELECT seq FROM kept_in').all()).toEqual([{ seq: 0 }])
})

test('a purge that came before the word that it names is proof of it', () => {
  const { db, deps, open } = fresh()
  const known = open()
  const word = byRoot('NOR', 1)
  const { digest } = openNationRecall(deps.roster.members, word, verifyEd25519)
  const said = { recall: { feed: digest, seq: 0, statement: digest }, purged: 3 }
  db.exec("INSERT INTO kept_in(feed, seq, sender, kind) VALUES ('f', 0, 'USA', 'purge')")
  db.prepare(
    "INSERT INTO statement_in(feed, seq, sender, idx, jws, salt, proof) VALUES ('f', 0, 'USA', 0, ?, x'', '')",
  ).run(signJws('entente-purge', said, keysOf('USA').node.sign))
  db.exec(
    "INSERT INTO feed_out(feed, recipient, dataset, seq, last) VALUES ('o', 'USA', 'd', 0, '')",
  )
  db.prepare(
    "INSERT INTO entry_out(idx, digest, feed, seq, record, opening) VALUES (0, '', 'o', 0, ?, ?)",
  ).run(recordOf(1), JSON.stringify(['', { op: 'put' }]))
  known.take([word], 'USA' as Nation)
  expect(db.prepare('SELECT recipient, purged FROM root_recall_out').all()).toEqual([
    { recipient: 'USA', purged: 3 },
  ])
  expect(db.prepare('SELECT 1 FROM kept_in').all()).toEqual([])
})
