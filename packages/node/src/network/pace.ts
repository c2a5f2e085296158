import type { Channel, Transport } from '../ports/transport.ts'
import { type Accounts, createAccounts } from './accounts.ts'
import type { Rate } from './rate-limit.ts'

/** Frames a peer may send on all streams that it opened: far more than one that has thousands of statements to acknowledge. */
export const FRAME_RATE: Rate = { burst: 150, perSecond: 100 }
/** A frame counts for one, and for one more for each so many of its bytes; or for what it took, if that is more. */
const BYTES_OF_ONE = 16 * 1024
const MS_OF_ONE = 2
/** The most of one turn that is charged, ms: a longer one hung on something else. */
const MOST_TURN_MS = 500
/**
 * Time, ms, for which a peer may keep the loop with bytes alone, before anybody looks at a frame: a tenth. Bulk comes in long messages,
 * of which that is more than anybody admits.
 */
export const LINE_RATE: Rate = { burst: 20, perSecond: 100 }

/**
 * Time, ms, for which a peer may keep the loop with what it says on streams that this node opened: half. It answers there, and what it tells
 * at length is told there, so neither how many frames they are counts nor how long they are.
 */
const ANSWER_RATE: Rate = { burst: 5_000, perSecond: 500 }

export interface PaceOptions {
  /** Of what this node opens. */
  readonly answers?: Rate
  /** A frame that counts for a tenth, if it takes no longer and is short. */
  readonly isSmall?: (frame: Uint8Array) => boolean
  /** Streams that have an account of their own, since they have a rate of their own. */
  readonly isApart?: (protocol: string) => boolean
  /** Peers that are heard as fast as they send: the nation's own other nodes. */
  readonly isFree?: (peerId: string) => boolean
  /** A clock that never goes back. */
  readonly nowMs?: () => number
}

/**
 * The same network, on which a peer is heard no faster than its rate, whoever opened the stream, so that one peer cannot keep the node from the others. A frame
 * above the rate waits, and with it all that the peer sent behind it: an honest peer in a hurry loses nothing. One frame of a peer is
 * dealt with in a turn of the event loop, so that others come in between.
 */
export function pacing(
  transport: Transport,
  rate: Rate,
  {
    answers = ANSWER_RATE,
    isSmall = () => false,
    isApart = () => false,
    isFree = () => false,
    nowMs = () => performance.now(),
  }: PaceOptions = {},
): Transport {
  const asking = (): Paying => ({
    ...createAccounts(rate, nowMs),
    least: (frame) => (isSmall(frame) ? 0.1 : 1) + frame.length / BYTES_OF_ONE,
    ofMs: (ms) => ms / MS_OF_ONE,
  })
  const [asked, apart] = [asking(), asking()]
  const answered: Paying = {
    ...createAccounts(answers, nowMs),
    least: () => 0,
    ofMs: (ms) => ms,
  }
  const paced = (channel: Channel, paying: Paying): Channel => {
    if (isFree(channel.peerId)) return channel
    const frames = pacedFrames(channel, paying, nowMs)
    return {
      ...channel,
      // Who leaves the loop may come back to it.
      frames: { [Symbol.asyncIterator]: () => ({ next: () => frames.next() }) },
      [Symbol.asyncDispose]: () => channel[Symbol.asyncDispose](),
    }
  }
  return {
    ...transport,
    handle: (protocol, handler) =>
      transport.handle(protocol, (channel) =>
        handler(paced(channel, isApart(protocol) ? apart : asked)),
      ),
    open: async (...given) => paced(await transport.open(...given), answered),
    [Symbol.asyncDispose]: () => transport[Symbol.asyncDispose](),
  }
}

/** How frames are paid for. */
interface Paying extends Accounts {
  /** What a frame costs before anybody knows how long it takes. */
  readonly least: (frame: Uint8Array) => number
  /** What it costs if it takes so long and that is more. */
  readonly ofMs: (ms: number) => number
}

async function* pacedFrames(
  { peerId, frames, ended }: Channel,
  { charge, owesMs, least, ofMs }: Paying,
  nowMs: () => number,
): AsyncGenerator<Uint8Array> {
  /** Others of the peer's frames may be dealt with meanwhile: it is looked at again. */
  const untilPaid = async (cost: number): Promise<void> => {
    for (let ms = owesMs(peerId, cost); ms > 0 && !ended.aborted; ms = owesMs(peerId, cost))
      await waitFor(ms, ended)
  }
  const coming = frames[Symbol.asyncIterator]()
  for (;;) {
    // Before it is taken: what has not been taken holds the sender up, and goes with its stream.
    await untilPaid(0)
    const { done, value: frame } = await coming.next()
    if (done === true) return
    // Others come in between, and what the frame before took is known by then.
    await new Promise((resolve) => setImmediate(resolve))
    const cost = least(frame)
    await untilPaid(cost)
    // Taken back with its stream: how that ended, the next one says.
    if (ended.aborted) continue
    charge(peerId, cost)
    measureTurn(nowMs, (ms) => charge(peerId, Math.max(0, ofMs(Math.min(ms, MOST_TURN_MS)) - cost)))
    yield frame
  }
}

/** Waits so long, or until the channel has ended. */
function waitFor(ms: number, ended: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer)
      ended.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms).unref()
    ended.addEventListener('abort', done, { once: true })
  })
}

/**
 * Measures how long the loop is kept by what is done from here until something has to be waited for. Not processor time: on a busy machine
 * all who wait for the loop wait that much longer.
 */
function measureTurn(nowMs: () => number, done: (ms: number) => void): void {
  const from = nowMs()
  // A tick that is asked for in a microtask comes when no microtask is left.
  queueMicrotask(() => process.nextTick(() => done(nowMs() - from)))
}
