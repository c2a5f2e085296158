import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { freePort } from '../../../tests/support/free-port.ts'
import { createClosedNode } from '../src/adapters/libp2p-node.ts'
import { parsePeer, peerIdOf, peerIdOfSeed } from '../src/adapters/libp2p-peer.ts'
import {
  createLibp2pTransport,
  type Libp2pTransportOptions,
} from '../src/adapters/libp2p-transport.ts'
import type { ListedPeer, Transport } from '../src/ports/transport.ts'
import {
  accept,
  acquaint,
  codeOf,
  collect,
  listing,
  protocol,
  seedOf,
  transportContract,
  until,
} from './transport.contract.ts'

const anyPort = ['/ip4/127.0.0.1/tcp/0']
const freeAddress = async () => `/ip4/127.0.0.1/tcp/${await freePort()}`

function start(
  name: string,
  peers: readonly ListedPeer[] = [],
  options: Partial<Libp2pTransportOptions> = {},
): Promise<Transport> {
  return createLibp2pTransport({ privateKey: seedOf(name), listen: anyPort, peers, ...options })
}

test('an address that is taken, or is none of this computer, is named with what to do', async () => {
  await using first = await start('first')
  const [taken = ''] = first.addresses().map((address) => address.replace(/\/p2p\/.*/, ''))
  const opened = (...listen: string[]) => start('second', [], { listen })
  await expect(opened(taken, '/ip4/203.0.113.9/tcp/4470')).rejects.toMatchObject({
    code: 'ADDRESS_UNUSABLE',
    message: `this node cannot listen: ${taken} is taken by another program, or by this node in another terminal: stop that one; /ip4/203.0.113.9/tcp/4470 is no address of this computer. Where it listens stands in config.json (listen)`,
  })
})

