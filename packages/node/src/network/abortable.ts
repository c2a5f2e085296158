import type { Channel } from '../ports/transport.ts'

/**
 * Frames of a channel, which ends with the signal: whoever waits for an answer waits no longer than it said, and a node that closes
 * does not wait for a peer that says nothing.
 */
export async function* abortable(
  channel: Channel,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  const end = () => channel.abort(new Error('no answer in time'))
  if (signal?.aborted === true) end()
  signal?.addEventListener('abort', end, { once: true })
  try {
    yield* channel.frames
  } finally {
    signal?.removeEventListener('abort', end)
  }
}
