import { expect, test } from 'vitest'
import { createMemoryChannelPair } from '../src/adapters/memory-channel.ts'
import { pacing } from '../src/network/pace.ts'
import type { Rate } from '../src/network/rate-limit.ts'
import type { Channel, Transport } from '../src/ports/transport.ts'

const limits = { maxFrameBytes: 1 << 20, highWaterBytes: 1 << 20 }
type Handler = (channel: Channel) => Promise<void>

/** A network of this rate, on which peers send frames of so many bytes to one protocol. */
async function served(rate: Rate, isFree?: (peerId: string) => boolean) {
  let handler: Handler = async () => {}
  const network = {
    handle: async (_: string, given: Handler) => {
      handler = given
    },
  } as unknown as Transport
  const seen: number[] = []
  await pacing(network, rate, isFree === undefined ? {} : { isFree }).handle(
    'p',
    async (channel) => {
      for await (const frame of channel.frames) seen.push(frame[0] ?? -1)
    },
  )
  return {
    seen,
    send: async (peerId: string, frames: number, bytes = 1) => {
      const pair = createMemoryChannelPair({ peerId: 'us', limits }, { peerId, limits })
      for (let i = 0; i < frames; i++)
        void pair.far.send(new Uint8Array(bytes).fill(i)).catch(() => {})
      void pair.far.close().catch(() => {})
      const ended = handler(pair.near)
      await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 100))])
      return ended
    },
  }
}
/** It does not wait for what waits. */
const come = async (of: Awaited<ReturnType<typeof served>>, ...sent: [string, number, number?]) => {
  const before = of.seen.length
  void of.send(...sent)
  await new Promise((resolve) => setTimeout(resolve, 200))
  return of.seen.length - before
}

test('a peer has its burst on all its streams together, and then waits; another has its own', async () => {
  const network = await served({ burst: 30, perSecond: 0.1 })
  expect(await come(network, 'them', 40)).toBe(30)
  expect(await come(network, 'them', 40)).toBe(0)
  expect(await come(network, 'another', 40)).toBe(30)
})

test('large frames count for more', async () => {
  const network = await served({ burst: 30, perSecond: 0.1 })
  expect(await come(network, 'them', 40, 160 * 1024)).toBe(2)
})

test('own nodes are not held back', async () => {
  const network = await served({ burst: 30, perSecond: 0.1 }, (peerId) => peerId === 'sibling')
  expect(await come(network, 'sibling', 100)).toBe(100)
})

test('what waits is not lost, and comes in order', async () => {
  const network = await served({ burst: 1, perSecond: 200 })
  await network.send('them', 20)
  expect(network.seen).toEqual(Array.from({ length: 20 }, (_, i) => i))
})
