import { readSigner, revokeKey, rotateKey } from '@entente/node'
import { expect, test } from 'vitest'
import { createFederation, type Federation } from '../support/federation.ts'
import { dropOf, fragmentOf, putOf } from '../support/hostile-sender.ts'
import { openPair } from '../support/pair.ts'
import { refusalOf } from '../support/receiver.ts'

// Somebody has the USA's statement key. Leaf 0 is the genesis, leaf 1 the policy, leaf 2 the first release.
const atMs = Date.UTC(2026, 8, 21)
const first = fragmentOf('USA', { title: 'first' })
const second = fragmentOf('USA', { title: 'second' })

function revoke(federation: Federation, lastGood: number | null): void {
  const root = readSigner(federation.rootKey('USA'))
  revokeKey(federation.folder('USA'), root, { lastGood, reason: 'stolen', atMs })
  federation.renew()
}

test('what a key signed up to its last good leaf is admitted, whenever it comes; what it signed later is refused', async () => {
  await using federation = createFederation(['GBR', 'USA'])
  revoke(federation, 2)
  using gbr = openPair(federation, atMs)
  gbr.send([putOf(first)], [first])
  expect(gbr.state()['view']).toHaveLength(1)
  expect(refusalOf(() => gbr.send([putOf(second)], [second]))).toBe('KEY_REVOKED')
  expect(gbr.state()['view']).toHaveLength(1)
})

test('a policy after the last good leaf puts nothing in force', async () => {
  await using federation = createFederation(['GBR', 'USA'])
  revoke(federation, 0)
  using gbr = openPair(federation, atMs)
  expect(refusalOf(() => gbr.send([putOf(first)], [first]))).toBe('KEY_REVOKED')
})

test('a notice under a revoked key hides nothing', async () => {
  await using federation = createFederation(['GBR', 'USA'])
  revoke(federation, 2)
  using gbr = openPair(federation, atMs)
  gbr.send([putOf(first)], [first])
  const drop = dropOf(first.head.id)
  const { usa } = gbr
  const statement = usa.log('release', usa.release([drop], { effect: 'narrow' }))
  const notice = usa.notice(statement, [drop])
  expect(refusalOf(() => gbr.admission.notice(gbr.partner('USA'), notice))).toBe('KEY_REVOKED')
  expect(gbr.state()['hidden']).toEqual([])
})

test('a new key signs nothing before its first leaf', async () => {
  await using federation = createFederation(['GBR', 'USA'])
  rotateKey(federation.folder('USA'), readSigner(federation.rootKey('USA')), { from: 2 })
  federation.renew()
  using gbr = openPair(federation, atMs)
  // Everything is signed with the new key, the policy at leaf 1 too.
  expect(refusalOf(() => gbr.send([putOf(first)], [first]))).toBe('JWS_SIGNATURE')
})
