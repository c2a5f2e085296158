import { TransportError } from '../ports/transport.ts'

/** Bytes before each frame: its length, unsigned, big-endian. */
export const LENGTH_BYTES = 4

/** Pieces shorter than this are copied together. */
const KEPT_BYTES = 4 * 1024
const TOGETHER_BYTES = 16 * 1024

/** The length prefix of a frame. */
export function encodeLength(sizeBytes: number): Uint8Array {
  const prefix = new Uint8Array(LENGTH_BYTES)
  new DataView(prefix.buffer).setUint32(0, sizeBytes)
  return prefix
}

/**
 * Cuts a byte stream into frames. Holds what was pushed and not yet shifted, and little more than twice that. A long piece is kept as it
 * came, so that a frame is copied once: a peer decides how long its frames are, and all others wait for the garbage of more copies.
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
  /** Short pieces lie here, one behind the other; each that follows the one before it is one piece with it. */
  let [together, filled] = [new Uint8Array(0), 0]

  const pushTogether = (bytes: Uint8Array): void => {
    if (filled + bytes.length > together.length) {
      together = new Uint8Array(Math.max(TOGETHER_BYTES, bytes.length))
      filled = 0
    }
    together.set(bytes, filled)
    const last = pieces.at(-1)
    const follows = last?.buffer === together.buffer && last.byteOffset + last.length === filled
    const from = follows ? last.byteOffset : filled
    filled += bytes.length
    if (follows) pieces.pop()
    pieces.push(together.subarray(from, filled))
  }
  /** A piece keeps alive the whole buffer that it was cut from, which its sender may have filled with what goes to nobody. */
  const isMostOfItsBuffer = ({ length, buffer }: Uint8Array): boolean =>
    length >= KEPT_BYTES && 2 * length >= buffer.byteLength
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
      pieces = []
      first = taken = filled = 0
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
      if (isMostOfItsBuffer(bytes)) pieces.push(bytes)
      else pushTogether(bytes)
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
