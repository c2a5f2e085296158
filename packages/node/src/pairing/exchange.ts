import type { Nation, RosterFile } from '@entente/schema'
import type { Deps } from '../deps.ts'
import { abortable } from '../network/abortable.ts'
import { createRateLimit, TOO_OFTEN } from '../network/rate-limit.ts'
import type { Channel, Transport } from '../ports/transport.ts'
import { decodePairing, encodePairing, HelloFrame, pairingProtocol, RosterFrame } from './frames.ts'

const answerWithinMs = 10_000
/** A pairing changes a few times in a life; a partner that starts again and again asks each time. */
const RATE = { burst: 30, perSecond: 1 }

/** What is told of the roster, and what is made of what is heard. */
export interface ExchangeSource {
  readonly deps: Pick<Deps, 'journal'>
  readonly transport: Transport
  /** Listed peers: partners, and whom we have invited or accepted. */
  readonly nationOf: (peerId: string) => Nation | null
  readonly peers: () => readonly string[]
  /** What may be shown to a nation. */
  readonly showTo: (nation: Nation) => Omit<HelloFrame, 't'>
  readonly hear: (nation: Nation, rosters: readonly RosterFile[]) => void
}

/** Speaks the pairing stream: with whoever comes back, and with everybody when something is new. */
export interface Exchange extends AsyncDisposable {
  readonly tellAll: () => void
}

export async function createExchange(source: ExchangeSource): Promise<Exchange> {
  const { transport, nationOf, deps } = source
  const rate = createRateLimit(RATE)
  const stop = new AbortController()
  const running = new Set<Promise<void>>()
  const withinTime = () => AbortSignal.any([stop.signal, AbortSignal.timeout(answerWithinMs)])

  await transport.handle(pairingProtocol, async (channel) => {
    const nation = nationOf(channel.peerId)
    if (nation === null) throw new Error('this peer is neither a partner nor invited')
    if (!rate.take(nation)) throw new Error(`${nation} ${TOO_OFTEN}`)
    await using frames = abortable(channel, withinTime())
    const hello = await next(frames, HelloFrame)
    const shown = source.showTo(nation)
    const roster = shown.number > hello.number ? shown.roster : null
    await channel.send(encodePairing({ t: 'hello', ...shown, roster }))
    source.hear(nation, hello.proposals)
    if (hello.number <= shown.number) return
    const { roster: newer } = await next(frames, RosterFrame)
    source.hear(nation, [newer])
  })
  const tell = async (peerId: string): Promise<void> => {
    const nation = nationOf(peerId)
    if (nation === null) return
    const signal = withinTime()
    await using channel: Channel = await transport.open(peerId, pairingProtocol, { signal })
    const shown = source.showTo(nation)
    await channel.send(encodePairing({ t: 'hello', ...shown, roster: null }), { signal })
    // Not ended here: closing what the partner does not read must not outlast the signal either.
    const frames = abortable(channel, signal)
    const hello = await next(frames, HelloFrame)
    if (shown.roster !== null && shown.number > hello.number) {
      await channel.send(encodePairing({ t: 'roster', roster: shown.roster }), { signal })
      await channel.close()
    }
    const heard = hello.roster === null ? [] : [hello.roster]
    if (!stop.signal.aborted) source.hear(nation, [...heard, ...hello.proposals])
  }
  /** One that does not answer is told when it comes back. */
  const work = (peerId: string): void => {
    const done: Promise<void> = tell(peerId)
      .catch((error: unknown) => {
        if (stop.signal.aborted) return
        const message = error instanceof Error ? error.message : String(error)
        deps.journal.fault({ where: 'pairing', code: 'PARTNER', message })
      })
      .finally(() => running.delete(done))
    running.add(done)
  }
  const off = transport.on(({ kind, peerId }) => {
    if (kind === 'connected') work(peerId)
  })
  for (const peerId of transport.connected()) work(peerId)
  return {
    tellAll: () => {
      for (const peerId of source.peers()) work(peerId)
    },
    [Symbol.asyncDispose]: async () => {
      off()
      stop.abort()
      await Promise.allSettled(running)
    },
  }
}

async function next<T>(
  frames: AsyncIterator<Uint8Array>,
  schema: Parameters<typeof decodePairing<T>>[1],
): Promise<T> {
  const { done, value } = await frames.next()
  if (done) throw new Error('the stream ended early')
  try {
    return decodePairing(value, schema)
  } catch {
    // What a parser says of a frame repeats what stands there, and an edition has names that partners chose: none of it is passed on.
    throw new Error('a frame of the pairing stream is malformed')
  }
}
