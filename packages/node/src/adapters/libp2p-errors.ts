import type { PeerId } from '@libp2p/interface'
import { TransportError } from '../ports/transport.ts'

/** Why a channel could not be opened, in the terms of the port. */
export function openFailure(error: unknown, peerId: PeerId, protocol: string): TransportError {
  if (error instanceof TransportError) return error
  const name = error instanceof Error ? error.name : ''
  if (name === 'UnsupportedProtocolError') {
    const message = `peer ${peerId} does not serve ${protocol}`
    return new TransportError('PROTOCOL_UNSUPPORTED', message, { cause: error })
  }
  if (name === 'TooManyOutboundProtocolStreamsError') {
    const message = `too many channels for ${protocol} with ${peerId}`
    return new TransportError('TOO_MANY_CHANNELS', message, { cause: error })
  }
  return unreachable(peerId, error instanceof Error ? error.message : 'the stream ended', error)
}

export function unreachable(peerId: PeerId, why: string, cause?: unknown): TransportError {
  return new TransportError('PEER_UNREACHABLE', `peer ${peerId} is unreachable: ${why}`, { cause })
}

export function notListed(peerId: string): TransportError {
  return new TransportError('PEER_NOT_LISTED', `peer ${peerId} is not listed`)
}
