import { expect, test } from 'vitest'
import { createMemoryChannelPair } from '../src/adapters/memory-channel.ts'
import { type PaceOptions, pacing } from '../src/network/pace.ts'
import type { Rate } from '../src/network/rate-limit.ts'
import type { Channel, Transport } from '../src/ports/transport.ts'

const limits = { maxFrameBytes: 1 << 20, highWaterBytes: 1 << 20 }
type Handler = (channel: Channel) => Promise<void>

/** A network of this rate, on which peers send frames of so many bytes to one protocol. */
async function served(rate: Rate, options: PaceOptions = {}, work: () => void = () => {}) {
  let handler: Handler = async () => {}
  const network = {
    handle: async (_: string, given: Handler) => {
      handler = given
    },
  } as unknown as Transport
  const seen: number[] = []
  const paced = pacing(network, rate, options)
  const handle = (protocol: string) =>
    paced.handle(protocol, async (channel) => {
      for await (const frame of channel.frames) {
        work()
        seen.push(frame[0] ?? -1)
      }
    })
  await handle('p')
  return {
    /** From here on peers send to this protocol. */
    handle,
    seen,
    /** A stream that the peer has opened. */
    opened: (peerId: string) => {
      const pair = createMemoryChannelPair({ peerId: 'us', limits }, { peerId, limits })
      return { far: pair.far, ended: handler(pair.near) }
    },
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
/** Thirty frames, with the few bytes of each; half a frame more takes minutes: however busy the machine, none comes within a test. */
const slow: Rate = { burst: 30.5, perSecond: 0.001 }
/** No time passes: what waits for its rate waits for ever. */
const stands: PaceOptions = { nowMs: () => 0 }
const turns = async (count = 200) => {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve))
}
/** It does not wait for what waits. */
const come = async (of: Awaited<ReturnType<typeof served>>, ...sent: [string, number, number?]) => {
  const before = of.seen.length
  void of.send(...sent)
  // One frame is dealt with in a turn.
  await turns()
  return of.seen.length - before
}

test('a peer has its burst on all its streams together, and then waits; another has its own', async () => {
  const network = await served(slow, stands)
  expect(await come(network, 'them', 40)).toBe(30)
  expect(await come(network, 'them', 40)).toBe(0)
  expect(await come(network, 'another', 40)).toBe(30)
})

test('small frames count for a tenth; streams apart have an account of their own', async () => {
  const isSmall = (frame: Uint8Array) => frame.length === 1
  const network = await served(slow, { ...stands, isSmall })
  expect(await come(network, 'them', 100)).toBe(100)
  expect(await come(network, 'them', 30, 2)).toBe(20)
  const both = await served(slow, { ...stands, isApart: (protocol) => protocol === 'q' })
  expect(await come(both, 'them', 40)).toBe(30)
  await both.handle('q')
  expect(await come(both, 'them', 40)).toBe(30)
})

test('large frames count for more', async () => {
  const network = await served(slow, stands)
  expect(await come(network, 'them', 40, 160 * 1024)).toBe(2)
})

test('what takes long counts for more, also behind its first microtasks', async () => {
  let nowMs = 0
  const work = () => queueMicrotask(() => void Promise.resolve().then(() => (nowMs += 10)))
  const network = await served(slow, { nowMs: () => nowMs }, work)
  // 10 ms are five frames' worth.
  expect(await come(network, 'them', 40)).toBe(6)
  expect(await come(network, 'another', 1)).toBe(1)
})

test('of two peers that send at once each has its turns', async () => {
  const network = await served({ ...slow, burst: 100 }, stands)
  void network.send('them', 40)
  await network.send('another', 5)
  expect(network.seen.length).toBeLessThan(40)
})

test('what a peer says on a stream that was opened to it costs the time that it takes, on an account of its own, and others come in between', async () => {
  let nowMs = 0
  const pair = createMemoryChannelPair({ peerId: 'us', limits }, { peerId: 'them', limits })
  const network = { open: async () => pair.near } as unknown as Transport
  const { open } = pacing(network, slow, {
    answers: { burst: 100, perSecond: 1 },
    nowMs: () => nowMs,
  })
  for (let i = 0; i < 60; i++) void pair.far.send(new Uint8Array(1)).catch(() => {})
  const channel = await open('them', 'p')
  const seen: number[] = []
  let others = 0
  let isOver = false
  void (async () => {
    for (; !isOver; others++) await new Promise((resolve) => setImmediate(resolve))
  })()
  void (async () => {
    for await (const frame of channel.frames) {
      seen.push(others * frame.length)
      if (seen.length > 40) nowMs += 20
    }
  })().catch(() => {})
  await turns(300)
  isOver = true
  // Forty that take no time, more than a peer may ask; then as many as make up more than 100 ms.
  expect(seen).toHaveLength(46)
  expect(new Set(seen).size).toBe(46)
  pair.abort(new Error('enough'))
})

test('own nodes are not held back', async () => {
  const network = await served(slow, { ...stands, isFree: (peerId) => peerId === 'sibling' })
  expect(await come(network, 'sibling', 100)).toBe(100)
})

test('what waits is dropped with its stream, at once, and holds no place', async () => {
  const network = await served(slow, stands)
  const { far, ended } = network.opened('them')
  for (let i = 0; i < 40; i++) void far.send(new Uint8Array(1)).catch(() => {})
  await turns()
  expect(network.seen).toHaveLength(30)
  far.abort(new Error('enough'))
  await expect(ended).rejects.toThrow('reset')
  expect(network.seen).toHaveLength(30)
})

test('a peer that owes has nothing taken from its streams: it is held up, and nothing is kept for it', async () => {
  const network = await served(slow, stands)
  const { far } = network.opened('them')
  let sent = 0
  const large = new Uint8Array(640 * 1024)
  for (let i = 0; i < 3; i++) void far.send(large).then(() => sent++)
  await turns()
  // The first took the burst. The other two stay where they are, and are more than may be sent ahead.
  expect(network.seen).toHaveLength(1)
  expect(sent).toBe(1)
})

test('what waits is not lost, and comes in order', async () => {
  const network = await served({ burst: 1, perSecond: 200 })
  await network.send('them', 20)
  expect(network.seen).toEqual(Array.from({ length: 20 }, (_, i) => i))
})
