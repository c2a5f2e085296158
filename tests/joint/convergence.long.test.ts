import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createFederation, type Federation } from '../support/federation.ts'
import { give, type Member, nations, openMember, restricted, settle } from './members.ts'
import { voted } from './votes.ts'

let federation: Federation
beforeAll(() => {
  federation = createFederation(nations)
})
afterAll(() => federation[Symbol.asyncDispose]())

/** One thing that happens: somebody writes or votes, or one member is given a part of what another has, in any order. */
const Happening = fc.oneof(
  fc.record({
    kind: fc.constant('value' as const),
    who: fc.nat(2),
    path: fc.constantFrom('title', 'needed-by', 'value.range.threshold'),
    value: fc.nat(9),
  }),
  fc.record({
    kind: fc.constant('text' as const),
    who: fc.nat(2),
    at: fc.nat(20),
    word: fc.constantFrom('sea ', 'air ', 'night ', 'ß😀 '),
  }),
  fc.record({
    kind: fc.constant('vote' as const),
    who: fc.nat(2),
    choice: fc.constantFrom('endorse' as const, 'object' as const, 'withdraw' as const),
  }),
  fc.record({
    kind: fc.constant('carry' as const),
    from: fc.nat(2),
    to: fc.nat(2),
    few: fc.nat(4),
    backwards: fc.boolean(),
  }),
)

const valueAt = (path: string, value: number): string =>
  path === 'needed-by' ? `203${value}-01-01` : `${path} ${value}`

test('whatever is written apart and in whatever order it is carried, all members come to the same', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(Happening, { minLength: 4, maxLength: 14 }), async (happenings) => {
      await using stack = new AsyncDisposableStack()
      const members = nations.map((nation) => stack.use(openMember(federation, nation)))
      const at = (i: number) => members[i] as Member
      const document = await at(0).joint.create({
        kind: 'requirement',
        with: nations.slice(1),
        quorum: 2,
        documentLabel: restricted,
        dataset: 'joint',
        set: { text: 'Detects. ' },
        unset: [],
      })
      await settle(members)
      for (const happening of happenings) {
        if (happening.kind === 'carry') {
          const { from, to, few, backwards } = happening
          if (from !== to)
            await give(at(from), at(to), (frames) =>
              (backwards ? [...frames].reverse() : frames).slice(0, few),
            )
          continue
        }
        const { joint } = at(happening.who)
        if (happening.kind === 'vote') {
          await voted(federation, at(happening.who), document, happening.choice)
          continue
        }
        const { text } = await joint.show(document)
        const set =
          happening.kind === 'value'
            ? { [happening.path]: valueAt(happening.path, happening.value) }
            : {
                text: `${text.slice(0, happening.at)}${happening.word}${text.slice(happening.at)}`,
              }
        // What stands there already is no change.
        await joint.edit(document, { set, unset: [] }).catch((error: { code: string }) => {
          if (error.code !== 'JOINT_VALUE') throw error
        })
      }
      await settle(members)
      const [first, ...others] = await Promise.all(members.map(({ joint }) => joint.show(document)))
      for (const other of others) expect(other).toEqual(first)
      expect(members.flatMap(({ refused }) => refused.filter(isLie))).toEqual([])
    }),
    { numRuns: 6, seed: 52 },
  )
})

/** What comes before that which it builds on is refused until that has come. */
const isLie = (refusal: string): boolean => !/ (JOINT_DEPS|FEED_GAP|JOINT_UNKNOWN)$/.test(refusal)
