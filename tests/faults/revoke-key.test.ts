import { type RunningNode, readSigner, revokeKey, rotateKey, verifyEd25519 } from '@entente/node'
import { keyBytes, openJws, peekJws, statementType } from '@entente/schema'
import { expect, test } from 'vitest'
import { createFederation, eventually } from '../support/federation.ts'
import { capability, inSync, livePolicy, openServing, readRows } from '../support/scenario.ts'

test('a key is revoked: what it had released since is hidden, what was good stays, and its successor goes on', async () => {
  await using federation = createFederation(['GBR', 'USA'])
  const [usa, gbr] = (await openServing(federation, ['USA', 'GBR'])) as [RunningNode, RunningNode]
  await usa.policyInstall(federation.sign('USA', livePolicy('USA')))
  await gbr.subscribe({ dataset: 'production', from: 'USA', action: 'subscribe' })
  await usa.recordAdd(capability({ title: 'released while the key was good' }))
  await eventually('GBR sees it', async () => (await gbr.search({ text: 'good' }))[0])
  await inSync(usa, 'GBR')
  const folder = federation.folder('USA')
  const sizeOf = () => readRows(folder, 'SELECT size FROM head')[0]?.['size'] as number
  const lastGood = sizeOf() - 1
  await usa.recordAdd(capability({ title: 'released by a thief' }))
  await eventually('GBR sees it', async () => (await gbr.search({ text: 'thief' }))[0])
  await inSync(usa, 'GBR')
  for (const node of [usa, gbr]) await node[Symbol.asyncDispose]()

  const root = readSigner(federation.rootKey('USA'))
  // It cannot be taken back: a leaf that is not there yet would let a thief go on up to it.
  const mistyped = { lastGood: sizeOf(), reason: 'stolen', atMs: Date.now() }
  expect(() => revokeKey(folder, root, mistyped)).toThrow(`the leaves 0 to ${sizeOf() - 1}`)
  const revoked = revokeKey(folder, root, { lastGood, reason: 'stolen', atMs: Date.now() })
  federation.renew()
  // Without another key the node signs nothing, and says what to do.
  const frozen = await federation.open('USA')
  const status = await frozen.status()
  expect(status.state).toBe('frozen')
  expect(status.words).toContain('entente key rotate --now')
  await frozen[Symbol.asyncDispose]()

  const rotated = rotateKey(folder, root, { from: 'head' })
  expect(rotated.from).toBe(sizeOf())
  federation.renew()
  const gbr2 = await federation.open('GBR')
  expect(await gbr2.search({ text: 'thief' })).toEqual([])
  expect(await gbr2.search({ text: 'good' })).toHaveLength(1)
  const usa2 = await federation.open('USA')
  // Its feed begins anew; what stands in the ledger is released again, under the next key.
  await eventually('GBR sees it', async () => (await gbr2.search({ text: 'thief' }))[0])
  await usa2.recordAdd(capability({ title: 'released under the next key' }))
  await eventually('GBR sees it', async () => (await gbr2.search({ text: 'next' }))[0])
  await inSync(usa2, 'GBR')

  // Certificate and revocation stand in the log, each in a leaf that the new key signs.
  const logged = readRows(folder, "SELECT idx, jws FROM statement WHERE kind = 'key' ORDER BY idx")
  const said = logged.map(({ jws }) =>
    openJws(String(jws), statementType('key'), keyBytes(rotated.key), verifyEd25519),
  ) as { action: string; seal: string }[]
  expect(
    said.map(({ action, seal }) => [action, (peekJws(seal).payload as { key: string }).key]),
  ).toEqual([
    ['certify', rotated.key],
    ['revoke', revoked.key],
  ])
  expect(logged[0]?.['idx']).toBe(rotated.from)
})

test('a policy whose leaf no longer counts is committed anew, and releases rest on that', async () => {
  await using federation = createFederation(['GBR', 'USA'])
  const [usa, gbr] = (await openServing(federation, ['USA', 'GBR'])) as [RunningNode, RunningNode]
  await usa.policyInstall(federation.sign('USA', livePolicy('USA')))
  await gbr.subscribe({ dataset: 'production', from: 'USA', action: 'subscribe' })
  await usa.recordAdd(capability({ title: 'under a policy of the old key' }))
  await eventually('GBR sees it', async () => (await gbr.search({ text: 'old' }))[0])
  await inSync(usa, 'GBR')
  for (const node of [usa, gbr]) await node[Symbol.asyncDispose]()
  const root = readSigner(federation.rootKey('USA'))
  const folder = federation.folder('USA')
  revokeKey(folder, root, { lastGood: 0, reason: 'stolen', atMs: Date.now() })
  const { from } = rotateKey(folder, root, { from: 'head' })
  federation.renew()
  const [usa2, gbr2] = (await openServing(federation, ['USA', 'GBR'])) as [RunningNode, RunningNode]
  await usa2.recordAdd(capability({ title: 'under one of the new key' }))
  await eventually('GBR sees it', async () => (await gbr2.search({ text: 'new' }))[0])
  const [policy] = readRows(folder, 'SELECT idx FROM policy_edition')
  expect(policy?.['idx']).toBeGreaterThanOrEqual(from)
})

