import { afterEach, describe, expect, test } from 'vitest'
import { createMemoryNetwork } from '../src/adapters/memory-transport.ts'
import {
  negotiating,
  sayVersions,
  sayWireTrouble,
  WireVersionError,
} from '../src/network/wire-versions.ts'
import type { Transport } from '../src/ports/transport.ts'
import { listing, seedOf } from './transport.contract.ts'

const stream = '/entente/feed/1'
const open: Transport[] = []
afterEach(async () => {
  for (const one of open.splice(0)) await one[Symbol.asyncDispose]()
})

/** Two nodes that speak these versions; the second says by which name it was opened. */
async function two(ours: readonly number[], theirs: readonly number[]) {
  const network = createMemoryNetwork()
  const raw = [await network.transport(seedOf('a'), []), await network.transport(seedOf('b'), [])]
  const [a, b] = raw as [Transport, Transport]
  open.push(a, b)
  await a.allow([listing(b)])
  await b.allow([listing(a)])
  const opened: string[] = []
  const later = negotiating(
    {
      ...b,
      handle: (name, handler) =>
        b.handle(name, (channel) => {
          opened.push(name)
          return handler(channel)
        }),
    },
    theirs,
  )
  await later.handle(stream, async (channel) => {
    for await (const frame of channel.frames) await channel.send(frame)
  })
  const mine = negotiating(a, ours)
  return {
    say: async () => {
      await using channel = await mine.open(later.peerId, stream)
      await channel.send(new Uint8Array([1]))
      for await (const frame of channel.frames) return { frame, opened }
      return null
    },
  }
}

describe('a link goes by the newest version that both sides speak', () => {
  test.each<[ours: number[], theirs: number[], version: number]>([
    [[1], [1], 1],
    [[1], [1, 2], 1],
    [[1, 2], [1], 1],
    [[1, 2, 3], [2, 3, 4], 3],
    [[3, 1], [2, 1], 1],
  ])('%j and %j: %i', async (ours, theirs, version) => {
    const { say } = await two(ours, theirs)
    expect(await say()).toEqual({
      frame: new Uint8Array([1]),
      opened: [`/entente/feed/${version}`],
    })
  })
})

test('without one in common nothing is said, and both versions are named', async () => {
  const { say } = await two([1], [2, 3])
  const error = await say().catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(WireVersionError)
  expect(error).toMatchObject({ code: 'WIRE_VERSION', ours: [1], theirs: [2, 3] })
  expect(sayWireTrouble('GBR', error as WireVersionError)).toBe(
    'GBR speaks version 2..3, we 1 of the protocol between nodes: we must upgrade',
  )
  expect(sayWireTrouble('GBR', { ours: [3, 2], theirs: [1] })).toMatch(/GBR must upgrade$/)
  expect(sayWireTrouble('GBR', { ours: [1], theirs: [] })).toMatch(/one of us must upgrade$/)
})

test('versions are said as spans', () => {
  expect(sayVersions([3, 1, 2, 5])).toBe('1..3, 5')
})
