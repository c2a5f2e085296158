import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { auditOf } from '../support/audit-bundles.ts'
import { createFederation, eventually } from '../support/federation.ts'
import { installAt, joinFederation, openAt } from '../support/further-node.ts'
import {
  capability,
  inSync,
  livePolicy,
  openServing,
  readRows,
  refusals,
} from '../support/scenario.ts'

const GBR_HOLDS =
  "SELECT record, jws FROM held_in JOIN statement_in ON statement_in.feed = held_in.feed AND statement_in.seq = 0 WHERE sender = 'USA'"

test('a dataset is handed over to another node and back, and nobody else releases it', async () => {
  await using federation = createFederation(['USA', 'GBR'])
  // It dials out alone: what it releases, and what is said to it, goes over its own connections.
  const forward = joinFederation(federation, 'USA', 'forward')
  federation.renew()
  installAt(federation, forward.folder)
  const [usa, gbr] = await openServing(federation, ['USA', 'GBR'])
  if (!usa || !gbr) throw new Error('not open')
  await using second = await openAt(forward.folder)
  await eventually('it serves', async () => (await second.status()).state === 'serving')
  const policy = federation.sign('USA', livePolicy('USA'))
  await usa.policyInstall(policy)
  await gbr.subscribe({ dataset: 'production', from: 'USA', action: 'subscribe' })
  const { id } = await usa.recordAdd(capability({ title: 'Sealed at headquarters' }))
  /** What the GBR holds of the USA, and from which log. */
  const held = () =>
    readRows(federation.folder('GBR'), GBR_HOLDS).map(({ record, jws }) => [
      record,
      JSON.parse(Buffer.from(String(jws).split('.')[1] ?? '', 'base64url').toString()).origin,
    ])
  const hq = 'usa.entente.example/release-log/1'
  await eventually('the first node has released it', () => held().length === 1)
  expect(held()).toEqual([[id, hq]])
  // It is recalled by word and let go again; another one stays recalled, by its leaf, wherever the dataset goes.
  await usa.nationRecall({ records: [id], purge: false, reason: 'too early' })
  await eventually('it has been taken back', () => held().length === 0)
  await usa.allowAgain({ record: id, nation: 'GBR' })
  await eventually('it is held again', () => held().length === 1)
  const taken = await usa.recordAdd(capability({ title: 'Taken back at headquarters' }))
  await eventually('both are held', () => held().length === 2)
  const [given] = readRows(
    federation.folder('USA'),
    'SELECT idx FROM entry_out WHERE record = ?',
    taken.id,
  )
  await usa.recall({ index: given?.['idx'] as number, purge: true, reason: 'sent in error' })
  await eventually('one is held', () => held().length === 1)

  await expect(
    second.releaserHandOver({ dataset: 'production', to: 'USA node' }),
  ).rejects.toMatchObject({ code: 'NOT_RELEASER' })
  await expect(usa.releaserHandOver({ dataset: 'production', to: 'nobody' })).rejects.toMatchObject(
    { code: 'NODE_UNKNOWN' },
  )
  expect(await usa.releaserHandOver({ dataset: 'production', to: 'forward' })).toEqual({
    nations: ['GBR'],
    to: 'forward',
  })
  // Without a policy in force it would go dark: it is not taken, and what was given stays.
  expect(held()).toEqual([[id, hq]])
  await second.policyInstall(policy)
  const away = await usa.recordAdd(capability({ title: 'Drafted at headquarters' }))
  const both = [id, away.id].sort()
  await eventually(
    'the second node has released both',
    () => JSON.stringify(held().sort()) === JSON.stringify(both.map((r) => [r, forward.origin])),
  )
  // Headquarters drafts on, and decides on nothing of it.
  await usa.recordEdit({
    id,
    set: { title: { value: 'Renamed at headquarters' } },
    author: 'analyst',
    reason: 'a better name',
  })
  await eventually('the new name has arrived', async () =>
    JSON.stringify(await gbr.recordShow(id)).includes('Renamed at headquarters'),
  )
  expect(held().every(([, origin]) => origin === forward.origin)).toBe(true)

  // What the second node recalls is purged, and it hears of that though the first one receives.
  const [leaf] = readRows(
    forward.folder,
    "SELECT idx FROM entry_out WHERE record = ? AND opening ->> '$[1].op' = 'put' ORDER BY idx DESC LIMIT 1",
    away.id,
  )
  await second.recall({ index: leaf?.['idx'] as number, purge: true, reason: 'sent in error' })
  await eventually('the recall is proven', () =>
    readRows(forward.folder, 'SELECT purged FROM recall_out').every(
      ({ purged }) => purged !== null,
    ),
  )
  await second.allowAgain({ record: away.id, nation: 'GBR' })
  // Who asks no longer gets nothing more: the second node must hear of that as well.
  await gbr.subscribe({ dataset: 'production', from: 'USA', action: 'unsubscribe' })
  await eventually('all has been taken back', () => held().length === 0)
  await gbr.subscribe({
    dataset: 'production',
    from: 'USA',
    action: 'subscribe',
    kind: 'capability',
  })
  await eventually('both are back', () => held().length === 2)
  // What is asked for is handed on as it was asked, no wider.
  expect(readRows(forward.folder, 'SELECT kind, topic FROM selector')).toEqual([
    { kind: 'capability', topic: '' },
  ])

  expect(await second.releaserHandOver({ dataset: 'production', to: 'USA node' })).toEqual({
    nations: ['GBR'],
    to: 'USA node',
  })
  await eventually(
    'the first one releases again',
    () => JSON.stringify(held().sort()) === JSON.stringify(both.map((r) => [r, hq])),
  )
  const codes = new Set(refusals(federation.folder('GBR')).map(({ code }) => code))
  // Heard before the word of the one that hands over, if at all, and asked for again.
  expect([...codes].filter((code) => code !== 'NOT_RELEASER')).toEqual([])
  await usa.recordWithdraw({ id: away.id, author: 'analyst', reason: 'gone' } as never)
  await eventually('it has been taken back', () => held().length === 1)

  const bundles = [usa, gbr, second].map(
    (node, i) => [node, join(federation.root, `b${i}`)] as const,
  )
  await Promise.all([inSync(usa, 'GBR'), inSync(second, 'GBR'), inSync(gbr, 'USA')])
  for (const [node, directory] of bundles) await node.auditExport({ directory, withContent: true })
  const audited = () =>
    auditOf(
      federation,
      bundles.map(([, directory]) => directory),
    ).findings
  expect(audited()).toEqual([])

  // A node that takes what nobody handed it: refused at the door, and named by the auditor.
  await second[Symbol.asyncDispose]()
  using db = new DatabaseSync(join(forward.folder, 'entente.db'))
  db.exec(
    'UPDATE release_here SET here = 1; INSERT OR IGNORE INTO dirty(record) SELECT id FROM record',
  )
  await using liar = await openAt(forward.folder)
  await eventually('it is refused', () =>
    refusals(federation.folder('GBR')).some(({ code }) => code === 'NOT_RELEASER'),
  )
  await eventually('its lie is published', async () => {
    const { log } = await liar.status()
    return log.published === log.size && log.size > 0
  })
  expect(held()).toEqual([[id, hq]])
  rmSync(bundles[2]?.[1] ?? '', { recursive: true })
  await liar.auditExport({ directory: bundles[2]?.[1] ?? '', withContent: true })
  expect(audited().map(({ code, nation }) => [code, nation])).toContainEqual([
    'NOT_RELEASER',
    'USA',
  ])
}, 180_000)
