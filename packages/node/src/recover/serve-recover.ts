import { type Nation, peekJws, toHex, utf8 } from '@entente/schema'
import { z } from 'zod'
import type { Database } from '../adapters/sqlite-database.ts'
import { largestCheckpoint } from '../admit/evidence.ts'
import type { Deps, Partner } from '../deps.ts'
import { parseFrameJson } from '../frame-json.ts'
import type { Channel } from '../ports/transport.ts'

/** Opened by a node that has lost the end of its log: one question, then frames until the stream closes. */
export const recoverProtocol = '/entente/recover/1'

const Index = z.int().min(0)
const Jws = z.string().max(131_072)
const Hex32 = z.string().regex(/^[0-9a-f]{64}$/)

export const RecoverQuestion = z.strictObject({ t: z.literal('recover'), from: Index })

/** What a partner still has of the asking node's own log. */
export const RecoverFrame = z.discriminatedUnion('t', [
  z.strictObject({
    t: z.literal('statement'),
    index: Index,
    jws: Jws,
    salt: Hex32,
    proof: z.string().max(131_072),
  }),
  z.strictObject({ t: z.literal('policy'), index: Index, jws: Jws, salt: Hex32 }),
  z.strictObject({ t: z.literal('note'), note: z.string().max(65_536) }),
  z.strictObject({ t: z.literal('ack'), jws: Jws }),
  z.strictObject({ t: z.literal('end') }),
])
export type RecoverFrame = z.infer<typeof RecoverFrame>

/**
 * Gives a partner back what it has sent us: the statements of its own feeds to us, the policies they name, its checkpoints, and
 * its own last word on each of our feeds. Who it is, the handshake says; of others' logs it gets nothing.
 */
export async function serveRecover(
  deps: Deps,
  channel: Channel,
  { nation, log }: Partner,
): Promise<void> {
  const { db } = deps
  const send = (frame: RecoverFrame) => channel.send(utf8(JSON.stringify(frame)))
  for await (const bytes of channel.frames) {
    const { from } = RecoverQuestion.parse(parseFrameJson(bytes))
    for (const row of statementsOf(db, nation)) {
      const [index, jws] = [row['idx'] as number, row['jws'] as string]
      // An ended log of theirs has leaves of the same numbers.
      if (index < from || originOf(jws) !== log.origin) continue
      const salt = toHex(row['salt'] as Uint8Array)
      await send({ t: 'statement', index, jws, salt, proof: row['proof'] as string })
    }
    for (const row of db
      .prepare(
        'SELECT idx, jws, salt FROM partner_policy WHERE origin = ? AND idx >= ? AND salt IS NOT NULL ORDER BY idx',
      )
      .all(log.origin, from))
      await send({
        t: 'policy',
        index: row['idx'] as number,
        jws: row['jws'] as string,
        salt: toHex(row['salt'] as Uint8Array),
      })
    const witnessed = db.prepare('SELECT note FROM witnessed WHERE origin = ?').get(log.origin)
    for (const note of [largestCheckpoint(deps, log.origin)?.note, witnessed?.['note']])
      if (typeof note === 'string' && note !== '') await send({ t: 'note', note })
    for (const row of db
      .prepare('SELECT jws FROM ack_received JOIN feed_out USING (feed) WHERE recipient = ?')
      .all(nation))
      await send({ t: 'ack', jws: row['jws'] as string })
    await send({ t: 'end' })
    return
  }
}

const PAGE = 64

/** In the order of the table: a page costs what it holds, and nothing is kept open while the partner reads. */
function* statementsOf(db: Database, sender: Nation) {
  const page = db.prepare(
    'SELECT feed, seq, idx, jws, salt, proof FROM statement_in WHERE (feed, seq) > (?, ?) AND sender = ? ORDER BY feed, seq LIMIT ?',
  )
  let [feed, seq] = ['', -1]
  for (;;) {
    const rows = page.all(feed, seq, sender, PAGE)
    yield* rows
    const last = rows.at(-1)
    if (last === undefined) return
    ;[feed, seq] = [last['feed'] as string, last['seq'] as number]
  }
}

const originOf = (jws: string): string =>
  (peekJws(jws).payload as { readonly origin: string }).origin
