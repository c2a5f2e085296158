import { createJointStore } from '@entente/node/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createFederation, type Federation } from '../support/federation.ts'
import { give, type Member, openMember, restricted, settle, taking } from './members.ts'

// USA signs two statements for one place, to strike more than its own.
let federation: Federation
beforeAll(() => {
  federation = createFederation(['AUS', 'CAN', 'GBR', 'USA'])
})
afterAll(() => federation[Symbol.asyncDispose]())

async function openDocument() {
  const stack = new AsyncDisposableStack()
  const [aus, can, gbr, usa] = (['AUS', 'CAN', 'GBR', 'USA'] as const).map((nation) =>
    stack.use(openMember(federation, nation)),
  ) as [Member, Member, Member, Member]
  const create = (what: string) =>
    aus.joint.create({
      kind: 'requirement',
      with: ['CAN', 'GBR', 'USA'],
      quorum: 2,
      documentLabel: restricted,
      dataset: 'joint',
      set: { title: what, text: 'Detects.' },
      unset: [],
    })
  const document = await create('Radar')
  const other = await create('Sonar')
  await settle([aus, can, gbr, usa])
  const edit = (by: Member, set: Record<string, string>) =>
    by.joint.edit(document, { set, unset: [] })
  /** Two votes of the USA for one place. */
  const twice = (seq: number, feed: string, recipients: readonly string[] = others) => {
    const vote = (choice: string) =>
      usa.sign(
        'vote',
        {
          origin: usa.deps.origin,
          at: usa.deps.clock.nowMs(),
          document,
          feed,
          seq,
          prev: 'x'.repeat(43),
          recipients,
          heads: ['f'.repeat(64)],
          choice,
        },
        null,
      )
    return { t: 'twice', first: vote('object'), second: vote('endorse') } as const
  }
  return {
    aus,
    can,
    gbr,
    usa,
    document,
    other,
    edit,
    twice,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}
const others = ['AUS', 'CAN', 'GBR']
const feedOf = (member: Member, document: string) =>
  member.said(document)[1]?.payload.feed as string

test('evidence of a feed that is not its writer’s strikes nothing, and a document with real evidence is read again', async () => {
  await using it = await openDocument()
  const { aus, gbr, usa, document, other } = it
  await it.edit(usa, { title: 'U0' })
  await give(usa, gbr)
  for (const title of ['U1', 'U2', 'U3']) await it.edit(usa, { title })
  await give(usa, aus)
  await it.edit(aus, { 'needed-by': '2030-01-01' })
  const change = aus.said(document).at(-1)?.frame as never
  const feed = feedOf(usa, document)
  expect(await taking(gbr, it.twice(3, feed, ['AUS', 'GBR']))).toBe('USA JOINT_MEMBER')
  expect(await taking(gbr, it.twice(3, feed))).toBe('USA JOINT_TWICE')
  expect(await taking(gbr, change)).toBe(null)
  expect(await taking(gbr, it.twice(1, 'y'.repeat(43)))).toBe('USA FEED_UNKNOWN')
  expect(await taking(gbr, it.twice(2, feed))).toBe('USA JOINT_TWICE')
  const again = createJointStore(gbr.db).state(document)
  expect([...(again?.changes.values() ?? [])].at(-1)).toMatchObject({ writer: 'AUS', struck: true })
  expect(await gbr.joint.show(document)).toMatchObject({ changes: 3, struck: 1 })
  expect((await gbr.joint.show(other)).title).toBe('Sonar')
})

test('a document that does not load stops no other', async () => {
  await using it = await openDocument()
  const { aus, gbr, document, other } = it
  gbr.db.prepare('UPDATE joint_statement SET body = zeroblob(9) WHERE document = ?').run(document)
  gbr.db.prepare('DELETE FROM joint_twice').run()
  // As after a restart.
  await using again = openMember(federation, 'GBR', undefined, undefined, gbr.db)
  await expect(again.joint.show(document)).rejects.toMatchObject({ code: 'JOINT_WORKER' })
  expect((await again.joint.list()).map(({ id }) => id)).toEqual([other])
  expect(again.joint.held('AUS').documents.map((each) => each.document)).toEqual([other])
  await again.joint.tidy()
  await aus.joint.edit(other, { set: { title: 'Better sonar' }, unset: [] })
  expect(await give(aus, again)).toBe(1)
})

test('two votes that name the feed of another member do not strike what builds on that member’s changes', async () => {
  await using it = await openDocument()
  const { aus, can, gbr, usa, document } = it
  for (const title of ['C1', 'C2']) await it.edit(can, { title })
  await give(can, aus)
  await it.edit(aus, { 'needed-by': '2030-01-01' })
  await it.edit(usa, { 'value.range.unit': 'km' })
  await give(usa, gbr)
  expect(await taking(gbr, it.twice(1, feedOf(can, document)))).toBe('USA FEED_UNKNOWN')
  expect(await taking(gbr, aus.said(document).at(-1)?.frame as never)).toBe('AUS JOINT_DEPS')
  await settle([aus, can, gbr])
  const [a, ...rest] = await Promise.all([aus, can, gbr].map(({ joint }) => joint.show(document)))
  for (const one of rest) expect(one).toEqual(a)
  expect(a?.struck).toBe(0)
})

test('what was built on something struck is written again once, whenever the process ends', async () => {
  await using it = await openDocument()
  const { aus, gbr, usa, document } = it
  for (const title of ['U1', 'U2']) await it.edit(usa, { title })
  await settle([aus, gbr, usa])
  await it.edit(gbr, { text: 'Detects. Tracks.' })
  gbr.db.exec(
    "CREATE TEMP TRIGGER crash BEFORE UPDATE OF rebased ON joint_statement BEGIN SELECT RAISE(ABORT, 'crash'); END",
  )
  await expect(taking(gbr, it.twice(1, feedOf(usa, document)))).rejects.toThrow('crash')
  expect((await gbr.joint.show(document)).text).toBe('Detects.')
  gbr.db.exec('DROP TRIGGER crash')
  await gbr.joint.tidy()
  await gbr.joint.tidy()
  expect((await gbr.joint.show(document)).text).toBe('Detects. Tracks.')
})
