import { type Nation, presentKeyRevoked } from '@entente/schema'
import { z } from 'zod'
import { whereMalformed } from '../admit/where-malformed.ts'
import { withoutQuotes } from '../admit/without-quotes.ts'
import type { Deps, Partner } from '../deps.ts'
import type { NationRecalls } from '../nation-recalls/nation-recalls.ts'
import { abortable } from '../network/abortable.ts'
import { createRateLimit, type Rate, TOO_OFTEN } from '../network/rate-limit.ts'
import { WireVersionError } from '../network/wire-versions.ts'
import { type Channel, type Transport, TransportError } from '../ports/transport.ts'
import { decodeKeys, encodeKeys, keysProtocol } from './frames.ts'
import type { Revocations } from './revocations.ts'

/** Tells and hears revocations before anything else is said on a connection. */
export interface KeyExchange extends AsyncDisposable {
  /**
   * Resolves once both have said what they know on the present connection. A control or feed stream is opened, or served, after it.
   * @throws when the partner's key is revoked, or it does not answer
   */
  readonly first: (partner: Partner) => Promise<void>
  readonly connected: (partner: Partner) => void
  readonly disconnected: (partner: Partner) => void
  /** Answers one partner. */
  readonly serve: (channel: Channel, partner: Partner) => Promise<void>
  /** Something was revoked: hangs up on whose key it was, and tells all others at once. */
  readonly changed: (from: Nation | null) => void
}

const answerWithinMs = 10_000
/** A partner tells everything at each connection, and again with each revocation that it hears. */
const KEYS_RATE: Rate = { burst: 40, perSecond: 1 }

/** @param hangUp takes whoever's key is revoked off the list of peers */
export function createKeyExchange(context: {
  readonly deps: Deps
  readonly transport: Transport
  readonly revocations: Revocations
  readonly recalls: NationRecalls
  /** Our nation's other nodes with a log. */
  readonly siblings: readonly Partner[]
  readonly hangUp: () => void
}): KeyExchange {
  const { deps, transport, revocations, recalls } = context
  const told = createRateLimit(KEYS_RATE)
  const stop = new AbortController()
  /** By peer: the exchange on the present connection, under way or done. */
  const exchanges = new Map<string, Promise<void>>()
  const running = new Set<Promise<void>>()

  const said = (): Uint8Array => encodeKeys(revocations.seals(), recalls.seals())
  const take = (bytes: Uint8Array, from: Nation): void => {
    const heard = readKeys(bytes, from)
    revocations.take(heard.seals, from)
    recalls.take(heard.recalls ?? [], from)
  }
  const mustTalk = ({ nation, member, certificate: node }: Partner): void => {
    const revoked = presentKeyRevoked({ ...member, node })
    if (revoked !== null)
      throw new Error(
        `the key of ${nation} is revoked (${revoked.reason}): nothing is said to its node until a roster names another key`,
      )
  }
  /** @returns false: the other side does not know this stream, as a node that is just starting; it is asked again with the next one */
  const tell = async ({ nation, certificate }: Partner): Promise<boolean> => {
    const signal = AbortSignal.any([stop.signal, AbortSignal.timeout(answerWithinMs)])
    try {
      await using channel = await transport.open(certificate.peerId, keysProtocol, { signal })
      await channel.send(said(), { signal })
      for await (const bytes of abortable(channel, signal)) {
        take(bytes, nation)
        return true
      }
      throw new Error(`${nation} has not said which keys are revoked`)
    } catch (error) {
      if (error instanceof WireVersionError) return false
      if (error instanceof TransportError && error.code === 'PROTOCOL_UNSUPPORTED') return false
      throw error
    }
  }
  const exchange = (partner: Partner): Promise<void> => {
    const { peerId } = partner.certificate
    const forget = () => {
      if (exchanges.get(peerId) === exchanged) exchanges.delete(peerId)
    }
    const exchanged = tell(partner).then(
      (answered) => {
        if (!answered) forget()
      },
      (error) => {
        forget()
        throw error
      },
    )
    exchanges.set(peerId, exchanged)
    const settled: Promise<void> = exchanged.catch(() => {}).finally(() => running.delete(settled))
    running.add(settled)
    return exchanged
  }
  /** Whoever does not answer now is told with the next stream. */
  const begin = (partner: Partner): void => void exchange(partner).catch(() => {})

  return {
    first: async (partner) => {
      mustTalk(partner)
      await (exchanges.get(partner.certificate.peerId) ?? exchange(partner))
      // It may have been told just now.
      mustTalk(partner)
    },
    connected: (partner) => {
      if (!exchanges.has(partner.certificate.peerId)) begin(partner)
    },
    disconnected: ({ certificate }) => void exchanges.delete(certificate.peerId),
    serve: async (channel, partner) => {
      const { nation } = partner
      if (!told.take(nation)) throw new Error(`${nation} ${TOO_OFTEN}`)
      for await (const bytes of channel.frames) {
        try {
          take(bytes, nation)
        } catch (error) {
          const message = withoutQuotes(error instanceof Error ? error.message : String(error))
          deps.journal.refused({ from: nation, code: 'REVOCATIONS_MALFORMED', message })
          throw error
        }
        await channel.send(said())
        return
      }
    },
    changed: (from) => {
      context.hangUp()
      for (const partner of [...deps.partners.values(), ...deps.further, ...context.siblings]) {
        const { nation, member, certificate: node } = partner
        const isThere = transport.connected().includes(node.peerId)
        // What one node of ours has told, another may not know.
        const isTeller = nation === from && nation !== deps.nation
        if (!isTeller && isThere && presentKeyRevoked({ ...member, node }) === null) begin(partner)
      }
    },
    [Symbol.asyncDispose]: async () => {
      stop.abort()
      await Promise.allSettled(running)
    },
  }
}

/** What a parser says of a frame repeats what stands there: none of it is passed on. */
function readKeys(bytes: Uint8Array, from: Nation): ReturnType<typeof decodeKeys> {
  try {
    return decodeKeys(bytes)
  } catch (error) {
    const where = error instanceof z.ZodError ? whereMalformed(error) : 'malformed'
    throw new Error(`what ${from} says of revoked keys is ${where}`)
  }
}
