import type { Channel } from '../ports/transport.ts'
import { TransportError } from '../ports/transport.ts'

export interface MemoryChannelLimits {
  readonly maxFrameBytes: number
  readonly highWaterBytes: number
}

/** One end of a channel: who it belongs to and what it accepts. */
export interface MemoryEnd {
  readonly peerId: string
  readonly limits: MemoryChannelLimits
}

export interface MemoryChannelPair {
  readonly near: Channel
  readonly far: Channel
  readonly abort: (reason: Error) => void
}

/** A channel between two nodes of one process. `near` is held by the first node. */
export function createMemoryChannelPair(nearEnd: MemoryEnd, farEnd: MemoryEnd): MemoryChannelPair {
  const outbound = createPipe(farEnd.limits)
  const inbound = createPipe(nearEnd.limits)
  const abort = (reason: Error): void => {
    const reset =
      reason instanceof TransportError && reason.code === 'FRAME_TOO_LARGE'
        ? reason
        : new TransportError('CHANNEL_RESET', `channel was reset: ${reason.message}`, {
            cause: reason,
          })
    outbound.fail(reset)
    inbound.fail(reset)
  }
  return {
    near: createEnd(farEnd.peerId, inbound, outbound, nearEnd.limits, abort),
    far: createEnd(nearEnd.peerId, outbound, inbound, farEnd.limits, abort),
    abort,
  }
}

function createEnd(
  peerId: string,
  incoming: Pipe,
  outgoing: Pipe,
  limits: MemoryChannelLimits,
  abort: (reason: Error) => void,
): Channel {
  let closed = false
  const close = async (): Promise<void> => {
    closed = true
    outgoing.end()
  }
  return {
    peerId,
    frames: { [Symbol.asyncIterator]: () => ({ next: incoming.next }) },
    ended: incoming.over,
    send: async (frame, { signal } = {}) => {
      signal?.throwIfAborted()
      if (frame.length > limits.maxFrameBytes) throw tooLarge(frame.length, limits.maxFrameBytes)
      if (closed) throw new TransportError('CHANNEL_CLOSED', 'channel is closed')
      outgoing.push(frame.slice())
      await outgoing.belowHighWater(signal)
    },
    close,
    abort,
    [Symbol.asyncDispose]: async () => {
      await close()
      incoming.stop()
    },
  }
}

/** Frames on their way in one direction. */
interface Pipe {
  readonly push: (frame: Uint8Array) => void
  readonly belowHighWater: (signal: AbortSignal | undefined) => Promise<void>
  readonly next: () => Promise<IteratorResult<Uint8Array, undefined>>
  readonly end: () => void
  readonly stop: () => void
  readonly fail: (reason: TransportError) => void
  /** Aborted when it fails or is stopped. */
  readonly over: AbortSignal
}

/** Made once: the error that an abort makes by itself takes as long as all else of a short stream. */
const STOPPED = new TransportError('CHANNEL_CLOSED', 'channel is closed')

function createPipe(receiver: MemoryChannelLimits): Pipe {
  const queue: Uint8Array[] = []
  let queuedBytes = 0
  let ended = false
  let stopped = false
  let failure: TransportError | undefined
  let refusal: TransportError | undefined
  const over = new AbortController()
  let changed = Promise.withResolvers<void>()

  const wake = (): void => {
    changed.resolve()
    changed = Promise.withResolvers<void>()
  }
  const drop = (): void => {
    queue.length = 0
    queuedBytes = 0
  }
  const fail = (reason: TransportError): void => {
    if (failure !== undefined || (ended && queue.length === 0)) return
    failure = reason
    drop()
    over.abort(reason)
    wake()
  }
  return {
    push: (frame) => {
      if (failure !== undefined) throw failure
      if (stopped) return
      if (frame.length > receiver.maxFrameBytes) {
        refusal = tooLarge(frame.length, receiver.maxFrameBytes)
        wake()
        return
      }
      queue.push(frame)
      queuedBytes += frame.length
      wake()
    },
    belowHighWater: async (signal) => {
      while (failure === undefined && queuedBytes > receiver.highWaterBytes) {
        const aborted = Promise.withResolvers<void>()
        const onAbort = () => aborted.resolve()
        signal?.addEventListener('abort', onAbort, { once: true })
        await Promise.race([changed.promise, aborted.promise])
        signal?.removeEventListener('abort', onAbort)
        signal?.throwIfAborted()
      }
      if (failure !== undefined) throw failure
    },
    next: async () => {
      for (;;) {
        if (stopped) return { done: true, value: undefined }
        const frame = queue.shift()
        if (frame !== undefined) {
          queuedBytes -= frame.length
          wake()
          return { done: false, value: frame }
        }
        if (failure !== undefined) throw failure
        if (refusal !== undefined) {
          fail(refusal)
          throw refusal
        }
        if (ended) return { done: true, value: undefined }
        await changed.promise
      }
    },
    end: () => {
      ended = true
      wake()
    },
    stop: () => {
      stopped = true
      drop()
      over.abort(STOPPED)
      wake()
    },
    fail,
    over: over.signal,
  }
}

function tooLarge(sizeBytes: number, limit: number): TransportError {
  return new TransportError('FRAME_TOO_LARGE', `frame of ${sizeBytes} bytes, limit is ${limit}`)
}