test('a partner that was away meanwhile admits nothing of a revoked key, and goes on with the feed that follows', async () => {
  await using federation = createFederation(['GBR', 'NOR', 'USA'])
  const [usa, gbr, nor] = (await openServing(federation, ['USA', 'GBR', 'NOR'])) as [
    RunningNode,
    RunningNode,
    RunningNode,
  ]
  await usa.policyInstall(federation.sign('USA', livePolicy('USA')))
  await gbr.subscribe({ dataset: 'production', from: 'USA', action: 'subscribe' })
  await usa.recordAdd(capability({ title: 'before' }))
  await eventually('GBR sees it', async () => (await gbr.search({ text: 'before' }))[0])
  await inSync(usa, 'GBR')
  await gbr[Symbol.asyncDispose]()
  const folder = federation.folder('USA')
  const lastGood = (readRows(folder, 'SELECT size FROM head')[0]?.['size'] as number) - 1
  await usa.recordAdd(capability({ title: 'meanwhile' }))
  await eventually('it is published', async () => {
    const { log } = await usa.status()
    return log.size > lastGood + 1 && log.published === log.size
  })
  for (const node of [usa, nor]) await node[Symbol.asyncDispose]()
  const root = readSigner(federation.rootKey('USA'))
  revokeKey(folder, root, { lastGood, reason: 'stolen', atMs: Date.now() })
  const { from } = rotateKey(folder, root, { from: 'head' })
  federation.renew()
  const [, gbr2] = (await openServing(federation, ['USA', 'GBR', 'NOR'])) as RunningNode[]
  await eventually('GBR sees it', async () => (await gbr2?.search({ text: 'meanwhile' }))?.[0])
  const admitted = readRows(
    federation.folder('GBR'),
    "SELECT idx FROM statement_in WHERE sender = 'USA'",
  )
  expect(admitted.filter(({ idx }) => Number(idx) > lastGood && Number(idx) < from)).toEqual([])
})

test('a planned rotation fills the log up to the new key, and partners notice nothing', async () => {
  await using federation = createFederation(['GBR', 'USA'])
  const [usa, gbr] = (await openServing(federation, ['USA', 'GBR'])) as [RunningNode, RunningNode]
  await usa.policyInstall(federation.sign('USA', livePolicy('USA')))
  await gbr.subscribe({ dataset: 'production', from: 'USA', action: 'subscribe' })
  await usa.recordAdd(capability({ title: 'before' }))
  await eventually('GBR sees it', async () => (await gbr.search({ text: 'before' }))[0])
  await inSync(usa, 'GBR')
  const rotated = rotateKey(federation.folder('USA'), readSigner(federation.rootKey('USA')), {
    from: 1_000,
  })
  await usa.recordAdd(capability({ title: 'meanwhile' }))
  await eventually('GBR sees it', async () => (await gbr.search({ text: 'meanwhile' }))[0])
  await inSync(usa, 'GBR')
  for (const node of [usa, gbr]) await node[Symbol.asyncDispose]()
  federation.renew()
  const [usa2, gbr2] = (await openServing(federation, ['USA', 'GBR'])) as [RunningNode, RunningNode]
  await usa2.recordAdd(capability({ title: 'after' }))
  await eventually('GBR sees it', async () => (await gbr2.search({ text: 'after' }))[0])
  await inSync(usa2, 'GBR')
  for (const text of ['before', 'meanwhile', 'after'])
    expect(await gbr2.search({ text })).toHaveLength(1)
  const first = readRows(federation.folder('USA'), 'SELECT jws FROM statement WHERE idx = 1000')
  expect(peekJws(String(first[0]?.['jws'])).typ).toBe('entente-key')
  expect(rotated.from).toBe(1_000)
})

test('a new key whose first leaf has come without it is not installed', async () => {
  await using federation = createFederation(['GBR', 'USA'])
  const [usa, gbr] = (await openServing(federation, ['USA', 'GBR'])) as [RunningNode, RunningNode]
  const root = readSigner(federation.rootKey('USA'))
  const folder = federation.folder('USA')
  rotateKey(folder, root, { from: 'head' })
  await usa.policyInstall(federation.sign('USA', livePolicy('USA')))
  for (const node of [usa, gbr]) await node[Symbol.asyncDispose]()
  expect(() => federation.renew()).toThrow(expect.objectContaining({ code: 'KEY_LATE' }))
  rotateKey(folder, root)
  federation.renew()
})
