import type { MessageStream, StreamMuxer } from '@libp2p/interface'

/** What a peer has taken of this process's time, and whether it must wait. */
export interface LineAccount {
  readonly charge: (ms: number) => void
  /** Ms; 0 or less: it need not wait. */
  readonly owesMs: () => number
}

/** The time that it goes by, ms: of a clock that never goes back. */
interface LineTime {
  readonly nowMs: () => number
  readonly wait: (work: () => void, ms: number) => void
}
const loopTime: LineTime = {
  nowMs: () => performance.now(),
  wait: (work, ms) => void setTimeout(work, ms).unref(),
}

/** However much a peer owes, something of its line is read: it would seem dead otherwise. */
const MOST_PAUSE_MS = 2_000

/** The most of one message that is charged, ms: a longer one hung on something else. */
const MOST_TURN_MS = 500
/** What it costs to agree on the protocol of a stream that a peer opens, ms: it is done in steps, of which its line sees only the first. */
const STREAM_MS = 1
/** What lines have used within the message that is being read, ms: that of a relay carries those of other peers. */
let nestedMs = 0

/**
 * Reads a connection no faster than its peer may take our time: what comes is decrypted, cut into frames, and given to streams in the
 * same call that reads it, long before anybody asks for a frame; a peer that floods could keep the loop for seconds with that alone. While
 * it waits its bytes stay with it. What is opened, reset and broken is charged as well, since it is all bytes here.
 */
export function paceLine(
  line: MessageStream,
  account: LineAccount,
  { nowMs, wait }: LineTime = loopTime,
): void {
  const dispatch = line.dispatchEvent.bind(line)
  let [isPaused, isResuming] = [false, false]
  const isReading = () => line.status === 'open' && !line.readableEnded
  const pauseIfOwing = (): void => {
    const ms = account.owesMs()
    if (ms <= 0 || isPaused || isResuming || !isReading()) return
    isPaused = true
    line.pause()
    wait(goOn, Math.min(ms, MOST_PAUSE_MS))
  }
  const goOn = (): void => {
    isPaused = false
    if (!isReading()) return
    // resume() delivers what it held back before it lets the socket go on, which would undo a pause made then: the next message makes it.
    isResuming = true
    try {
      line.resume()
    } finally {
      isResuming = false
    }
  }
  line.dispatchEvent = (event: Event): boolean => {
    if (event.type !== 'message') return dispatch(event)
    const [from, beforeMs] = [nowMs(), nestedMs]
    nestedMs = 0
    try {
      return dispatch(event)
    } finally {
      const tookMs = nowMs() - from
      account.charge(Math.min(tookMs - nestedMs, MOST_TURN_MS))
      nestedMs = beforeMs + tookMs
      pauseIfOwing()
    }
  }
}

/** A peer whose line was paid for when it was last read owes so much, ms, for some thirty streams that came in one message. */
const MOST_AT_ONCE_MS = 300

/**
 * Charges a peer for each stream that it opens, also for one that it takes back before it has said what for, or that is one too many. Who
 * opens hundreds at once loses the connection: to refuse each would keep the loop as well.
 */
export function chargeStreams(
  muxer: StreamMuxer,
  account: LineAccount,
  line: Pick<MessageStream, 'abort'>,
): void {
  // A listener more would have it believe that somebody takes its streams already.
  const dispatch = muxer.dispatchEvent.bind(muxer)
  muxer.dispatchEvent = (event: Event): boolean => {
    if (event.type !== 'stream') return dispatch(event)
    account.charge(STREAM_MS)
    if (account.owesMs() < MOST_AT_ONCE_MS) return dispatch(event)
    line.abort(new Error('too many streams at once'))
    return true
  }
}
