import { afterAll, beforeAll, expect, test } from 'vitest'
import { createFederation, type Federation } from '../support/federation.ts'
import { give, type Member, nations, openMember, restricted, settle } from './members.ts'
import { voted } from './votes.ts'

let federation: Federation
beforeAll(() => {
  federation = createFederation(nations)
})
afterAll(() => federation[Symbol.asyncDispose]())

test('a change that one member is not given reaches it through another', async () => {
  await using stack = new AsyncDisposableStack()
  const [aus, gbr, usa] = nations.map((nation) => stack.use(openMember(federation, nation))) as [
    Member,
    Member,
    Member,
  ]
  const document = await usa.joint.create({
    kind: 'actions',
    with: ['AUS', 'GBR'],
    documentLabel: restricted,
    dataset: 'joint',
    set: { 'action.a.what': 'Find a second source', 'action.a.owner': 'GBR' },
    unset: [],
  })
  await give(usa, gbr)
  await give(gbr, aus)
  expect((await aus.joint.show(document)).values.map(({ writer }) => writer)).toEqual([
    'USA',
    'USA',
  ])
  await usa.joint.edit(document, { set: { 'action.a.state': 'open' }, unset: [] })
  await give(usa, gbr)
  await gbr.joint.edit(document, { set: { 'action.a.due': '2030-01-01' }, unset: [] })
  // AUS hears nothing of the USA itself.
  await give(gbr, aus)
  const [a, g] = await Promise.all([aus, gbr].map(({ joint }) => joint.show(document)))
  expect(a).toEqual(g)
})

test('endorsements count for what was endorsed, at the quorum and not below', async () => {
  await using stack = new AsyncDisposableStack()
  const members = nations.map((nation) => stack.use(openMember(federation, nation)))
  const [aus, gbr, usa] = members as [Member, Member, Member]
  const document = await usa.joint.create({
    kind: 'requirement',
    with: ['AUS', 'GBR'],
    validators: ['AUS', 'GBR'],
    quorum: 2,
    documentLabel: restricted,
    dataset: 'joint',
    set: { title: 'Radar' },
    unset: [],
  })
  await settle(members)
  const standing = async (at: Member) => (await at.joint.show(document)).standing
  await voted(federation, aus, document, 'endorse')
  await settle(members)
  expect(await standing(usa)).toMatchObject({ state: 'draft', endorsing: ['AUS'] })
  await expect(voted(federation, usa, document, 'endorse')).rejects.toMatchObject({
    code: 'JOINT_MEMBER',
  })
  await voted(federation, gbr, document, 'endorse')
  await settle(members)
  for (const member of members)
    expect(await standing(member)).toMatchObject({ state: 'validated', endorsing: ['AUS', 'GBR'] })
  // A change makes it a draft again; who endorsed before is shown, and does not count.
  await usa.joint.edit(document, { set: { title: 'Better radar' }, unset: [] })
  await settle(members)
  expect(await standing(aus)).toMatchObject({
    state: 'draft',
    endorsing: [],
    words: [
      { nation: 'AUS', choice: 'endorse', current: false },
      { nation: 'GBR', choice: 'endorse', current: false },
    ],
  })
  const { heads } = await aus.joint.show(document)
  await expect(voted(federation, aus, document, 'endorse', ['f'.repeat(64)])).rejects.toMatchObject(
    { code: 'JOINT_STALE' },
  )
  await voted(federation, aus, document, 'endorse', heads)
  await voted(federation, gbr, document, 'endorse')
  await voted(federation, gbr, document, 'withdraw')
  await settle(members)
  expect(await standing(usa)).toMatchObject({ state: 'draft', endorsing: ['AUS'] })
})

test('what may not go to every member is refused with the reason, and nothing is logged', async () => {
  await using usa = openMember(federation, 'USA')
  const create = (change: object) =>
    usa.joint.create({
      kind: 'buy',
      with: ['AUS', 'GBR'],
      documentLabel: restricted,
      dataset: 'joint',
      set: { item: 'MK 58', 'quantity.AUS': 3 },
      unset: [],
      ...change,
    })
  const before = usa.db.prepare('SELECT count(*) AS n FROM statement').get()
  for (const [change, code, word] of [
    [{ documentLabel: { ...restricted, classification: 'SECRET' } }, 'JOINT_REFUSED', 'ceiling'],
    [{ documentLabel: { ...restricted, releasableTo: ['GBR'] } }, 'JOINT_REFUSED', 'AUS'],
    [{ documentLabel: { ...restricted, caveats: ['NOFORN'] } }, 'JOINT_REFUSED', 'NOFORN'],
    [{ dataset: 'production' }, 'JOINT_REFUSED', 'dataset is not in the policy'],
    [{ label: { ...restricted, classification: 'SECRET' } }, 'JOINT_LABEL', 'SECRET'],
    [{ set: { price: '3' } }, 'JOINT_VALUE', 'a buy has no price'],
    [{ set: { 'quantity.AUS': 'many' } }, 'JOINT_VALUE', 'quantity.AUS'],
    [{ set: { title: 'a\u202eb' } }, 'JOINT_VALUE', 'title'],
    [{ with: ['CAN'] }, 'PARTNER_UNKNOWN', 'CAN'],
    [{ quorum: 4 }, 'JOINT_TERMS', 'quorum'],
    [{ set: {} }, 'JOINT_VALUE', 'nothing is to be changed'],
  ] as const)
    await expect(create(change), code).rejects.toMatchObject({
      code,
      message: expect.stringContaining(word) as string,
    })
  expect(usa.db.prepare('SELECT count(*) AS n FROM statement').get()).toEqual(before)
  expect(await usa.joint.list()).toEqual([])
  const document = await create({})
  expect((await usa.joint.show(document)).values).toMatchObject([
    { path: 'item', value: 'MK 58' },
    { path: 'quantity.AUS', value: 3 },
  ])
})
