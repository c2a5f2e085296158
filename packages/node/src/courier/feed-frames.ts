import type { Partner } from '../deps.ts'
import { decodeFrame, encodeFrame, type RecipientFrame, SenderFrame } from '../feed/frames.ts'
import { type FeedSource, serveFeed } from '../feed/serve-feed.ts'
import type { Channel } from '../ports/transport.ts'

/**
 * What a stream would send to a partner that says this, until it has nothing more: what may be served is decided by `serveFeed`, here as
 * there. Frames are handed on one at a time.
 * @param said `resume` first, then what is asked for again
 */
export async function feedFrames(
  source: FeedSource,
  partner: Partner,
  said: readonly RecipientFrame[],
  onFrame: (frame: SenderFrame) => Promise<void>,
): Promise<void> {
  const full = Promise.withResolvers<void>()
  // Nobody may be waiting for it when it fails, as on a full disk.
  full.promise.catch(() => {})
  // The stream sends what it has, and what it is asked for, at the same time.
  let last: Promise<void> = Promise.resolve()
  const channel: Channel = {
    peerId: partner.certificate.peerId,
    send: async (bytes) => {
      const frame = decodeFrame(bytes, SenderFrame)
      // Answers of a stream, and what could only be opened by a key that follows on the same stream.
      if (frame.t === 'resumed' || frame.t === 'pending') return
      last = last.then(() => onFrame(frame))
      await last
    },
    ended: new AbortController().signal,
    frames: (async function* () {
      for (const frame of said) yield encodeFrame(frame)
      await full.promise
    })(),
    close: async () => {},
    abort: full.reject,
    [Symbol.asyncDispose]: async () => {},
  }
  await serveFeed({ ...source, onIdle: full.resolve }, channel, partner)
}
