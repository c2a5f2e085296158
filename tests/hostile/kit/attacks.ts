import { randomBytes } from 'node:crypto'
import {
  type Channel,
  controlProtocol,
  feedProtocol,
  gossipProtocol,
  MOST_ASKED_BYTES,
  MOST_FEEDS,
  MOST_GOSSIP_BYTES,
  witnessProtocol,
} from '@entente/node/testing'
import { utf8 } from '@entente/schema'
import type { Attacker } from './attacker.ts'

/** Goes on until it is stopped; whatever the other side answers or refuses. */
export type Attack = (attacker: Attacker, signal: AbortSignal) => Promise<void>

const json = (value: unknown): Uint8Array => utf8(JSON.stringify(value))
const digest = () => randomBytes(32).toString('base64url')
const resume = (feeds: readonly unknown[] = []) => json({ t: 'resume', checkpoint: null, feeds })
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** Opens a stream again and again, as long as the attack lasts; what breaks is begun anew. */
async function again(
  signal: AbortSignal,
  open: () => Promise<Channel>,
  use: (channel: Channel) => Promise<void>,
): Promise<void> {
  while (!signal.aborted) {
    try {
      await using channel = await open()
      // What has been sent is taken back with it: nothing of one attack is left for the next.
      signal.addEventListener('abort', () => channel.abort(new Error('enough')), { once: true })
      await use(channel)
    } catch {
      await pause(20)
    }
  }
}
const drain = async (channel: Channel): Promise<void> => {
  for await (const _frame of channel.frames);
}
const times = (count: number, work: (i: number) => Promise<void>): Promise<unknown> =>
  Promise.all(Array.from({ length: count }, (_, i) => work(i)))

/** Sends frames on one stream as fast as they are taken. */
const flood =
  (protocol: string, frame: () => Uint8Array, streams = 8): Attack =>
  async (attacker, signal) => {
    await times(streams, () =>
      again(
        signal,
        () => attacker.open(protocol),
        async (channel) => {
          const reading = drain(channel).catch(() => {})
          while (!signal.aborted) await channel.send(frame())
          await reading
        },
      ),
    )
  }

/** What a partner with its own keys, and no will to keep the rules, can do to a node at length. */
export const attacks: Readonly<Record<string, Attack>> = {
  'asks to resume without end': flood(feedProtocol, () => resume()),
  'names a thousand feeds that it guesses, again and again': flood(
    controlProtocol,
    () =>
      resume(
        Array.from({ length: MOST_FEEDS }, () => ({ feed: digest(), seq: 0, hash: digest() })),
      ),
    2,
  ),
  'asks for bodies that it guesses': flood(feedProtocol, () =>
    json({ t: 'again', feed: digest(), seq: 7, entry: digest() }),
  ),
  'acknowledges with words that nobody signed': flood(feedProtocol, () =>
    json({ t: 'ack', jws: `${digest()}.${digest()}.${digest()}` }),
  ),
  'sends giant frames': flood(gossipProtocol, () => new Uint8Array(8 * 1024 * 1024).fill(0x5b), 2),
  'sends the longest frames that are taken': flood(
    gossipProtocol,
    () => new Uint8Array(MOST_GOSSIP_BYTES).fill(0x5b),
    2,
  ),
  'gossips about logs that nobody knows': flood(
    gossipProtocol,
    () =>
      json({
        t: 'seen',
        policy: 1,
        at: Date.now(),
        checkpoints: Array.from(
          { length: 512 },
          () => `${digest()}\n7\n${randomBytes(32).toString('base64')}\n\n`,
        ),
        forks: [],
      }),
    4,
  ),
  'asks the witness without end': flood(witnessProtocol, () =>
    utf8(`GET /${randomBytes(32).toString('hex')}/checkpoint\n`),
  ),
  'resets streams on which what it sent still waits': async (attacker, signal) => {
    const blank = new Uint8Array(MOST_ASKED_BYTES).fill(0x20)
    await times(12, () =>
      again(
        signal,
        () => attacker.open(feedProtocol),
        async (channel) => {
          await channel.send(blank)
          await pause(500)
          channel.abort(new Error('taken back'))
        },
      ),
    )
  },
  'sends a byte now and then': async (attacker, signal) => {
    await times(32, () =>
      again(
        signal,
        () => attacker.open(feedProtocol),
        async (channel) => {
          while (!signal.aborted) {
            await channel.send(utf8('{'))
            await pause(200)
          }
        },
      ),
    )
  },
  'asks for everything and never reads': async (attacker, signal) => {
    await times(32, () =>
      again(
        signal,
        () => attacker.open(feedProtocol),
        async (channel) => {
          for (let i = 0; i < 100 && !signal.aborted; i++) await channel.send(resume())
          while (!signal.aborted) await pause(50)
        },
      ),
    )
  },
  'repeats the head of its log on streams that the node opened': async (
    { asked, head },
    signal,
  ) => {
    const flood = async (channel: Channel) => {
      const frame = json({ t: 'head', ...head() })
      while (!signal.aborted) await channel.send(frame)
    }
    while (!signal.aborted) await Promise.allSettled([...asked()].map(flood)).then(() => pause(20))
  },
  'opens ten thousand streams': async (attacker, signal) => {
    const protocols = [controlProtocol, feedProtocol, gossipProtocol, witnessProtocol]
    let opened = 0
    await times(50, async (i) => {
      const held: Channel[] = []
      while (!signal.aborted && opened < 10_000) {
        opened++
        try {
          held.push(await attacker.open(protocols[i % protocols.length] ?? feedProtocol))
        } catch {
          await pause(5)
        }
      }
      while (!signal.aborted) await pause(50)
      for (const channel of held) channel.abort(new Error('enough'))
    })
  },
}
