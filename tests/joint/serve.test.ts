import type { JointFrame } from '@entente/node/testing'
import type { Nation } from '@entente/schema'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createFederation, type Federation } from '../support/federation.ts'
import { give, type Member, nations, openMember, restricted, settle } from './members.ts'

let federation: Federation
beforeAll(() => {
  federation = createFederation(nations)
})
afterAll(() => federation[Symbol.asyncDispose]())

const create = (by: Member, others: readonly Nation[], title: string) =>
  by.joint.create({
    kind: 'requirement',
    with: others,
    quorum: 1,
    documentLabel: restricted,
    dataset: 'joint',
    set: { title },
    unset: [],
  })
const none = { t: 'have', documents: [] } as const
const openMembers = (stack: AsyncDisposableStack) =>
  nations.map((nation) => stack.use(openMember(federation, nation))) as [Member, Member, Member]

test('an own change that the policy in force now keeps from a member is not given to it, whatever it was when written', async () => {
  await using stack = new AsyncDisposableStack()
  const [aus, gbr, usa] = openMembers(stack)
  await create(aus, ['GBR', 'USA'], 'Radar')
  aus.joint.notePublished()
  expect(aus.joint.missing('GBR', none)).toHaveLength(1)
  aus.forbid('GBR')
  expect(aus.joint.missing('GBR', none)).toEqual([])
  expect(await give(aus, gbr)).toBe(0)
  expect(await give(aus, usa)).toBe(1)
})

test('an answer holds own statements and some of every document, however many others are refused', async () => {
  await using stack = new AsyncDisposableStack()
  const [aus, , usa] = openMembers(stack)
  const theirs: string[] = []
  for (let i = 0; i < 5; i++) theirs.push(await create(usa, ['AUS', 'GBR'], `U${i}`))
  await settle([aus, usa])
  const own = await create(aus, ['GBR'], 'Ours')
  aus.joint.notePublished()
  const documentsIn = (most: number) =>
    aus.joint.missing('GBR', none, most).map((frame) => (frame as JointFrame).writer)
  expect(documentsIn(2)).toEqual(['USA', 'AUS'])
  expect(aus.joint.ids()).toContain(own)
  // All that the USA has written comes in turn, though GBR takes none of it.
  const given = new Set<string>()
  for (let i = 0; i < 5; i++)
    for (const frame of aus.joint.missing('GBR', none, 2)) given.add((frame as JointFrame).jws)
  expect(given.size).toBe(theirs.length + 1)
})

test('who claims to have more than there is is given nothing, and no body is read for it', async () => {
  await using stack = new AsyncDisposableStack()
  const [aus] = openMembers(stack)
  const document = await create(aus, ['GBR', 'USA'], 'Radar')
  for (const title of ['A', 'B', 'C']) await aus.joint.edit(document, { set: { title }, unset: [] })
  aus.joint.notePublished()
  const has = (seq: number, hash: string) =>
    ({
      t: 'have',
      documents: [{ document, writers: { AUS: { seq, hash } }, stopped: [], twice: {} }],
    }) as const
  const own = aus.said(document).map(({ frame }) => frame.jws)
  const given = (seq: number, hash: string) =>
    aus.joint.missing('GBR', has(seq, hash)).map((frame) => (frame as JointFrame).jws)
  expect(given(1_000_000_000, 'z'.repeat(43))).toEqual([])
  expect(given(0, document)).toEqual(own.slice(1))
  expect(given(2, 'z'.repeat(43))).toEqual(own)
  expect(aus.joint.missing('GBR', none, 1)).toHaveLength(1)
})

test('a nation fills its own room here and no more', async () => {
  await using stack = new AsyncDisposableStack()
  const [aus, , usa] = openMembers(stack)
  const most = { inDocument: 4_000, inAll: 6_000 }
  const gbr = stack.use(openMember(federation, 'GBR', undefined, undefined, undefined, most))
  const [one, two] = [await create(usa, ['GBR'], 'One'), await create(usa, ['GBR'], 'Two')]
  for (const document of [one, two])
    for (const title of ['A', 'B', 'C', 'D', 'E'])
      await usa.joint.edit(document, { set: { title }, unset: [] })
  while ((await give(usa, gbr)) > 0);
  const kept = (document: string) =>
    gbr.db
      .prepare(
        'SELECT total(length(jws) + length(body)) AS n FROM joint_statement WHERE document = ?',
      )
      .get(document)?.['n'] as number
  expect(kept(one)).toBeGreaterThan(0)
  expect(Math.max(kept(one), kept(two))).toBeLessThanOrEqual(most.inDocument)
  expect(kept(one) + kept(two)).toBeLessThanOrEqual(most.inAll)
  expect(gbr.refused).toContain('USA JOINT_FULL')
  await create(aus, ['GBR'], 'Of another')
  expect(await give(aus, gbr)).toBe(1)
})
