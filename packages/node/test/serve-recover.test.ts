import { peekJws, signJws, statementType, toHex, utf8 } from '@entente/schema'
import { expect, test } from 'vitest'
import { openDatabase } from '../src/adapters/sqlite-database.ts'
import type { Deps, Partner } from '../src/deps.ts'
import { tables } from '../src/layout.ts'
import type { Channel } from '../src/ports/transport.ts'
import { serveRecover } from '../src/recover/serve-recover.ts'

const origin = (log: number) => `usa.entente.example/release-log/${log}`
const jwsOf = (log: number, at: number) =>
  signJws(statementType('release'), { origin: origin(log), at }, () => new Uint8Array(64))

test('a partner gets back each statement of the log it asks for: none of another, none of a log that has ended', async () => {
  using db = openDatabase(':memory:', tables)
  const put = db.prepare(
    "INSERT INTO statement_in(feed, seq, sender, idx, jws, salt, proof) VALUES (?, ?, ?, ?, ?, ?, 'p')",
  )
  const salt = new Uint8Array(32)
  for (let seq = 0; seq < 200; seq++) {
    for (const log of [1, 2]) put.run(`feed ${log}`, seq, 'USA', seq, jwsOf(log, seq), salt)
    put.run('feed of AUS', seq, 'AUS', seq, jwsOf(3, seq), salt)
  }
  const sent: { t: string; index: number; jws: string; salt: string }[] = []
  const channel = {
    frames: (async function* () {
      yield utf8(JSON.stringify({ t: 'recover', from: 50 }))
    })(),
    send: async (bytes: Uint8Array) => {
      sent.push(JSON.parse(Buffer.from(bytes).toString()))
    },
  } as unknown as Channel
  const partner = { nation: 'USA', log: { origin: origin(2) } } as unknown as Partner
  await serveRecover({ db } as unknown as Deps, channel, partner)
  expect(sent.pop()).toEqual({ t: 'end' })
  expect(sent.map(({ index }) => index)).toEqual(Array.from({ length: 150 }, (_, i) => 50 + i))
  for (const { jws, index } of sent)
    expect(peekJws(jws).payload).toEqual({ origin: origin(2), at: index })
  expect(new Set(sent.map((frame) => frame.salt))).toEqual(new Set([toHex(salt)]))
})
