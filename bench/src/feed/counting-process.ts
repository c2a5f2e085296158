import { loadNodeFolder, openNode, type RunningNode } from '@entente/node'
import {
  type Channel,
  controlProtocol,
  createLibp2pTransport,
  feedProtocol,
  partnersOf,
  type Transport,
  witnessProtocol,
} from '@entente/node/testing'
import { fromUtf8, utf8 } from '@entente/schema'
import { nowMs, serveVerbs } from '../child.ts'

/** A recipient that counts what its feeds cost when it comes back. */
let node: RunningNode | null = null
let transport: Transport | null = null
const streams: readonly string[] = [controlProtocol, feedProtocol]
const resumed = Promise.withResolvers<number>()
const seen = { connectedMs: 0, sent: 0, received: 0, bytes: 0, resumed: 0 }

const counted = (channel: Channel): Channel => ({
  ...channel,
  send: (frame, options) => {
    seen.sent++
    seen.bytes += frame.length
    return channel.send(frame, options)
  },
  frames: (async function* () {
    for await (const frame of channel.frames) {
      seen.received++
      seen.bytes += frame.length
      if (fromUtf8(frame).startsWith('{"t":"resumed"') && ++seen.resumed === streams.length)
        resumed.resolve(nowMs())
      yield frame
    }
  })(),
  [Symbol.asyncDispose]: () => channel[Symbol.asyncDispose](),
})

const verbs = {
  open: async (folder: string) => {
    const { config, roster } = loadNodeFolder(folder)
    if (roster === null) throw new Error('the node has no roster')
    const peers = [...partnersOf(roster, config.nation).values()].map(({ certificate }) => ({
      peerId: certificate.peerId,
      addresses: certificate.endpoints,
    }))
    node = await openNode({
      folder,
      network: true,
      transport: async (privateKey) => {
        const real = await createLibp2pTransport({ privateKey, listen: config.listen, peers })
        transport = real
        real.on(({ kind }) => {
          if (kind === 'connected') seen.connectedMs = nowMs()
        })
        return {
          ...real,
          open: async (peerId, protocol, options) => {
            const channel = await real.open(peerId, protocol, options)
            return streams.includes(protocol) ? counted(channel) : channel
          },
          [Symbol.asyncDispose]: () => real[Symbol.asyncDispose](),
        }
      },
    })
  },
  /** From the connection to the answer of the last stream, and what went over both. */
  resumed: async (_: null) => {
    const atMs = await resumed.promise
    return { ...seen, ms: atMs - seen.connectedMs }
  },
  /** One question and one answer on a stream of its own: what the network costs at least. */
  roundTrip: async (peerId: string) => {
    const startMs = nowMs()
    if (transport === null) throw new Error('the node is not open yet')
    await using channel = await transport.open(peerId, witnessProtocol)
    await channel.send(utf8(`GET /${'0'.repeat(64)}/checkpoint\n`))
    for await (const _frame of channel.frames) return nowMs() - startMs
    throw new Error('no answer')
  },
  inSync: async (_: null) =>
    (await node?.status())?.partners.every(({ inSync }) => inSync) ?? false,
}
export type CountingVerbs = typeof verbs

serveVerbs(verbs, async () => node?.[Symbol.asyncDispose]())
