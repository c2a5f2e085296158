import { TransportError } from '../ports/transport.ts'

/** Bytes before each frame: its length, unsigned, big-endian. */
export const LENGTH_BYTES = 4

/** Pieces shorter than this are copied together: each would keep alive the whole buffer that it was cut from. */
const KEPT_BYTES = 4 * 1024
const TOGETHER_BYTES = 16 * 1024

/** The length prefix of a frame. */
export function encodeLength(sizeBytes: number): Uint8Array {
  const prefix = new Uint8Array(LENGTH_BYTES)
  new DataView(prefix.buffer).setUint32(0, sizeBytes)
  return prefix
}

/**
 * Cuts a byte stream into frames. Holds what was pushed and not yet shifted, in the pieces in which it came, and copies a frame once: a peer
 * decides how long its frames are, and what is copied more often is garbage that all others wait for.
 */
export interface FrameDecoder {
  /** @param bytes nobody may change them afterwards */
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
  /** In order; the first have been taken, up to `first`, and of the next one `taken` bytes. */
  let pieces: Uint8Array[] = []
  let [first, taken, buffered] = [0, 0, 0]
  /** The last piece is the beginning of this, and may grow in it. */
  let together: Uint8Array<ArrayBuffer> | null = null

  const pushTogether = (bytes: Uint8Array): void => {
    const last = pieces.at(-1)
    if (together !== null && last !== undefined && last.length + bytes.length <= together.length) {
      together.set(bytes, last.length)
      pieces[pieces.length - 1] = together.subarray(0, last.length + bytes.length)
      return
    }
    together = new Uint8Array(TOGETHER_BYTES)
    together.set(bytes)
    pieces.push(together.subarray(0, bytes.length))
  }
  /** The next bytes, copied; they stay. */
  const copyNext = (to: Uint8Array, skipped: number): void => {
    let [at, from, filled] = [first, taken + skipped, 0]
    while (filled < to.length) {
      const piece = pieces[at++] as Uint8Array
      const part = piece.subarray(from, from + to.length - filled)
      to.set(part, filled)
      filled += part.length
      from = Math.max(0, from - piece.length)
    }
  }
  const drop = (count: number): void => {
    buffered -= count
    taken += count
    size = undefined
    for (
      let piece = pieces[first];
      piece !== undefined && taken >= piece.length;
      piece = pieces[first]
    ) {
      taken -= piece.length
      first++
    }
    if (buffered === 0) {
      // The last piece may have grown since it was taken.
      pieces = []
      first = taken = 0
      together = null
    } else if (first > pieces.length / 2) {
      pieces = pieces.slice(first)
      first = 0
    }
  }
  /** Of the frame that comes next, once its prefix is there. */
  let size: number | undefined
  const nextSize = (): number | undefined => {
    if (size !== undefined || buffered < LENGTH_BYTES) return size
    const prefix = new Uint8Array(LENGTH_BYTES)
    copyNext(prefix, 0)
    size = new DataView(prefix.buffer).getUint32(0)
    return size
  }

  return {
    push: (bytes) => {
      if (bytes.length === 0) return
      buffered += bytes.length
      if (bytes.length < KEPT_BYTES) return pushTogether(bytes)
      together = null
      pieces.push(bytes)
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
      if (buffered - LENGTH_BYTES < size) return undefined
      const frame = new Uint8Array(size)
      copyNext(frame, LENGTH_BYTES)
      drop(LENGTH_BYTES + size)
      return frame
    },
    ready: () => {
      const size = nextSize()
      return size !== undefined && (size > maxFrameBytes || buffered - LENGTH_BYTES >= size)
    },
    bufferedBytes: () => buffered,
  }
}
