import { loadOwn } from '@entente/node'
import { signJws, statementType } from '@entente/schema'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createFederation, type Federation } from '../support/federation.ts'
import { createHostileSender, fragmentOf, putOf } from '../support/hostile-sender.ts'
import { openReceiver } from '../support/receiver.ts'
import { livePolicy } from '../support/scenario.ts'

const atMs = Date.UTC(2026, 8, 21)
let federation: Federation
beforeAll(() => {
  federation = createFederation(['GBR', 'USA'])
})
afterAll(() => federation[Symbol.asyncDispose]())

test('a feed whose leaves were shuffled under one checkpoint is admitted by seq', () => {
  using gbr = openReceiver(federation.folder('GBR'), () => atMs)
  const usa = createHostileSender(federation, 'USA', 'GBR', atMs)
  usa.logPolicy(livePolicy('USA'))
  const { sign } = loadOwn(federation.folder('USA')).keys.statement
  const said = ['first', 'second', 'third'].map((title) => {
    const fragment = fragmentOf('USA', { title })
    const opening = putOf(fragment)
    const payload = usa.release([opening])
    const jws = signJws(statementType('release'), payload, sign)
    // Its place in the feed is settled before its place in the log.
    usa.follow({ index: 0, jws, salt: new Uint8Array(32) })
    return { fragment, opening, payload }
  })
  const logged = new Map(
    said.toReversed().map((one) => {
      usa.log('pad', { origin: usa.origin, at: atMs })
      return [one, usa.log('release', one.payload)] as const
    }),
  )
  let baseSize = 0
  for (const one of said) {
    const statement = logged.get(one)
    if (statement === undefined) throw new Error('not logged')
    const bodies = [one.fragment]
    gbr.admission.statement(
      gbr.partner('USA'),
      usa.frame(statement, { baseSize, openings: [one.opening], bodies }),
    )
    baseSize = usa.size()
  }
  const rows = gbr.db.prepare('SELECT seq, idx FROM statement_in ORDER BY seq').all()
  expect(rows.map(({ idx }) => idx)).toEqual([7, 5, 3])
  for (const title of ['first', 'second', 'third'])
    expect(gbr.view.search(title, 5)).toHaveLength(1)
})
