import type { Nation } from '@entente/schema'
import { expect, test } from 'vitest'
import { clockWords, createClockStanding, judgeClock } from '../src/network/clock-standing.ts'

const off = (ahead: Readonly<Record<Nation, number>>) =>
  judgeClock(new Map(Object.entries(ahead)), 300_000)

test('a clock is off when more than half of the partners say so, on one side', () => {
  expect(off({})).toBeNull()
  expect(off({ GBR: 299_999 })).toBeNull()
  expect(off({ GBR: 600_000 })).toEqual({ byMs: 600_000, nations: ['GBR'] })
  expect(off({ GBR: 600_000, NOR: 0 })).toBeNull()
  expect(off({ GBR: 600_000, NOR: -600_000, USA: 0 })).toBeNull()
  expect(off({ NOR: -900_000, GBR: -600_000, USA: 0 })).toEqual({
    byMs: -600_000,
    nations: ['GBR', 'NOR'],
  })
})

test('one liar among three neither stops a node nor hides that its clock is off', () => {
  expect(off({ GBR: 0, NOR: 10, USA: 86_400_000 })).toBeNull()
  expect(off({ GBR: 86_400_000, NOR: 86_400_010, USA: 0 })?.byMs).toBe(86_400_010)
})

test('a clock that is set while the node runs is found out before anybody is heard again', () => {
  let shiftMs = 0
  const start = Date.now()
  const began = performance.now()
  const clock = { nowMs: () => start + performance.now() - began + shiftMs }
  const standing = createClockStanding(clock, () => ['GBR'], 300_000)
  let told = 0
  standing.on(() => told++)
  standing.heard('GBR', clock.nowMs(), clock.nowMs(), clock.nowMs())
  expect([standing.off(), told]).toEqual([null, 1])
  shiftMs = -7_200_000
  standing.look()
  expect(clockWords(standing.off())).toMatch(/^the clock of this node is 2 h behind that of GBR: /)
  expect(told).toBe(2)
  shiftMs = 0
  standing.look()
  expect([standing.off(), told]).toEqual([null, 3])
})

test('an exchange in which our clock was set says nothing of it', () => {
  const standing = createClockStanding({ nowMs: () => 1_000_000 }, () => ['GBR'], 300_000)
  for (const askedMs of [1_000_000 + 86_400_000, 1_000_000 - 86_400_000])
    standing.heard('GBR', 1_000_000, askedMs, 1_000_000)
  expect([standing.off(), standing.offOf('GBR')]).toEqual([null, null])
})

test('of each partner it is known how far its clock is off, where that is more than is tolerated', () => {
  const standing = createClockStanding({ nowMs: () => 1_000_000 }, () => ['GBR', 'NOR'], 300_000)
  standing.heard('GBR', 1_600_000, 1_000_000, 1_000_000)
  standing.heard('NOR', 900_000, 1_000_000, 1_000_000)
  expect([standing.offOf('GBR'), standing.offOf('NOR'), standing.offOf('USA')]).toEqual([
    600_000,
    null,
    null,
  ])
})

/** A node whose clock is right, and partners that say what they like, at moments of a steady clock. */
const heardOver = (nations: readonly Nation[]) => {
  let at = 0
  const standing = createClockStanding(
    { nowMs: () => 1_000_000_000 + at },
    () => nations,
    300_000,
    () => at,
  )
  const words: boolean[] = []
  standing.on(() => words.push(standing.off() !== null))
  return {
    standing,
    words,
    pass: (ms: number) => {
      at += ms
      standing.look()
    },
    say: (nation: Nation, offMs: number) => {
      const nowMs = 1_000_000_000 + at
      standing.heard(nation, nowMs + offMs, nowMs, nowMs)
    },
  }
}

test('one partner that says now this, now that turns the word no more often than every five minutes, and always to the cautious side first', () => {
  const { standing, words, say, pass } = heardOver(['GBR'])
  say('GBR', 0)
  for (let minute = 0; minute < 60; minute++) {
    say('GBR', minute % 2 === 0 ? 86_400_000 : 0)
    pass(60_000)
  }
  expect(words).toEqual([false, true])
  expect([standing.off()?.byMs, standing.offOf('GBR')]).toEqual([-86_400_000, 86_400_000])
  // It stays with what it said last: right again after a while, by itself.
  say('GBR', 0)
  pass(299_999)
  expect(words).toEqual([false, true, false])
  expect([standing.off(), standing.offOf('GBR')]).toEqual([null, null])
})

test('what was said an hour ago counts no more beside what is said now, and stands where nobody says anything', () => {
  const { standing, say, pass } = heardOver(['GBR', 'NOR'])
  say('GBR', -86_400_000)
  pass(3_600_000)
  expect(standing.off()?.nations).toEqual(['GBR'])
  expect(standing.offOf('GBR')).toBeNull()
  say('NOR', 0)
  expect(standing.off()).toBeNull()
  // The other way about: a partner that went away when all was well does not outvote one that is here.
  pass(3_600_000)
  say('GBR', 900_000)
  expect(standing.off()?.nations).toEqual(['GBR'])
})

test('what three partners have called off, one does not call right while they are silent; as many do, or they themselves', () => {
  const nations = ['GBR', 'NOR', 'AUS', 'CAN', 'DNK', 'NZL']
  const { standing, say, pass } = heardOver(nations)
  for (const nation of ['GBR', 'NOR', 'AUS']) say(nation, -86_400_000)
  pass(3_600_001)
  say('CAN', 0)
  expect(standing.off()?.nations).toEqual(['AUS', 'GBR', 'NOR'])
  // One that said so says otherwise now: two say that it is right, and two that are silent said that it is off.
  say('GBR', 0)
  expect(standing.off()).toBeNull()
  const others = heardOver(nations)
  for (const nation of ['GBR', 'NOR', 'AUS']) others.say(nation, -86_400_000)
  others.pass(3_600_001)
  others.say('CAN', 0)
  others.say('DNK', 0)
  expect(others.standing.off()).not.toBeNull()
  others.say('NZL', 0)
  expect(others.standing.off()).toBeNull()
})
