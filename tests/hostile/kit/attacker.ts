import { join } from 'node:path'
import { type Channel, controlProtocol, feedProtocol } from '@entente/node/testing'
import type { Nation } from '@entente/schema'
import { utf8 } from '@entente/schema'
import { createHostileSender } from '../../support/hostile-sender.ts'
import { createRawPartner, type RawPartner } from '../../support/raw-partner.ts'

/** A partner's keys in the hands of a program, which also answers what the node asks on streams of its own, as far as it must. */
export interface Attacker extends RawPartner {
  /** Streams that the node has opened, and still holds. */
  readonly asked: () => ReadonlySet<Channel>
  /** Streams that it has opened and frames that it has sent, so far. */
  readonly did: () => number
  /** The newest checkpoint of its log, which the node holds already. */
  readonly head: () => { readonly checkpoint: string; readonly base: Base }
}
interface Base {
  readonly size: number
  readonly hashes: readonly string[]
}

/** @param root folder of all nations */
export async function createAttacker(root: string, as: Nation, to: Nation): Promise<Attacker> {
  const folder = (nation: Nation) => join(root, nation)
  const sign = () => {
    throw new Error('it signs no policy')
  }
  const log = createHostileSender({ folder, sign }, as, to, Date.now)
  const partner = await createRawPartner({ folder }, as, to)
  const asked = new Set<Channel>()
  let did = 0
  const counted = (channel: Channel): Channel => ({
    ...channel,
    send: async (...given) => {
      await channel.send(...given)
      did++
    },
    [Symbol.asyncDispose]: () => channel[Symbol.asyncDispose](),
  })
  const headFrom = (size: number) => ({ checkpoint: log.checkpoint(), base: { size, hashes: [] } })
  const answer = async (channel: Channel): Promise<void> => {
    const say = (frame: object) => channel.send(utf8(JSON.stringify(frame)))
    const mine = counted(channel)
    asked.add(mine)
    try {
      for await (const bytes of channel.frames) {
        const { t, checkpoint } = JSON.parse(Buffer.from(bytes).toString())
        if (t !== 'resume') continue
        await say({ t: 'resumed' })
        if (checkpoint === null) await say({ t: 'head', ...headFrom(0) })
      }
    } finally {
      asked.delete(mine)
    }
  }
  for (const protocol of [controlProtocol, feedProtocol])
    await partner.transport.handle(protocol, answer)
  return {
    ...partner,
    open: async (protocol) => {
      const channel = counted(await partner.open(protocol))
      did++
      return channel
    },
    asked: () => asked,
    did: () => did,
    head: () => headFrom(log.size()),
  }
}
