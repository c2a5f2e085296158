import { expect, test } from 'vitest'
import { openDatabase } from '../src/adapters/sqlite-database.ts'
import { furtherLogsOf, worstOf } from '../src/answer/status/further-logs.ts'
import type { Deps } from '../src/deps.ts'
import { tables } from '../src/layout.ts'

const HOUR_MS = 3_600_000

test('a partner is judged by each node that it has handed a dataset to: reach, proof, and its age', () => {
  using db = openDatabase(':memory:', tables)
  const certificate = { peerId: 'office', origin: 'office/1', name: 'office' }
  const member = { further: [certificate] }
  const office = { nation: 'GBR', member, certificate, log: { origin: 'office/1' } }
  let nowMs = 100 * HOUR_MS
  const deps = {
    db,
    clock: { nowMs: () => nowMs },
    roster: { witnessPolicy: {} },
    further: [office],
  } as unknown as Deps
  const logs = (isAway = false) =>
    furtherLogsOf(deps, 'GBR', { isAway: () => isAway, freshMs: 3 * HOUR_MS })
  // A node that releases nothing to us keeps nobody out of sync.
  expect(logs(true)).toEqual([])
  db.exec("INSERT INTO releaser_in VALUES ('GBR', 'production', 'office/1', 'main/1', 7)")
  const words = (isAway?: boolean) => logs(isAway).map((each) => each.words)
  expect(words()).toEqual(['its node office, which releases production, has proven nothing yet'])
  db.prepare('INSERT INTO partner_checkpoint VALUES (?, 1, ?, ?, 0, ?)').run(
    'office/1',
    new Uint8Array(32),
    '',
    nowMs,
  )
  expect(logs()).toEqual([{ standing: 'good', provenAtMs: nowMs, words: null }])
  expect(words(true)).toEqual(['its node office, which releases production, is out of reach'])
  nowMs += 4 * HOUR_MS
  expect(words()[0]).toMatch(/has proven nothing for 4 h: until its log is cosigned again/)
  expect(furtherLogsOf(deps, 'NOR', { isAway: () => true, freshMs: 0 })).toEqual([])
  // Its key is revoked: nothing more is to come of it, and what it was handed stands still until another node has it.
  member.further.pop()
  expect(words()).toEqual([
    'nobody releases production: GBR handed it to its node office, whose key is revoked; it stands still until GBR hands it to another node',
  ])
  db.exec("UPDATE releaser_in SET origin = 'main/1'")
  expect(logs()).toEqual([])
  expect(worstOf(['good', 'unproven', 'forked'])).toBe('forked')
})
