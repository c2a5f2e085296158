import { TransportError } from '../ports/transport.ts'

/** Bytes before each frame: its length, unsigned, big-endian. */
export const LENGTH_BYTES = 4

const INITIAL_BYTES = 64 * 1024

/** The length prefix of a frame. */
export function encodeLength(sizeBytes: number): Uint8Array {
  const prefix = new Uint8Array(LENGTH_BYTES)
  new DataView(prefix.buffer).setUint32(0, sizeBytes)
  return prefix
}

/** Cuts a byte stream into frames. Holds what was pushed and not yet shifted, and no more than twice that. */
export interface FrameDecoder {
  readonly push: (bytes: Uint8Array) => void
  /**
   * The next complete frame, a copy.
   * @throws {TransportError} `FRAME_TOO_LARGE` as soon as the length prefix says so
   */
  readonly shift: () => Uint8Array | undefined
  /** A call to `shift` would return a frame or throw. */
  readonly ready: () => boolean
  readonly bufferedBytes: () => number
}

/** @param maxFrameBytes largest frame accepted, in bytes without the prefix */
export function createFrameDecoder(maxFrameBytes: number): FrameDecoder {
  let buffer = new Uint8Array(INITIAL_BYTES)
  let start = 0
  let end = 0

  const nextSize = (): number | undefined =>
    end - start < LENGTH_BYTES
      ? undefined
      : new DataView(buffer.buffer, start, LENGTH_BYTES).getUint32(0)

  // The buffer grows with what has arrived, not with what a prefix promises.
  const makeRoom = (sizeBytes: number): void => {
    if (end + sizeBytes <= buffer.length) return
    const unread = buffer.subarray(start, end)
    const target =
      unread.length + sizeBytes > buffer.length
        ? new Uint8Array(Math.max(buffer.length * 2, unread.length + sizeBytes))
        : buffer
    target.set(unread)
    buffer = target
    end = unread.length
    start = 0
  }

  const release = (): void => {
    start = 0
    end = 0
    if (buffer.length > INITIAL_BYTES) buffer = new Uint8Array(INITIAL_BYTES)
  }

  return {
    push: (bytes) => {
      makeRoom(bytes.length)
      buffer.set(bytes, end)
      end += bytes.length
    },
    shift: () => {
      const size = nextSize()
      if (size === undefined) return undefined
      if (size > maxFrameBytes) {
        throw new TransportError(
          'FRAME_TOO_LARGE',
          `frame of ${size} bytes announced, limit is ${maxFrameBytes}`,
        )
      }
      const from = start + LENGTH_BYTES
      if (end - from < size) return undefined
      const frame = buffer.slice(from, from + size)
      start = from + size
      if (start === end) release()
      return frame
    },
    ready: () => {
      const size = nextSize()
      return size !== undefined && (size > maxFrameBytes || end - start - LENGTH_BYTES >= size)
    },
    bufferedBytes: () => end - start,
  }
}
