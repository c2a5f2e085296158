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
