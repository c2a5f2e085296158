import type { Stream, StreamCloseEvent, StreamMessageEvent } from '@libp2p/interface'
import type { Channel } from '../ports/transport.ts'
import { TransportError } from '../ports/transport.ts'
import { createFrameDecoder, encodeLength, LENGTH_BYTES } from './libp2p-framing.ts'

export interface ChannelLimits {
  /** Largest frame, sent or received, in bytes. */
  readonly maxFrameBytes: number
  /** Largest frame received, where that is less. */
  readonly maxReceivedFrameBytes?: number
  /** Above this many queued bytes `send` waits, and the sender of unread frames is paused. */
  readonly highWaterBytes: number
  /** Unread bytes above which a sender is paused, where they are fewer. */
  readonly readAheadBytes?: number
  /** How long the other side may take, once we close, to accept the rest. */
  readonly closeTimeoutMs: number
}

/** Frames shorter than this are copied behind their prefix, to leave in one piece. */
const COPIED_FRAME_BYTES = 64 * 1024

/**
 * Frames over a libp2p stream, with back-pressure both ways. Must be called in the turn in which
 * the stream is handed over: a stream that nobody reads yet grants its whole window again and again.
 */
export function createLibp2pChannel(
  stream: Stream,
  peerId: string,
  limits: ChannelLimits,
): Channel {
  const reader = createReader(stream, limits)
  const frames: AsyncIterable<Uint8Array> = {
    [Symbol.asyncIterator]: () => ({ next: reader.next }),
  }
  let closed: Promise<void> | undefined
  const close = (): Promise<void> => {
    closed ??= closeWrite(stream, limits.closeTimeoutMs)
    return closed
  }
  return {
    peerId,
    frames,
    ended: reader.ended,
    send: async (frame, { signal } = {}) => {
      signal?.throwIfAborted()
      if (frame.length > limits.maxFrameBytes) {
        throw new TransportError(
          'FRAME_TOO_LARGE',
          `frame of ${frame.length} bytes, limit is ${limits.maxFrameBytes}`,
        )
      }
      if (closed !== undefined) throw new TransportError('CHANNEL_CLOSED', 'channel is closed')
      writeFrame(stream, frame)
      await belowHighWater(stream, limits.highWaterBytes, signal)
    },
    close,
    abort: (reason) => stream.abort(reason),
    [Symbol.asyncDispose]: async () => {
      await close().catch(() => {})
      reader.stop()
      lingerThenAbort(stream, limits.closeTimeoutMs)
    },
  }
}

interface Reader {
  readonly next: () => Promise<IteratorResult<Uint8Array, undefined>>
  readonly stop: () => void
  readonly ended: AbortSignal
}