transportContract('libp2p', async () => {
  const owned = new AsyncDisposableStack()
  return {
    node: async (name, peers = [], options = {}) => owned.use(await start(name, peers, options)),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
})

describe('libp2p transport', () => {
  const unhandled: unknown[] = []
  const note = (error: unknown): void => void unhandled.push(error)
  beforeEach(() => {
    process.on('uncaughtException', note)
    process.on('unhandledRejection', note)
  })
  afterEach(async () => {
    await sleep(20)
    process.off('uncaughtException', note)
    process.off('unhandledRejection', note)
    expect(unhandled.splice(0)).toEqual([])
  })

  /** A listed peer that speaks libp2p but not our frames. */
  async function withRawPeer(
    act: (send: (...chunks: Uint8Array[]) => void, close: () => Promise<void>) => Promise<void>,
  ): Promise<{ code: string; received: number; isConnected: boolean }> {
    await using nor = await start('NOR')
    const raw = await createClosedNode({ seed: seedOf('raw'), listen: [], isListed: () => true })
    const rawId = raw.peerId.toString()
    try {
      await nor.allow([{ peerId: rawId, addresses: [] }])
      const { channel, done } = await accept(nor)
      const stream = await raw.dialProtocol([...parsePeer(listing(nor)).addresses], protocol)
      await act(
        (...chunks) => {
          for (const chunk of chunks) stream.send(chunk)
        },
        () => stream.close(),
      )
      let received = 0
      const reading = (async () => {
        for await (const _ of (await channel).frames) received += 1
      })()
      const code = await codeOf(reading)
      done()
      return { code, received, isConnected: nor.connected().includes(rawId) }
    } finally {
      await raw.stop()
    }
  }

  test('resets a channel that carries garbage and keeps the connection', async () => {
    const outcome = await withRawPeer(async (send) => {
      send(Uint8Array.of(0, 0, 0, 1, 42), new Uint8Array(5_000).fill(0xff))
    })
    expect(outcome).toEqual({ code: 'FRAME_TOO_LARGE', received: 1, isConnected: true })
  })

  test('tells a truncated frame from an end', async () => {
    const outcome = await withRawPeer(async (send, close) => {
      send(Uint8Array.of(0, 0, 0, 1, 42), Uint8Array.of(0, 0, 0, 9, 1))
      await close()
    })
    expect(outcome).toEqual({ code: 'FRAME_TRUNCATED', received: 1, isConnected: true })
  })

  test('takes frames byte by byte', async () => {
    const outcome = await withRawPeer(async (send, close) => {
      send(...[0, 0, 0, 2, 7, 7, 0, 0, 0, 0].map((byte) => Uint8Array.of(byte)))
      await close()
    })
    expect(outcome).toEqual({ code: 'no error', received: 2, isConnected: true })
  })

  test('what a peer with an account asks is short; what it is answered, as long as a frame may be', async () => {
    await using usa = await start('USA')
    await using nor = await start('NOR', [], {
      accountOf: () => ({ charge: () => {}, owesMs: () => 0 }),
      maxServedFrameBytes: () => 1_000,
    })
    await acquaint(usa, nor)
    const { channel, done } = await accept(nor)
    await using near = await usa.open(nor.peerId, protocol)
    await near.send(new Uint8Array(1_000))
    const far = await channel
    await far.frames[Symbol.asyncIterator]().next()
    await far.send(new Uint8Array(3_000_000))
    const { value } = await near.frames[Symbol.asyncIterator]().next()
    expect(value).toHaveLength(3_000_000)
    await near.send(new Uint8Array(1_001))
    expect(await codeOf(collect(far))).toBe('FRAME_TOO_LARGE')
    done()
  })

  test('survives bytes on its port that are not libp2p', async () => {
    await using usa = await start('USA')
    await using nor = await start('NOR')
    const port = Number(/tcp\/(\d+)/.exec(nor.addresses()[0] ?? '')?.[1])
    for (const size of [0, 1, 100_000]) {
      const socket = connect(port, '127.0.0.1', () => socket.end(new Uint8Array(size).fill(0xff)))
      await new Promise((resolve) => socket.on('error', resolve).on('close', resolve))
    }
    await acquaint(usa, nor)
  })

  test('does not take another node at a listed address for the listed peer', async () => {
    await using impostor = await start('impostor')
    const peerId = await peerIdOfSeed(seedOf('NOR'))
    const address = impostor.addresses()[0]?.replace(impostor.peerId, peerId) ?? ''
    await using usa = await start('USA', [{ peerId, addresses: [address] }])
    await impostor.allow([listing(usa)])
    expect(await codeOf(usa.open(peerId, protocol))).toBe('PEER_UNREACHABLE')
    expect(usa.connected()).toEqual([])
  })

  test('refuses a list with a malformed entry and keeps the old one', async () => {
    await using usa = await start('USA')
    await using nor = await start('NOR')
    await acquaint(usa, nor)
    const { peerId } = nor
    const bad: [ListedPeer, string][] = [
      [{ peerId: 'nobody', addresses: [] }, 'PEER_ID_INVALID'],
      [{ peerId, addresses: ['127.0.0.1:4001'] }, 'ADDRESS_INVALID'],
      [{ peerId, addresses: [`/ip4/127.0.0.1/tcp/1/p2p/${usa.peerId}`] }, 'ADDRESS_INVALID'],
    ]
    for (const [peer, code] of bad) expect(await codeOf(usa.allow([peer]))).toBe(code)
    expect(usa.connected()).toEqual([peerId])
  })

  test('the peer id comes from the public key', async () => {
    // RFC 8032, section 7.1, test 1.
    const seed = '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60'
    const publicKey = 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a'
    const peerId = peerIdOf(Buffer.from(publicKey, 'hex'))
    expect(peerId).toBe(await peerIdOfSeed(Buffer.from(seed, 'hex')))
    expect(peerId).toMatch(/^12D3KooW/)
  })

  test('finds a peer again that went away and came back on the same port', async () => {
    await using usa = await start('USA')
    const listen = [await freeAddress()]
    const first = await start('NOR', [], { listen })
    const { peerId } = first
    await acquaint(usa, first)
    await first[Symbol.asyncDispose]()
    await until(() => usa.connected().length === 0)
    await sleep(1_000)
    // It does not dial: who finds whom is not left to chance.
    const away: ListedPeer[] = [{ peerId: usa.peerId, addresses: [] }]
    await using again = await start('NOR', away, { listen })
    expect(again.peerId).toBe(peerId)
    const sinceMs = performance.now()
    await until(() => usa.connected().includes(peerId))
    expect(performance.now() - sinceMs).toBeLessThan(30_000)
    await accept(again)
    await using channel = await usa.open(peerId, protocol)
    await channel.send(Uint8Array.of(1))
  }, 100_000)

  test('finds a peer that was absent at the start', async () => {
    const listen = [await freeAddress()]
    const probe = await start('NOR', [], { listen })
    await probe[Symbol.asyncDispose]()
    await using usa = await start('USA', [{ peerId: probe.peerId, addresses: listen }])
    await sleep(1_000)
    const away: ListedPeer[] = [{ peerId: usa.peerId, addresses: [] }]
    await using _nor = await start('NOR', away, { listen })
    await until(() => usa.connected().length === 1)
  }, 100_000)

  test('both may dial at the same time: one connects event each, and no loss', async () => {
    await using usa = await start('USA')
    await using nor = await start('NOR')
    const events: string[] = []
    usa.on(({ kind }) => events.push(`USA ${kind}`))
    nor.on(({ kind }) => events.push(`NOR ${kind}`))
    const [atUsa, atNor] = await Promise.all([accept(usa), accept(nor)])
    await Promise.all([usa.allow([listing(nor)]), nor.allow([listing(usa)])])
    const [toNor, toUsa] = await Promise.all([
      usa.open(nor.peerId, protocol),
      nor.open(usa.peerId, protocol),
    ])
    await Promise.all([toNor.send(Uint8Array.of(1)), toUsa.send(Uint8Array.of(2))])
    await Promise.all([toNor.close(), toUsa.close()])
    expect(await collect(await atNor.channel)).toEqual([Uint8Array.of(1)])
    expect(await collect(await atUsa.channel)).toEqual([Uint8Array.of(2)])
    await sleep(1_500)
    expect(events.sort()).toEqual(['NOR connected', 'USA connected'])
  })

  test('tells its peers no more than it must', async () => {
    await using nor = await start('NOR')
    const raw = await createClosedNode({ seed: seedOf('raw'), listen: [], isListed: () => true })
    try {
      await nor.allow([{ peerId: raw.peerId.toString(), addresses: [] }])
      const identified = new Promise<string | undefined>((resolve) => {
        raw.addEventListener('peer:identify', ({ detail }) => resolve(detail.agentVersion))
      })
      await raw.dial([...parsePeer(listing(nor)).addresses])
      expect(await identified).toBe('entente')
    } finally {
      await raw.stop()
    }
  })

  test('300 MB to a slow reader stay out of memory', async () => {
    await using usa = await start('USA')
    await using nor = await start('NOR')
    await acquaint(usa, nor)
    const { channel } = await accept(nor)
    const near = await usa.open(nor.peerId, protocol)
    const before = liveBytes()
    const frame = new Uint8Array(1_000_000)
    let sent = 0
    const sending = (async () => {
      for (; sent < 300; sent += 1) await near.send(frame)
      await near.close()
    })()
    let mostBytes = 0
    let mostAhead = 0
    let received = 0
    for await (const _ of (await channel).frames) {
      received += 1
      mostAhead = Math.max(mostAhead, sent - received)
      if (received % 10 === 0) {
        await sleep(20)
        mostBytes = Math.max(mostBytes, liveBytes() - before)
      }
    }
    await sending
    expect(received).toBe(300)
    expect(mostAhead).toBeLessThan(8)
    expect(mostBytes).toBeLessThan(64e6)
  }, 120_000)
})

/** Bytes in use outside the JavaScript heap, once garbage is gone. */
function liveBytes(): number {
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')()
  return process.memoryUsage().arrayBuffers
}
