import { randomBytes } from 'node:crypto'
import {
  type Channel,
  controlProtocol,
  feedProtocol,
  gossipProtocol,
  jointProtocol,
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
const pause = (ms: number) => new Promise<null>((resolve) => setTimeout(() => resolve(null), ms))

/** Opens a stream again and again, as long as the attack lasts; what breaks is begun anew. */
async function again(
  signal: AbortSignal,
  open: () => Promise<Channel>,
  use: (channel: Channel) => Promise<void>,
): Promise<void> {
  while (!signal.aborted) {
    try {
      await using channel = await open()
      if (signal.aborted) {
        channel.abort(new Error('too late'))
        return
      }
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

/** Sends frames, as fast as they are taken, on streams that the node has opened. */
const onAsked =
  (protocols: readonly string[], frames: (attacker: Attacker) => () => Uint8Array): Attack =>
  async (attacker, signal) => {
    const next = frames(attacker)
    const flood = async (channel: Channel) => {
      while (!signal.aborted) await channel.send(next())
    }
    while (!signal.aborted) {
      const asked = [...attacker.asked()].filter(([, protocol]) => protocols.includes(protocol))
      await Promise.allSettled(asked.map(([channel]) => flood(channel)))
      await pause(20)
    }
  }

/** Bytes that lie in a stream of which nothing was read: so few that it does not ask for more. */
async function lyingIn(channel: Channel): Promise<number> {
  const coming = channel.frames[Symbol.asyncIterator]()
  let bytes = 0
  while (bytes < 256 * 1024) {
    const next = await Promise.race([coming.next(), pause(10)]).catch(() => null)
    if (next === null || next === undefined || next.done === true) break
    bytes += next.value.length
  }
  return bytes
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
  'begins frames and sends a byte of them now and then': async (attacker, signal) => {
    await using line = await attacker.line()
    const streams = await Promise.all(Array.from({ length: 32 }, () => line.open(witnessProtocol)))
    // Of 200,000 bytes.
    for (const stream of streams) stream.send(Uint8Array.of(0, 3, 13, 64))
    while (!signal.aborted) {
      for (const stream of streams.filter(({ isOpen }) => isOpen())) {
        stream.send(utf8('{'))
        attacker.tally.did++
      }
      await pause(20)
    }
    attacker.tally.held += streams.filter(({ isOpen }) => isOpen()).length
  },
  'asks for everything and never reads': async (attacker, signal) => {
    // One stream at a time, as long as the attack lasts: another would take its place, and what lay on it would be gone.
    while (!signal.aborted)
      try {
        await using channel = await attacker.open(feedProtocol)
        try {
          while (!signal.aborted) {
            for (let i = 0; i < 20; i++) await channel.send(resume(), { signal })
            await pause(20)
          }
        } catch {
          // It was hung up on, or there was no room for more when the attack ended: what came lies there all the same.
        }
        attacker.tally.heard += await lyingIn(channel)
        channel.abort(new Error('enough'))
      } catch {
        await pause(20)
      }
  },
  'repeats the head of its log on streams that the node opened': onAsked(
    [controlProtocol, feedProtocol],
    ({ head }) =>
      () =>
        json({ t: 'head', ...head() }),
  ),
  'signs gaps, wrong order, feeds of others and unknown kinds, and repeats what is well': async (
    attacker,
    signal,
  ) => {
    const { subscription, misplaced } = attacker.signed
    const replay = onAsked([controlProtocol], ({ frame }) => {
      const good = json(frame(subscription))
      return () => good
    })
    let said = 0
    const next = (): Uint8Array | null => {
      const bad = misplaced[said++ % misplaced.length]
      return bad === undefined ? null : json(attacker.frame(bad))
    }
    /** Each is refused only once the node listens again after the one before; what is known makes that a second. */
    const misplace = async (channel: Channel): Promise<void> => {
      const bad = next()
      if (signal.aborted || bad === null) return
      await channel.send(json(attacker.frame(subscription)))
      await channel.send(bad)
    }
    attacker.on.resumed = misplace
    const feeds = [...attacker.asked()].filter(([, protocol]) => protocol === feedProtocol)
    await Promise.allSettled([replay(attacker, signal), ...feeds.map(([feed]) => misplace(feed))])
    attacker.on.resumed = async () => {}
  },
  'signs changes of a joint document that are none': onAsked(
    [jointProtocol],
    ({ signed: { changes } }) => {
      const frames = changes.map((change) => json(change))
      const done = json({ t: 'done' })
      let sent = 0
      return () => frames[sent++ % (frames.length + 1)] ?? done
    },
  ),
  'opens ten thousand streams': async (attacker, signal) => {
    const protocols = [controlProtocol, feedProtocol, gossipProtocol, witnessProtocol]
    /** More than a thousand at once its own side would not let it have: it takes them back and goes on; who is hung up on dials again. */
    const open = async (): Promise<void> => {
      await using line = await attacker.line()
      const enough = new AbortController()
      const opening = times(500, async (i) => {
        attacker.tally.did++
        await line.open(protocols[i % 4] ?? feedProtocol, { signal: enough.signal }).catch(() => {})
      })
      await pause(20)
      enough.abort()
      await opening
    }
    for (let opened = 0; opened < 10_000 && !signal.aborted; opened += 500)
      await open().catch(() => pause(20))
    while (!signal.aborted) await pause(20)
  },
}