function createReader(stream: Stream, limits: ChannelLimits): Reader {
  const decoder = createFrameDecoder(limits.maxReceivedFrameBytes ?? limits.maxFrameBytes)
  const readAheadBytes = limits.readAheadBytes ?? limits.highWaterBytes
  let changed = Promise.withResolvers<void>()
  let failure: TransportError | undefined
  let closedByPeer = stream.remoteWriteStatus === 'closed' && !isBroken(stream)
  let ended = stream.readableEnded || isBroken(stream)
  let stopped = false
  let resuming = false
  const over = new AbortController()
  if (isBroken(stream)) over.abort()

  const wake = (): void => {
    changed.resolve()
    changed = Promise.withResolvers<void>()
  }
  const isReading = (): boolean =>
    stream.readStatus === 'readable' || stream.readStatus === 'paused'

  // A frame under way must be read to its end, however large.
  const pauseIfFull = (): void => {
    const isFull = decoder.ready() && decoder.bufferedBytes() > readAheadBytes
    if (isFull && !resuming && stream.readStatus === 'readable') stream.pause()
  }
  const resume = (): void => {
    if (stream.readStatus !== 'paused') return
    // resume() delivers what it held back before it tells yamux, which would undo a pause made then.
    resuming = true
    try {
      stream.resume()
    } finally {
      resuming = false
    }
    pauseIfFull()
  }

  stream.addEventListener('message', (event: StreamMessageEvent) => {
    if (stopped) return
    if (event.data instanceof Uint8Array) decoder.push(event.data)
    else for (const piece of event.data) decoder.push(piece)
    pauseIfFull()
    wake()
  })
  stream.addEventListener('remoteCloseWrite', () => {
    closedByPeer = true
  })
  stream.addEventListener('end', () => {
    ended = true
    wake()
  })
  stream.addEventListener('close', (event: StreamCloseEvent) => {
    if (event.error !== undefined) {
      failure ??= channelReset(event.error)
      over.abort()
    }
    wake()
  })

  const shift = (): Uint8Array | undefined => {
    try {
      return decoder.shift()
    } catch (error) {
      if (error instanceof TransportError) {
        failure ??= error
        stream.abort(error)
        stopped = true
        throw error
      }
      throw error
    }
  }
  const finish = (): IteratorResult<Uint8Array, undefined> => {
    if (isBroken(stream) || !closedByPeer) throw channelReset(undefined)
    if (decoder.bufferedBytes() > 0) {
      throw new TransportError(
        'FRAME_TRUNCATED',
        `channel closed ${decoder.bufferedBytes()} bytes into a frame of ${LENGTH_BYTES} or more`,
      )
    }
    return { done: true, value: undefined }
  }

  return {
    next: async () => {
      for (;;) {
        if (stopped && failure === undefined) return { done: true, value: undefined }
        // A stream that was reset takes back what nobody has read: else a peer that is gone would be worked for.
        if (failure !== undefined) throw failure
        const frame = stopped ? undefined : shift()
        if (frame !== undefined) {
          if (decoder.bufferedBytes() < readAheadBytes / 2) resume()
          return { done: false, value: frame }
        }
        if (ended) return finish()
        const { promise } = changed
        resume()
        if (!decoder.ready() && failure === undefined && !ended) await promise
      }
    },
    ended: over.signal,
    stop: () => {
      stopped = true
      over.abort()
      if (isReading()) stream.closeRead().catch(() => {})
      wake()
    },
  }
}

function writeFrame(stream: Stream, frame: Uint8Array): void {
  try {
    const prefix = encodeLength(frame.length)
    if (frame.length < COPIED_FRAME_BYTES) {
      const whole = new Uint8Array(LENGTH_BYTES + frame.length)
      whole.set(prefix)
      whole.set(frame, LENGTH_BYTES)
      stream.send(whole)
    } else {
      stream.send(prefix)
      stream.send(frame)
    }
  } catch (error) {
    throw channelReset(error)
  }
}

/**
 * Waits until little enough is queued. Each `drain` means only that the window grew, and the
 * promise of `stream.onDrain()` stays settled after its first use, so the length is what counts.
 */
async function belowHighWater(
  stream: Stream,
  highWaterBytes: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  while (stream.writeBufferLength > highWaterBytes && !isBroken(stream)) {
    await nextWritableEvent(stream, signal)
  }
  if (isBroken(stream)) throw channelReset(undefined)
}

function nextWritableEvent(stream: Stream, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (): void => {
      for (const name of ['drain', 'idle', 'close'] as const) {
        stream.removeEventListener(name, settle)
      }
      signal?.removeEventListener('abort', settle)
      if (signal?.aborted === true) reject(signal.reason)
      else resolve()
    }
    for (const name of ['drain', 'idle', 'close'] as const) stream.addEventListener(name, settle)
    signal?.addEventListener('abort', settle)
  })
}

async function closeWrite(stream: Stream, timeoutMs: number): Promise<void> {
  if (isBroken(stream)) return
  try {
    await stream.close({ signal: AbortSignal.timeout(timeoutMs) })
  } catch (error) {
    const reset = channelReset(error)
    stream.abort(reset)
    throw reset
  }
}

/** A peer that never closes its side would keep the stream open for ever. */
function lingerThenAbort(stream: Stream, timeoutMs: number): void {
  if (stream.status !== 'open' && stream.status !== 'closing') return
  const timer = setTimeout(
    () => stream.abort(new TransportError('CHANNEL_CLOSED', 'channel was disposed')),
    timeoutMs,
  )
  timer.unref()
  stream.addEventListener('close', () => clearTimeout(timer), { once: true })
}

function isBroken(stream: Stream): boolean {
  return stream.status === 'aborted' || stream.status === 'reset'
}

/** libp2p rejects with an event, not an error, when a stream ends under a waiting call. */
function channelReset(cause: unknown): TransportError {
  const error = cause instanceof Event && 'error' in cause ? cause.error : cause
  const why = error instanceof Error ? `: ${error.message}` : ''
  return new TransportError('CHANNEL_RESET', `channel was reset${why}`, { cause: error })
}
