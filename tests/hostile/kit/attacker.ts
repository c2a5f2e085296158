import { join } from 'node:path'
import {
  type Channel,
  controlProtocol,
  feedProtocol,
  jointProtocol,
  type StatementFrame,
} from '@entente/node/testing'
import type { Nation } from '@entente/schema'
import { utf8 } from '@entente/schema'
import { createHostileSender, type Logged } from '../../support/hostile-sender.ts'
import {
  createRawPartner,
  openRawLine,
  type RawLine,
  type RawPartner,
} from '../../support/raw-partner.ts'
import { type Signed, signAll } from './signed.ts'

/** A partner's keys in the hands of a program, which also answers what the node asks on streams of its own, as far as it must. */
export interface Attacker extends RawPartner {
  /** Streams that the node has opened, and still holds, each with its protocol. */
  readonly asked: () => ReadonlyMap<Channel, string>
  /** What came of it so far. */
  readonly tally: Tally
  /** The newest checkpoint of its log, which the node holds already. */
  readonly head: () => { readonly checkpoint: string; readonly base: Base }
  /** What it has signed, which the node has got of it only what is well. */
  readonly signed: Signed
  /** A statement as the node would be sent it that has the newest checkpoint. */
  readonly frame: (statement: Logged) => StatementFrame
  /** What it does when the node has resumed on a feed stream that it opened, and listens. */
  readonly on: { resumed: (channel: Channel) => Promise<void> }
  /** Another connection, whose streams take bytes and no frames. */
  readonly line: () => Promise<RawLine>
}
interface Base {
  readonly size: number
  readonly hashes: readonly string[]
}
/** Counted from the beginning. */
export interface Tally {
  /** Streams opened, and frames or pieces of frames sent. */
  did: number
  /** Bytes that had come on streams of which nothing was read, when the attack ended: some of them, as many as can be read without asking for more. */
  heard: number
  /** Streams that the node still held when the attack ended. */
  held: number
}

/** @param root folder of all nations */
export async function createAttacker(root: string, as: Nation, to: Nation): Promise<Attacker> {
  const folder = (nation: Nation) => join(root, nation)
  const sign = () => {
    throw new Error('it signs no policy')
  }
  const log = createHostileSender({ folder, sign }, as, to, Date.now)
  const signed = signAll(log, as, to)
  const partner = await createRawPartner({ folder }, as, to)
  const asked = new Map<Channel, string>()
  const tally: Tally = { did: 0, heard: 0, held: 0 }
  const on: Attacker['on'] = { resumed: async () => {} }
  const counted = (channel: Channel): Channel => ({
    ...channel,
    send: async (...given) => {
      await channel.send(...given)
      tally.did++
    },
    [Symbol.asyncDispose]: () => channel[Symbol.asyncDispose](),
  })
  const headFrom = (size: number) => ({ checkpoint: log.checkpoint(), base: { size, hashes: [] } })
  const answer = (protocol: string) => async (channel: Channel) => {
    const say = (frame: object) => channel.send(utf8(JSON.stringify(frame)))
    const mine = counted(channel)
    asked.set(mine, protocol)
    try {
      for await (const bytes of channel.frames) {
        const { t, checkpoint } = JSON.parse(Buffer.from(bytes).toString())
        if (t === 'have') {
          await say(signed.document)
          await say({ t: 'done' })
        }
        if (t !== 'resume') continue
        await say({ t: 'resumed' })
        if (protocol === controlProtocol) {
          const baseSize = checkpoint === null ? 0 : log.size()
          await say(log.frame(signed.subscription, { baseSize }))
        } else {
          if (checkpoint === null) await say({ t: 'head', ...headFrom(0) })
          await on.resumed(mine)
        }
      }
    } finally {
      asked.delete(mine)
    }
  }
  for (const protocol of [controlProtocol, feedProtocol, jointProtocol])
    await partner.transport.handle(protocol, answer(protocol))
  return {
    ...partner,
    open: async (protocol) => {
      const channel = counted(await partner.open(protocol))
      tally.did++
      return channel
    },
    asked: () => asked,
    tally,
    head: () => headFrom(log.size()),
    signed,
    on,
    frame: (statement) => log.frame(statement, { baseSize: log.size() }),
    line: () => openRawLine({ folder }, as, to),
  }
}
