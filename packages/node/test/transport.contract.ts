import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Channel, ListedPeer, PeerEvent, Transport } from '../src/ports/transport.ts'
import { TransportError } from '../src/ports/transport.ts'

export interface NodeOptions {
  readonly maxFrameBytes?: number
}

/** Makes nodes of one network and disposes them all. */
export interface TransportHarness extends AsyncDisposable {
  readonly node: (
    name: string,
    peers?: readonly ListedPeer[],
    options?: NodeOptions,
  ) => Promise<Transport>
}

export const protocol = '/entente/test/1'

export function seedOf(name: string): Uint8Array {
  const seed = new Uint8Array(32)
  new TextEncoder().encodeInto(name, seed)
  return seed
}

export function listing(node: Transport): ListedPeer {
  return { peerId: node.peerId, addresses: node.addresses() }
}

export async function until(condition: () => boolean): Promise<void> {
  await vi.waitFor(() => expect(condition()).toBe(true), { timeout: 60_000, interval: 10 })
}

/** Each lists the other; resolves once both see the connection. */
export async function acquaint(a: Transport, b: Transport): Promise<void> {
  await Promise.all([a.allow([listing(b)]), b.allow([listing(a)])])
  await until(() => a.connected().includes(b.peerId) && b.connected().includes(a.peerId))
}

export async function collect(channel: Channel): Promise<Uint8Array[]> {
  return Array.fromAsync(channel.frames)
}

export async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise
  } catch (error) {
    return error instanceof TransportError ? error.code : `not a TransportError: ${error}`
  }
  return 'no error'
}

/** Serves the protocol and hands out the channel. The channel stays open until `done`. */
export async function accept(
  node: Transport,
): Promise<{ channel: Promise<Channel>; done: () => void }> {
  const accepted = Promise.withResolvers<Channel>()
  const finished = Promise.withResolvers<void>()
  await node.handle(protocol, (channel) => {
    accepted.resolve(channel)
    return finished.promise
  })
  return { channel: accepted.promise, done: () => finished.resolve() }
}

function patterned(sizeBytes: number): Uint8Array {
  return Uint8Array.from({ length: sizeBytes }, (_, index) => index % 251)
}

