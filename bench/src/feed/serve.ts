import {
  createMemoryChannelPair,
  decodeFrame,
  encodeFrame,
  type FeedSource,
  SenderFrame,
  serveFeed,
} from '@entente/node/testing'
import type { Nation } from '@entente/schema'
import type { Releasing } from '../decide/releasing-node.ts'

/** What one partner was sent. */
export interface Served {
  readonly bodies: number
  readonly statements: number
  readonly bytes: number
}

const limits = { maxFrameBytes: 8 * 1024 * 1024, highWaterBytes: 1024 * 1024 }

/** Serves everything that a partner may have and has not seen, to one that holds nothing; ends with the head of the log. */
export async function serveAll(node: Releasing, recipient: Nation): Promise<Served> {
  const { deps, log, policies } = node
  const partner = deps.partners.get(recipient)
  if (partner === undefined) throw new Error(`${recipient} is no partner`)
  const pair = createMemoryChannelPair(
    { peerId: deps.self.certificate.peerId, limits },
    { peerId: partner.certificate.peerId, limits },
  )
  const source = {
    deps,
    log,
    publisher: {
      // Nobody is there to cosign.
      published: () => {
        const { size, note } = log.head()
        return { size, note: note ?? '', cosignedBy: [] }
      },
    },
    which: 'feed',
    mayServe: () => true,
    ground: () => policies.at(deps.clock.nowMs())?.ground ?? null,
    onNews: () => () => {},
    onAcknowledged: () => {},
  } as unknown as FeedSource
  const serving = serveFeed(source, pair.near, partner)
  await pair.far.send(encodeFrame({ t: 'resume', checkpoint: null, feeds: [] }))
  let [bodies, statements, bytes] = [0, 0, 0]
  for await (const frame of pair.far.frames) {
    bytes += frame.length
    const said = decodeFrame(frame, SenderFrame)
    if (said.t === 'head') break
    if (said.t !== 'statement') continue
    statements++
    bodies += said.bodies.filter((body) => body !== null).length
  }
  pair.abort(new Error('all was served'))
  await serving.catch(() => {})
  return { bodies, statements, bytes }
}
