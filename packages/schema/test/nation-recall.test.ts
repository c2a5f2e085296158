import { expect, test } from 'vitest'
import { toBase64url } from '../src/bytes.ts'
import { signJws } from '../src/jws.ts'
import { openNationRecall, rootRecallType, sealRootRecall } from '../src/nation-recall.ts'
import type { Member } from '../src/roster.ts'
import { signerOf, verifyEd25519 } from './signers.ts'

const keyOf = (seed: number) => toBase64url(signerOf(seed).publicKey)
const main = 'usa.example/release-log/1'
const office = 'usa.example/office/release-log/1'
const keeper = 'usa.example/keeper/release-log/1'
const type = 'entente-nation-recall'

/** A main node whose key was changed, an office that releases, a node that may not, and a root (seed 1); key 12 is revoked where asked. */
function membersOf(revoked: readonly number[] = []) {
  const nodes = [
    { origin: main, key: keyOf(10), from: 0 },
    { origin: office, key: keyOf(12), roles: ['releaser'] },
    { origin: keeper, key: keyOf(13), roles: ['receiver', 'witness'] },
    { origin: main, key: keyOf(11), from: 40 },
  ]
  const of = (root: number, own: readonly object[]) =>
    ({
      root: signerOf(root).publicKey,
      nodes: own,
      revocations: revoked.map((seed) => ({ key: keyOf(seed), lastGood: 7 })),
    }) as unknown as Member
  return new Map([
    ['USA', of(1, nodes)],
    ['GBR', of(2, [{ origin: 'gbr.example/release-log/1', key: keyOf(20) }])],
  ])
}
const said = {
  nation: 'USA',
  records: [`urn:entente:${'a'.repeat(32)}`],
  purge: true,
  reason: 'stolen',
  at: 5,
}
const word = (seed: number, origin = office, change: object = {}) =>
  signJws(type, { ...said, origin, ...change }, signerOf(seed).sign)
const opened = (seal: string, revoked: readonly number[] = []) =>
  openNationRecall(membersOf(revoked), seal, verifyEd25519)
const codeOf = (seal: string): unknown => {
  try {
    return opened(seal)
  } catch (error) {
    return (error as { readonly code?: string }).code
  }
}

test('the word of the root, and of each node that releases for it, are opened alike', () => {
  const byRoot = opened(sealRootRecall(said, signerOf(1).sign))
  expect(byRoot).toMatchObject({ recall: said, origin: null, isRevoked: false })
  const byOffice = opened(word(12))
  expect(byOffice).toMatchObject({ recall: said, origin: office, isRevoked: false })
  // Each has a name of its own.
  expect(byOffice.digest).not.toBe(byRoot.digest)
  expect(opened(word(11, main)).digest).not.toBe(byOffice.digest)
  // A node that has changed its key is held to what it said before.
  expect(opened(word(10, main)).isRevoked).toBe(false)
})

test('a key that is revoked, after whatever leaf, recalls nothing, and others do', () => {
  expect(opened(word(12), [12]).isRevoked).toBe(true)
  expect(opened(word(11, main), [12]).isRevoked).toBe(false)
  expect(opened(word(10, main), [11]).isRevoked).toBe(false)
  expect(opened(sealRootRecall(said, signerOf(1).sign), [12]).isRevoked).toBe(false)
})

test('a node that its root has certified anew to release no longer recalls nothing, by whatever key it had', () => {
  const isRevoked = (nodes: readonly object[], seed: number) => {
    const member = { ...membersOf().get('USA'), nodes } as unknown as Member
    return openNationRecall(new Map([['USA', member]]), word(seed), verifyEd25519).isRevoked
  }
  const first = { origin: office, key: keyOf(12), roles: ['releaser'] }
  const kept = { origin: keeper, key: keyOf(13), roles: ['receiver', 'witness'] }
  expect(isRevoked([first, kept], 12)).toBe(false)
  expect(isRevoked([first, { ...first, roles: ['receiver', 'witness'] }], 12)).toBe(true)
  expect(isRevoked([first, { ...first, key: keyOf(13), roles: ['witness'] }], 12)).toBe(true)
  expect(isRevoked([first, { ...first, key: keyOf(13) }], 12)).toBe(false)
})

test.each([
  ['another nation’s node in its name', word(20), 'NODE_RECALL_SIGNATURE'],
  [
    'another nation’s node, of its own log',
    word(20, 'gbr.example/release-log/1'),
    'NODE_RECALL_NODE',
  ],
  ['another node of the nation under this one’s log', word(11), 'NODE_RECALL_SIGNATURE'],
  ['a node that is not certified to release', word(13, keeper), 'NODE_RECALL_NODE'],
  [
    'a node that nobody has certified',
    word(12, 'usa.example/other/release-log/1'),
    'NODE_RECALL_NODE',
  ],
  ['a nation that is not in the roster', word(12, office, { nation: 'NOR' }), 'ROOT_RECALL_NATION'],
  [
    'a node that signs as the root does',
    signJws(rootRecallType, said, signerOf(12).sign),
    'ROOT_RECALL_SIGNATURE',
  ],
  ['the root that signs as a node does', word(1), 'NODE_RECALL_SIGNATURE'],
  ['a word with more in it', word(12, office, { more: 1 }), 'ROOT_RECALL_FORM'],
  ['no record', word(12, office, { records: [] }), 'ROOT_RECALL_FORM'],
  [
    'another statement of the node',
    signJws('entente-pad', { origin: office, at: 5 }, signerOf(12).sign),
    'ROOT_RECALL_FORM',
  ],
  ['no JWS', 'a.b.c', 'ROOT_RECALL_FORM'],
  ['nothing', '', 'ROOT_RECALL_FORM'],
])('refuses %s', (_, seal, code) => {
  expect(codeOf(seal)).toBe(code)
})
