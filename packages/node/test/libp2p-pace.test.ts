import type { MessageStream, StreamMuxer } from '@libp2p/interface'
import { expect, test } from 'vitest'
import { chargeStreams, paceLine } from '../src/adapters/libp2p-pace.ts'
import { peerIdOfSeed } from '../src/adapters/libp2p-peer.ts'
import { createLibp2pTransport } from '../src/adapters/libp2p-transport.ts'
import { createAccounts } from '../src/network/accounts.ts'

/** A line on which each message takes the loop so long, as a socket gives them. */
function line(takesMs: number) {
  let [nowMs, isPaused] = [0, false]
  const [waiting, read]: [string[], string[]] = [[], []]
  const accounts = createAccounts({ burst: 50, perSecond: 100 }, () => nowMs)
  const stream = Object.assign(new EventTarget(), {
    status: 'open',
    readableEnded: false,
    pause: () => {
      isPaused = true
    },
    resume: () => {
      isPaused = false
    },
  })
  stream.addEventListener('message', (event) => {
    nowMs += takesMs
    read.push((event as CustomEvent<string>).detail)
  })
  const come = (...messages: string[]): void => {
    waiting.push(...messages)
    while (!isPaused && waiting.length > 0)
      stream.dispatchEvent(new CustomEvent('message', { detail: waiting.shift() }))
  }
  const timers: { readonly work: () => void; readonly ms: number }[] = []
  paceLine(
    stream as unknown as MessageStream,
    { charge: (ms) => accounts.charge('them', ms), owesMs: () => accounts.owesMs('them') },
    { nowMs: () => nowMs, wait: (work, ms) => void timers.push({ work, ms }) },
  )
  return {
    read,
    stream,
    come,
    isPaused: () => isPaused,
    /** Lets the time of the next timer come. */
    pass: () => {
      const next = timers.shift()
      nowMs += next?.ms ?? 0
      next?.work()
      // A socket flows again in a turn of its own.
      come()
      return next?.ms
    },
  }
}
const many = Array.from({ length: 20 }, (_, i) => `${i}`)

test('a line is read until its peer has taken its burst, then as its share allows, in order and whole', () => {
  const { come, read, pass, isPaused } = line(20)
  come(...many)
  // 20 ms each of a tenth of the time: the third is over the burst of 50.
  expect(read).toHaveLength(3)
  let passed = 0
  while (isPaused()) passed += pass() ?? 0
  expect(read).toEqual(many)
  expect(passed).toBeGreaterThan(1_000)
})

test('what comes through a relay is charged to who sent it, and to the relay what it takes itself', () => {
  let nowMs = 0
  const charged: [string, number][] = []
  const paced = (name: string, onMessage: () => void) => {
    const stream = Object.assign(new EventTarget(), { status: 'open', readableEnded: false })
    stream.addEventListener('message', onMessage)
    paceLine(
      stream as unknown as MessageStream,
      { charge: (ms) => void charged.push([name, ms]), owesMs: () => 0 },
      { nowMs: () => nowMs, wait: () => {} },
    )
    return () => stream.dispatchEvent(new Event('message'))
  }
  const inner = paced('hostile', () => {
    nowMs += 200
  })
  const outer = paced('relay', () => {
    nowMs += 3
    inner()
    inner()
  })
  outer()
  inner()
  outer()
  const once = [
    ['hostile', 200],
    ['hostile', 200],
    ['relay', 3],
  ]
  expect(charged).toEqual([...once, ['hostile', 200], ...once])
  // Of what hung on something else half a second is charged.
  paced('another', () => {
    nowMs += 10_000
  })()
  expect(charged.at(-1)).toEqual(['another', 500])
})

test('what is cheap is not held up', () => {
  const { come, read, isPaused } = line(0.1)
  come(...many)
  expect(read).toEqual(many)
  expect(isPaused()).toBe(false)
})

test('one message that takes very long holds its line up for two seconds and no longer', () => {
  const { come, read, pass } = line(5_000)
  come(...many)
  expect(read).toHaveLength(1)
  expect(pass()).toBe(2_000)
  expect(read).toHaveLength(2)
})

test('a line that has broken meanwhile is left alone', () => {
  const { come, read, pass, stream } = line(100)
  come(...many)
  stream.status = 'aborted'
  pass()
  expect(read).toHaveLength(1)
})

test('a peer pays for each stream that it opens, also for one that nobody serves', async () => {
  const [seed, theirs] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)]
  const listen = ['/ip4/127.0.0.1/tcp/0']
  const charged: number[] = []
  await using us = await createLibp2pTransport({
    privateKey: seed,
    listen,
    peers: [{ peerId: await peerIdOfSeed(theirs), addresses: [] }],
    accountOf: () => ({ charge: (ms) => void charged.push(ms), owesMs: () => 0 }),
  })
  const { peerId } = us
  const peers = [{ peerId, addresses: us.addresses() }]
  await using them = await createLibp2pTransport({ privateKey: theirs, listen: [], peers })
  const streams = () => charged.filter((ms) => ms === 1).length
  await expect(them.open(peerId, '/nobody/1')).rejects.toThrow()
  const before = streams()
  for (let i = 0; i < 5; i++) await expect(them.open(peerId, '/nobody/1')).rejects.toThrow()
  expect(streams() - before).toBe(5)
})

test('who opens hundreds of streams at once loses the connection; a few at once nobody minds', () => {
  let nowMs = 0
  const accounts = createAccounts({ burst: 20, perSecond: 100 }, () => nowMs)
  const muxer = new EventTarget()
  let [looked, hungUp] = [0, 0]
  muxer.addEventListener('stream', () => {
    looked++
  })
  chargeStreams(
    muxer as unknown as StreamMuxer,
    { charge: (ms) => accounts.charge('them', ms), owesMs: () => accounts.owesMs('them') },
    { abort: () => void hungUp++ },
  )
  const open = (count: number) => {
    for (let i = 0; i < count; i++) muxer.dispatchEvent(new Event('stream'))
  }
  open(32)
  nowMs += 2_000
  open(32)
  expect([looked, hungUp]).toEqual([64, 0])
  nowMs += 2_000
  open(500)
  expect(looked).toBeLessThan(64 + 100)
  expect(hungUp).toBeGreaterThan(0)
})
