import { expect, test } from 'vitest'
import { freePort } from '../../../tests/support/free-port.ts'
import { createClosedNode } from '../src/adapters/libp2p-node.ts'
import { peerIdOfSeed } from '../src/adapters/libp2p-peer.ts'
import { createLibp2pTransport } from '../src/adapters/libp2p-transport.ts'
import type { Transport } from '../src/ports/transport.ts'
import { codeOf, protocol, seedOf, until } from './transport.contract.ts'

const anyPort = ['/ip4/127.0.0.1/tcp/0']
const idOf = (name: string) => peerIdOfSeed(seedOf(name))
const addressesOf = (transport: Transport) => ({
  peerId: transport.peerId,
  addresses: transport.addresses(),
})

/** GBR carries for NOR, which listens nowhere; USA is told to dial it there. */
async function stage(
  stack: AsyncDisposableStack,
  relayFor: readonly string[],
  told: 'at once' | 'later' = 'at once',
) {
  const [nor, usa] = [await idOf('NOR'), await idOf('USA')]
  const relay = stack.use(
    await createLibp2pTransport({
      privateKey: seedOf('GBR'),
      listen: anyPort,
      peers: [nor, usa].map((peerId) => ({ peerId, addresses: [] })),
      relayFor,
    }),
  )
  const seen: string[] = []
  await relay.handle(protocol, async ({ peerId }) => void seen.push(peerId))
  const hidden = stack.use(
    await createLibp2pTransport({
      privateKey: seedOf('NOR'),
      listen: [],
      peers: [addressesOf(relay), { peerId: usa, addresses: [] }],
      relay: relay.peerId,
    }),
  )
  const through = `${relay.addresses()[0]}/p2p-circuit`
  const peers = [addressesOf(relay), { peerId: nor, addresses: [through] }]
  const caller = stack.use(
    await createLibp2pTransport({
      privateKey: seedOf('USA'),
      listen: [],
      peers: told === 'at once' ? peers : [addressesOf(relay)],
    }),
  )
  return { relay, hidden, caller, allowNor: () => caller.allow(peers), seen, nor, usa }
}

test('a node that listens nowhere is reached through a partner, which sees no frame', async () => {
  await using stack = new AsyncDisposableStack()
  const { hidden, caller, seen, nor, usa } = await stage(stack, [await idOf('NOR')])
  const from: string[] = []
  await hidden.handle(protocol, async (channel) => {
    from.push(channel.peerId)
    for await (const frame of channel.frames) await channel.send(frame)
  })
  await until(() => caller.connected().includes(nor))
  await using channel = await caller.open(nor, protocol)
  const sent = new Uint8Array(300_000).fill(7)
  await channel.send(sent)
  for await (const frame of channel.frames) {
    expect(frame).toEqual(sent)
    break
  }
  // Both ends have proven who they are to each other, and not to the relay.
  expect([channel.peerId, from]).toEqual([nor, [usa]])
  expect(seen).toEqual([])
})

test('a partner carries for nobody whom it does not name', async () => {
  await using stack = new AsyncDisposableStack()
  const { relay, hidden, caller, nor } = await stage(stack, [await idOf('CAN')])
  await until(() => hidden.connected().includes(relay.peerId))
  await hidden.handle(protocol, async () => {})
  expect(await codeOf(caller.open(nor, protocol))).toBe('PEER_UNREACHABLE')
  expect(hidden.addresses()).toEqual([])
})

test('who is listed later, as in a pairing, is reached through a partner too', async () => {
  await using stack = new AsyncDisposableStack()
  const { hidden, caller, allowNor, nor } = await stage(stack, [await idOf('NOR')], 'later')
  await hidden.handle(protocol, async () => {})
  expect(await codeOf(caller.open(nor, protocol))).toBe('PEER_NOT_LISTED')
  await allowNor()
  await until(() => caller.connected().includes(nor))
})

test('a partner that passes on a call unasked gets no place of ours, and does not keep us from our relay', async () => {
  await using stack = new AsyncDisposableStack()
  const nor = await idOf('NOR')
  const raw = await createClosedNode({
    seed: seedOf('USA'),
    listen: anyPort,
    isListed: () => true,
    relaying: { serves: [nor], through: null },
  })
  stack.defer(() => raw.stop())
  const peers = [{ peerId: nor, addresses: [] }]
  const own = { privateKey: seedOf('GBR'), peers }
  const listen = [`/ip4/127.0.0.1/tcp/${await freePort()}`]
  const early = await createLibp2pTransport({ ...own, listen })
  const relay = addressesOf(early)
  await early[Symbol.asyncDispose]()
  const hidden = stack.use(
    await createLibp2pTransport({
      privateKey: seedOf('NOR'),
      listen: [],
      peers: [relay, { peerId: await idOf('USA'), addresses: raw.getMultiaddrs().map(String) }],
      relay: relay.peerId,
    }),
  )
  await until(() => hidden.connected().length === 1 && raw.getConnections().length === 1)
  const [line] = raw.getConnections()
  await line?.newStream('/libp2p/circuit/relay/0.2.0/stop')
  await new Promise((resolve) => setTimeout(resolve, 500))
  expect(hidden.addresses()).toEqual([])
  stack.use(
    await createLibp2pTransport({
      ...own,
      listen,
      relayFor: [nor],
    }),
  )
  await until(() => hidden.addresses().some((each) => each.includes(`${relay.peerId}/p2p-circuit`)))
})
