import { expect, test } from 'vitest'
import { createFederation, eventually } from '../support/federation.ts'
import { installAt, joinFederation, openAt } from '../support/further-node.ts'
import { capability, livePolicy, openServing, readRows, refusals } from '../support/scenario.ts'

const GBR_HOLDS =
  "SELECT record, jws FROM held_in JOIN statement_in ON statement_in.feed = held_in.feed AND statement_in.seq = 0 WHERE sender = 'USA'"

test('a dataset is handed over to another node and back, and nobody else releases it', async () => {
  await using federation = createFederation(['USA', 'GBR'])
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

  await expect(
    second.releaserHandOver({ dataset: 'production', to: 'USA node' }),
  ).rejects.toMatchObject({ code: 'NOT_RELEASER' })
  await expect(
    usa.releaserHandOver({ dataset: 'production', to: 'nobody' }),
  ).rejects.toMatchObject({ code: 'NODE_UNKNOWN' })
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
})
