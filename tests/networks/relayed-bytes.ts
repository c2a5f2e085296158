import type { Evidence } from '../support/evidence.ts'

/** What a relay was given by one end to pass to the other, as it has it: its own encryption with that end is taken off. */
export interface RelayedBytes {
  /** One piece for each stream. */
  readonly evidence: () => Evidence[]
  readonly sizeBytes: () => number
  /** For the factory of a relay's server: what it makes tells here what it reads. */
  readonly tap: <Made extends object>(server: Made) => Made
}

/** What of `@libp2p/circuit-relay-v2` stands at both ends of what it pipes; were it named otherwise, nothing would be seen. */
interface RelayServer {
  /** An end asks for a place, or calls another; in the second case all that it says then is piped. */
  onHop: (stream: EventTarget, ...rest: unknown[]) => Promise<void>
  /** Opens the stream to the end that is called. */
  stopHop: (...args: unknown[]) => Promise<EventTarget | undefined>
}
type Message = Event & { readonly data: { readonly subarray: () => Uint8Array } }

export function createRelayedBytes(): RelayedBytes {
  const streams: Uint8Array[][] = []
  let sizeBytes = 0
  const note = (pieces: Uint8Array[], bytes: Uint8Array): void => {
    pieces.push(Uint8Array.from(bytes))
    sizeBytes += bytes.length
  }
  const listenAt = (stream: EventTarget): void => {
    const pieces: Uint8Array[] = []
    streams.push(pieces)
    // One more listener would take what waits for the first reader.
    const dispatch = stream.dispatchEvent.bind(stream)
    stream.dispatchEvent = (event) => {
      if (event.type === 'message') note(pieces, (event as Message).data.subarray())
      return dispatch(event)
    }
  }
  return {
    evidence: () => streams.map((pieces) => ({ place: 'relay', bytes: Buffer.concat(pieces) })),
    sizeBytes: () => sizeBytes,
    tap: (made) => {
      const server = made as unknown as RelayServer
      const { onHop, stopHop } = server
      server.onHop = (stream, ...rest) => {
        listenAt(stream)
        return onHop.call(server, stream, ...rest)
      }
      server.stopHop = async (...args) => {
        const stream = await stopHop.apply(server, args)
        if (stream !== undefined) listenAt(stream)
        return stream
      }
      return made
    },
  }
}
