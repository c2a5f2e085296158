import type { Channel } from '../ports/transport.ts'

/** Runs a handler for as long as its channel lives; see `Transport.handle`. Never rejects. */
export async function runHandler(
  channel: Channel,
  handler: (channel: Channel) => Promise<void>,
): Promise<void> {
  try {
    await handler(channel)
    await channel[Symbol.asyncDispose]()
  } catch (error) {
    channel.abort(error instanceof Error ? error : new Error(String(error)))
  }
}
