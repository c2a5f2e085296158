import type { Channel, Transport } from '../ports/transport.ts'
import type { Rate } from './rate-limit.ts'

/** Frames a peer may send on all streams that it opened: far more than one that has thousands of statements to acknowledge. */
export const FRAME_RATE: Rate = { burst: 150, perSecond: 100 }
/** A frame counts for one, and for one more for each so many of its bytes. */
const BYTES_OF_ONE = 16 * 1024

/**
 * The same network, on which a peer is heard no faster than its rate, so that one peer cannot keep the node from the others. A frame
 * above the rate waits, and with it all that the peer sent behind it: an honest peer in a hurry loses nothing.
 * @param isFree peers that are heard as fast as they send: the nation's own other nodes
 * @param nowMs a clock that never goes back
 */
export function pacing(
  transport: Transport,
  { burst, perSecond }: Rate,
  isFree: (peerId: string) => boolean = () => false,
  nowMs: () => number = () => performance.now(),
): Transport {
  /** By peer, when all that it has sent is paid for, ms. */
  const paidMs = new Map<string, number>()
  const waitMs = (peerId: string, cost: number): number => {
    const now = nowMs()
    const fullMs = now - (burst * 1_000) / perSecond
    const from = Math.max(paidMs.get(peerId) ?? fullMs, fullMs)
    const until = from + (cost * 1_000) / perSecond
    paidMs.set(peerId, until)
    return until - now
  }
  return {
    ...transport,
    handle: (protocol, handler) =>
      transport.handle(protocol, (channel) =>
        handler(
          isFree(channel.peerId)
            ? channel
            : {
                ...channel,
                frames: pacedFrames(channel, waitMs),
                [Symbol.asyncDispose]: () => channel[Symbol.asyncDispose](),
              },
        ),
      ),
    [Symbol.asyncDispose]: () => transport[Symbol.asyncDispose](),
  }
}

async function* pacedFrames(
  channel: Channel,
  waitMs: (peerId: string, cost: number) => number,
): AsyncGenerator<Uint8Array> {
  for await (const frame of channel.frames) {
    const ms = waitMs(channel.peerId, 1 + frame.length / BYTES_OF_ONE)
    if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms).unref())
    yield frame
  }
}