export function transportContract(
  name: string,
  createHarness: () => Promise<TransportHarness>,
): void {
  describe(`${name} transport`, () => {
    let harness: TransportHarness
    const unhandled: unknown[] = []
    const note = (error: unknown): void => void unhandled.push(error)

    beforeEach(async () => {
      process.on('uncaughtException', note)
      process.on('unhandledRejection', note)
      harness = await createHarness()
    })

    afterEach(async () => {
      await harness[Symbol.asyncDispose]()
      await sleep(20)
      process.off('uncaughtException', note)
      process.off('unhandledRejection', note)
      expect(unhandled.splice(0)).toEqual([])
    })

    async function pair(options: NodeOptions = {}): Promise<[Transport, Transport]> {
      const usa = await harness.node('USA')
      const nor = await harness.node('NOR', [], options)
      await acquaint(usa, nor)
      return [usa, nor]
    }

    async function channels(options: NodeOptions = {}): Promise<{
      usa: Transport
      nor: Transport
      near: Channel
      far: Channel
      done: () => void
    }> {
      const [usa, nor] = await pair(options)
      const { channel, done } = await accept(nor)
      const near = await usa.open(nor.peerId, protocol)
      return { usa, nor, near, far: await channel, done }
    }

    test('delivers empty, small and large frames whole and in order', async () => {
      const { near, far } = await channels()
      const sent = [0, 1, 1_000_000, 0, 70_000, 3].map(patterned)
      const received = collect(far)
      for (const frame of sent) await near.send(frame)
      await near.close()
      const got = await received
      expect(got.map(({ length }) => length)).toEqual(sent.map(({ length }) => length))
      expect(got.every((frame, index) => Buffer.compare(frame, sent[index] ?? frame) === 0)).toBe(
        true,
      )
    })

    test('keeps the order of frames sent without waiting', async () => {
      const { near, far } = await channels()
      const sizes = Array.from({ length: 300 }, (_, index) => (index * 7919) % 40_000)
      const received = collect(far)
      await Promise.all(sizes.map((size) => near.send(patterned(size))))
      await near.close()
      expect((await received).map(({ length }) => length)).toEqual(sizes)
    })

    test('names the peer at both ends by the key it proved', async () => {
      const { usa, nor, near, far } = await channels()
      expect([near.peerId, far.peerId]).toEqual([nor.peerId, usa.peerId])
    })

    test('lets the other side answer after close', async () => {
      const { near, far } = await channels()
      await near.send(patterned(5))
      await near.close()
      expect(await collect(far)).toHaveLength(1)
      await far.send(patterned(6))
      await far.close()
      expect((await collect(near)).map(({ length }) => length)).toEqual([6])
    })

    test('goes on with the next frame after a reader left the loop', async () => {
      const { near, far } = await channels()
      for (const size of [1, 2, 3]) await near.send(patterned(size))
      await near.close()
      for await (const frame of far.frames) {
        expect(frame).toHaveLength(1)
        break
      }
      expect((await collect(far)).map(({ length }) => length)).toEqual([2, 3])
    })

    test('ends the channel when the handler returns, and resets it when the handler throws', async () => {
      const [usa, nor] = await pair()
      await nor.handle('/entente/answer/1', async (channel) => channel.send(patterned(2)))
      await nor.handle('/entente/fail/1', async () => {
        throw new Error('handler failed')
      })
      const answered = await usa.open(nor.peerId, '/entente/answer/1')
      expect(await collect(answered)).toHaveLength(1)
      const failed = await usa.open(nor.peerId, '/entente/fail/1')
      expect(await codeOf(collect(failed))).toBe('CHANNEL_RESET')
    })

    test('refuses to send on a closed channel', async () => {
      const { near } = await channels()
      await near.close()
      expect(await codeOf(near.send(patterned(1)))).toBe('CHANNEL_CLOSED')
    })

    test('reports an abort to both sides', async () => {
      const { near, far } = await channels()
      const [here, there] = [codeOf(collect(near)), codeOf(collect(far))]
      near.abort(new Error('bad statement'))
      expect(await Promise.all([here, there])).toEqual(['CHANNEL_RESET', 'CHANNEL_RESET'])
      expect(await codeOf(near.send(patterned(1)))).toBe('CHANNEL_RESET')
      expect(await codeOf(far.send(patterned(1)))).toBe('CHANNEL_RESET')
    })

    test('holds the sender back while the reader is slow, and loses nothing', async () => {
      const { near, far } = await channels()
      const frame = new Uint8Array(1_000_000)
      let sent = 0
      const sending = (async () => {
        for (; sent < 60; sent += 1) await near.send(frame)
        await near.close()
      })()
      let mostAhead = 0
      let received = 0
      for await (const _ of far.frames) {
        received += 1
        await sleep(20)
        mostAhead = Math.max(mostAhead, sent - received)
      }
      await sending
      expect(received).toBe(60)
      expect(mostAhead).toBeLessThan(6)
    }, 20_000)

    test('stops a sender whose frames nobody reads, until its wait is aborted', async () => {
      const { near, done } = await channels()
      const frame = new Uint8Array(1_000_000)
      let sent = 0
      const signal = AbortSignal.timeout(1_500)
      const sending = (async () => {
        for (;;) {
          await near.send(frame, { signal })
          sent += 1
        }
      })()
      await expect(sending).rejects.toSatisfy((reason) => reason === signal.reason)
      expect(sent).toBeLessThan(6)
      near.abort(new Error('test is over'))
      done()
    })

    test('refuses to send a frame above the limit and stays usable', async () => {
      const { near, far } = await channels()
      expect(await codeOf(near.send(new Uint8Array(8 * 1024 * 1024 + 1)))).toBe('FRAME_TOO_LARGE')
      const received = collect(far)
      await near.send(new Uint8Array(8 * 1024 * 1024))
      await near.close()
      expect((await received).map(({ length }) => length)).toEqual([8 * 1024 * 1024])
    })

    test('refuses an incoming frame above the limit, after the frames before it', async () => {
      const { usa, nor, near, far } = await channels({ maxFrameBytes: 1_000 })
      await near.send(patterned(1_000))
      await near.send(patterned(1_001))
      const sizes: number[] = []
      const reading = (async () => {
        for await (const frame of far.frames) sizes.push(frame.length)
      })()
      expect(await codeOf(reading)).toBe('FRAME_TOO_LARGE')
      expect(sizes).toEqual([1_000])
      expect(usa.connected()).toEqual([nor.peerId])
      const again = await accept(nor)
      await (await usa.open(nor.peerId, protocol)).send(patterned(7))
      for await (const frame of (await again.channel).frames) {
        expect(frame).toHaveLength(7)
        break
      }
    })

    test('refuses a protocol that the peer does not serve', async () => {
      const [usa, nor] = await pair()
      expect(await codeOf(usa.open(nor.peerId, '/entente/unknown/1'))).toBe('PROTOCOL_UNSUPPORTED')
    })

    test('opens nothing to a peer that is not listed here', async () => {
      const usa = await harness.node('USA')
      const nor = await harness.node('NOR')
      await accept(nor)
      await nor.allow([listing(usa)])
      expect(await codeOf(usa.open(nor.peerId, protocol))).toBe('PEER_NOT_LISTED')
      await sleep(500)
      expect([usa.connected(), nor.connected()]).toEqual([[], []])
    })

    test('is unreachable for a peer that it does not list', async () => {
      const usa = await harness.node('USA')
      const nor = await harness.node('NOR')
      const events: PeerEvent[] = []
      usa.on((event) => events.push(event))
      nor.on((event) => events.push(event))
      await accept(nor)
      await usa.allow([listing(nor)])
      expect(await codeOf(usa.open(nor.peerId, protocol))).toBe('PEER_UNREACHABLE')
      await sleep(500)
      expect([usa.connected(), nor.connected(), events]).toEqual([[], [], []])
    })

    test('hangs up at once on a peer that is taken off the list', async () => {
      const { usa, nor, near, far } = await channels()
      const reading = [codeOf(collect(near)), codeOf(collect(far))]
      await nor.allow([])
      expect(await Promise.all(reading)).toEqual(['CHANNEL_RESET', 'CHANNEL_RESET'])
      await until(() => usa.connected().length + nor.connected().length === 0)
      expect(await codeOf(nor.open(usa.peerId, protocol))).toBe('PEER_NOT_LISTED')
      expect(await codeOf(usa.open(nor.peerId, protocol))).toBe('PEER_UNREACHABLE')
    })

    test('connects again after a hang-up, and tells each once', async () => {
      const [usa, nor] = await pair()
      const events: string[] = []
      const end = usa.on(({ kind, peerId }) => events.push(`${kind} ${peerId}`))
      await usa.hangUp(nor.peerId)
      await until(() => events.length >= 2)
      await until(() => nor.connected().includes(usa.peerId))
      expect(events).toEqual([`disconnected ${nor.peerId}`, `connected ${nor.peerId}`])
      end()
      await usa.allow([])
      await until(() => nor.connected().length === 0)
      expect(events).toHaveLength(2)
    })

    test('tells the peers of a node that stops', async () => {
      const { usa, nor, near } = await channels()
      const reading = codeOf(collect(near).then(() => near.send(patterned(1))))
      await nor[Symbol.asyncDispose]()
      await until(() => usa.connected().length === 0)
      expect(await reading).toMatch(/^CHANNEL_/)
      expect(await codeOf(usa.open(nor.peerId, protocol))).toBe('PEER_UNREACHABLE')
      expect(await codeOf(nor.open(usa.peerId, protocol))).toBe('TRANSPORT_CLOSED')
    })

    test('serves many channels at the same time', async () => {
      const [usa, nor] = await pair()
      await nor.handle('/entente/echo/1', async (channel) => {
        for await (const frame of channel.frames) await channel.send(frame)
      })
      const answers = await Promise.all(
        Array.from({ length: 20 }, async (_, size) => {
          await using channel = await usa.open(nor.peerId, '/entente/echo/1')
          await channel.send(patterned(size))
          await channel.close()
          return (await collect(channel))[0]?.length
        }),
      )
      expect(answers).toEqual(Array.from({ length: 20 }, (_, size) => size))
    })
  })
}
