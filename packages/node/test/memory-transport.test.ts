import { expect, test } from 'vitest'
import { createMemoryNetwork } from '../src/adapters/memory-transport.ts'
import {
  accept,
  acquaint,
  codeOf,
  collect,
  protocol,
  seedOf,
  transportContract,
} from './transport.contract.ts'

transportContract('memory', async () => {
  const network = createMemoryNetwork()
  const owned = new AsyncDisposableStack()
  return {
    node: async (name, peers = [], options = {}) =>
      owned.use(await network.transport(seedOf(name), peers, options)),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
})

test('a partition resets the channels, and healing it connects again', async () => {
  const network = createMemoryNetwork()
  await using gbr = await network.transport(seedOf('GBR'), [])
  await using aus = await network.transport(seedOf('AUS'), [])
  await acquaint(gbr, aus)
  await accept(aus)
  const channel = await gbr.open(aus.peerId, protocol)
  network.partition(aus.peerId, gbr.peerId)
  expect(await codeOf(collect(channel))).toBe('CHANNEL_RESET')
  expect([gbr.connected(), aus.connected()]).toEqual([[], []])
  expect(await codeOf(gbr.open(aus.peerId, protocol))).toBe('PEER_UNREACHABLE')
  network.heal(gbr.peerId, aus.peerId)
  expect([gbr.connected(), aus.connected()]).toEqual([[aus.peerId], [gbr.peerId]])
})
