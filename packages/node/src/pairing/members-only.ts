import type { Transport } from '../ports/transport.ts'

/**
 * The network as everything but the pairing sees it: a peer that is listed only to be paired opens none of its streams.
 * @param isMember whether a peer id is that of a partner
 */
export function membersOnly(
  transport: Transport,
  isMember: (peerId: string) => boolean,
): Transport {
  return {
    ...transport,
    handle: (protocol, handler) =>
      transport.handle(protocol, async (channel) => {
        if (!isMember(channel.peerId))
          throw new Error(`${channel.peerId} is not paired yet: it may not open ${protocol}`)
        await handler(channel)
      }),
  }
}
