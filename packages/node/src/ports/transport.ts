/** Ends a wait early. The reason of the signal is what the waiting call rejects with. */
export interface AbortOptions {
  readonly signal?: AbortSignal | undefined
}

/** The largest frame that a channel takes, in bytes. */
export const MAX_FRAME_BYTES = 8 * 1024 * 1024

/** A peer from the roster: who it is, and where it may be dialled. */
export interface ListedPeer {
  /** libp2p peer id, the Ed25519 key of the node in text form. */
  readonly peerId: string
  /** Multiaddrs. With none, the peer is not dialled but may dial us. */
  readonly addresses: readonly string[]
}

/** One framed, ordered, two-way stream with a listed peer. */
export interface Channel extends AsyncDisposable {
  /** Proven by the key exchange of the connection, never taken from a message. */
  readonly peerId: string
  /**
   * Sends one frame; calls made one after the other arrive in that order. Resolves once what is
   * queued is below the high-water mark, so awaiting it is back-pressure. Leave the bytes unchanged
   * until then. A frame whose wait is aborted may still arrive.
   * @throws {TransportError} `FRAME_TOO_LARGE`, `CHANNEL_CLOSED`, `CHANNEL_RESET`
   */
  readonly send: (frame: Uint8Array, options?: AbortOptions) => Promise<void>
  /**
   * Incoming frames, for one reader. Ends when the other side closes. A slow reader pauses the
   * sender. Leaving the loop loses nothing: the next loop goes on with the next frame.
   * @throws {TransportError} `FRAME_TOO_LARGE`, `FRAME_TRUNCATED`, `CHANNEL_RESET`
   */
  readonly frames: AsyncIterable<Uint8Array>
  /** Aborted when the channel is reset or disposed: what nobody has read is gone, and nothing need wait for it. */
  readonly ended: AbortSignal
  /**
   * Says that no more frames will be sent; what was sent is still delivered and the other side may
   * still send. Disposing also stops reading.
   * @throws {TransportError} `CHANNEL_RESET` when the other side does not take the rest in time
   */
  readonly close: () => Promise<void>
  /** Ends both directions at once, unsent frames are lost. Both sides see `CHANNEL_RESET`. */
  readonly abort: (reason: Error) => void
}

/** A listed peer came or went. `connected` and `disconnected` alternate for each peer. */
export interface PeerEvent {
  readonly kind: 'connected' | 'disconnected'
  readonly peerId: string
}

/**
 * The closed network of one node: only listed peers connect, in either direction, and listed peers
 * are dialled again for ever.
 */
export interface Transport extends AsyncDisposable {
  readonly peerId: string
  /** Where this node listens: multiaddrs that end in `/p2p/<peerId>`. */
  readonly addresses: () => readonly string[]
  /**
   * Serves a protocol. The channel lives as long as the handler runs: it is disposed when the
   * handler returns and aborted when the handler throws. A second handler replaces the first.
   */
  readonly handle: (protocol: string, handler: (channel: Channel) => Promise<void>) => Promise<void>
  /**
   * Opens a channel, connecting first if necessary.
   * @throws {TransportError} `PEER_NOT_LISTED`, `PEER_UNREACHABLE`, `PROTOCOL_UNSUPPORTED`,
   * `TOO_MANY_CHANNELS`, `TRANSPORT_CLOSED`
   */
  readonly open: (peerId: string, protocol: string, options?: AbortOptions) => Promise<Channel>
  /**
   * Replaces the list of peers. Those no longer listed are hung up at once.
   * @throws {TransportError} `PEER_ID_INVALID`, `ADDRESS_INVALID`; the list is then unchanged
   */
  readonly allow: (peers: readonly ListedPeer[]) => Promise<void>
  /** Drops the connections with a peer. A listed peer is dialled again. */
  readonly hangUp: (peerId: string) => Promise<void>
  /** Names of the streams that a connected peer says it serves; empty when it has not said. */
  readonly serves: (peerId: string) => Promise<readonly string[]>
  /** Peers connected now. */
  readonly connected: () => readonly string[]
  /** Reports peers that come and go. The returned function ends the reports. */
  readonly on: (listener: (event: PeerEvent) => void) => () => void
}

export type TransportCode =
  | 'ADDRESS_INVALID'
  | 'CHANNEL_CLOSED'
  | 'CHANNEL_RESET'
  | 'FRAME_TOO_LARGE'
  | 'FRAME_TRUNCATED'
  | 'PEER_ID_INVALID'
  | 'PEER_NOT_LISTED'
  | 'PEER_UNREACHABLE'
  | 'PROTOCOL_UNSUPPORTED'
  | 'TOO_MANY_CHANNELS'
  | 'TRANSPORT_CLOSED'
  | 'WIRE_VERSION'

/** The network did not do what was asked. Callers switch on `code`. */
export class TransportError extends Error {
  override readonly name = 'TransportError'
  readonly code: TransportCode
  constructor(code: TransportCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
