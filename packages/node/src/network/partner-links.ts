import type { Nation } from '@entente/schema'
import { fromUtf8, utf8 } from '@entente/schema'
import type { Admission } from '../admit/admit.ts'
import { AdmitError } from '../admit/codes.ts'
import type { Deps, Partner } from '../deps.ts'
import { controlProtocol, feedProtocol } from '../feed/frames.ts'
import { type FeedSource, serveFeed } from '../feed/serve-feed.ts'
import { gossipProtocol } from '../gossip/frames.ts'
import type { Gossip } from '../gossip/gossip.ts'
import { keysProtocol } from '../keys/frames.ts'
import type { KeyExchange } from '../keys/key-exchange.ts'
import type { Channel, Transport } from '../ports/transport.ts'
import { recoverProtocol, serveRecover } from '../recover/serve-recover.ts'
import { type Witness, witnessProtocol } from '../witness/witness.ts'
import { auditProtocol, sendEvidence } from './audit-stream.ts'
import { createRateLimit, GOSSIP_RATE, TOO_OFTEN, WITNESS_RATE } from './rate-limit.ts'
import { receiveFeed } from './receive-feed.ts'
import { createResent } from './resent.ts'
import { sleep } from './sleep.ts'
import { createStoppedFeeds } from './stopped-feeds.ts'
import { sayWireTrouble, WireVersionError } from './wire-versions.ts'

export interface PartnerLink {
  readonly connected: boolean
  readonly sinceMs: number
  /** Last refusal by us of something this partner sent. */
  readonly trouble: string | null
  /** Why a feed of it goes no further: a statement of it was refused; null: none has stopped. */
  readonly stopped?: string | null
  /** When a stream to it is opened again, which dials it; null: nothing waits. */
  readonly retryAtMs?: number | null
  /** Why nothing can be said to it, though it is connected: the versions that both speak; null: they speak one. */
  readonly wire?: string | null
  /** Peer ids of its further nodes that are not connected. */
  readonly away?: readonly string[]
}

/** Keeps, with every partner, a control and a feed stream in each direction, for ever. */
export interface PartnerLinks extends AsyncDisposable {
  readonly link: (nation: Nation) => PartnerLink
}

const gatherMs = 250
const retryMs = [200, 500, 1_000, 2_000, 5_000, 15_000]
/** A stream that has ended so often in a row, before anything was taken from it, keeps what it carries. */
const FAILS_EACH_TIME = 3
const streams = [
  { which: 'control', protocol: controlProtocol },
  { which: 'feed', protocol: feedProtocol },
] as const

export async function createPartnerLinks(context: {
  readonly deps: Deps
  readonly transport: Transport
  readonly witness: Witness
  readonly admission: Admission
  readonly source: Omit<FeedSource, 'which'>
  readonly gossip: Gossip
  readonly keys: KeyExchange
  /** Our nation's other nodes with a log: nothing is said between us here but on the stream of keys. */
  readonly siblings: readonly Partner[]
  /** What may be shown to a partner's auditor, of that partner alone. */
  readonly evidence: (about: Nation) => Iterable<readonly [path: string, bytes: Uint8Array]>
  readonly onConnected: () => void
  readonly onAdmitted: () => void
  /** Whether this is the node of its nation that receives and acknowledges. */
  readonly receives: boolean
  /** False while this node may have lost state. */
  readonly mayReceive: () => boolean
}): Promise<PartnerLinks> {
  const { deps, transport, witness, gossip, keys, admission } = context
  const byPeer = new Map(
    [...deps.partners.values(), ...deps.further].map((partner) => [
      partner.certificate.peerId,
      partner,
    ]),
  )
  const siblings = new Map(context.siblings.map((each) => [each.certificate.peerId, each]))
  const isMain = (peerId: string) => {
    const partner = byPeer.get(peerId)
    return partner !== undefined && deps.partners.get(partner.nation) === partner
  }
  const asked = createRateLimit(WITNESS_RATE)
  const told = createRateLimit(GOSSIP_RATE)
  const stop = new AbortController()
  const links = new Map<Nation, PartnerLink>(
    [...deps.partners.keys()].map((nation) => [
      nation,
      { connected: false, sinceMs: deps.clock.nowMs(), trouble: null },
    ]),
  )
  const stoppedFeeds = createStoppedFeeds(deps)
  /** Ends the wait before a stream is opened again: the partner is back. */
  const returns = new Map<string, AbortController>()
  const set = (nation: Nation, change: Partial<PartnerLink>): void => {
    const now = links.get(nation) ?? {
      connected: false,
      sinceMs: deps.clock.nowMs(),
      trouble: null,
    }
    links.set(nation, { ...now, ...change })
  }
  const partnerOf = (channel: Channel): Partner => {
    const partner = byPeer.get(channel.peerId)
    // The transport refuses unlisted peers; a certificate taken back meanwhile is refused here.
    if (partner === undefined) throw new Error('this peer is not in the roster')
    return partner
  }

  await transport.handle(keysProtocol, (channel) =>
    keys.serve(channel, siblings.get(channel.peerId) ?? partnerOf(channel)),
  )
  await transport.handle(witnessProtocol, async (channel) => {
    const { nation } = partnerOf(channel)
    for await (const frame of channel.frames) {
      const answer = asked.take(nation) ? witness.answer(fromUtf8(frame)) : `429\n${TOO_OFTEN}\n`
      await channel.send(utf8(answer))
      return
    }
  })
  await transport.handle(gossipProtocol, async (channel) => {
    const partner = partnerOf(channel)
    if (!told.take(partner.nation)) throw new Error(`${partner.nation} ${TOO_OFTEN}`)
    await gossip.serve(channel, partner)
  })
  const answering = new Set<Nation>()
  await transport.handle(auditProtocol, async (channel) => {
    const { nation } = partnerOf(channel)
    // Evidence is a whole log: one at a time for each partner.
    if (answering.has(nation)) throw new Error('this partner is being answered already')
    answering.add(nation)
    try {
      await sendEvidence(channel, context.evidence(nation))
    } finally {
      answering.delete(nation)
    }
  })
  await transport.handle(recoverProtocol, (channel) =>
    serveRecover(deps, channel, partnerOf(channel)),
  )
  const resent = createResent()
  /** The stream on which each peer is served each sort of feed: a newer one takes its place. Every release makes work on each. */
  const served = new Map<string, Channel>()
  for (const { which, protocol } of streams)
    await transport.handle(protocol, async (channel) => {
      const partner = partnerOf(channel)
      const name = `${channel.peerId} ${which}`
      served.get(name)?.abort(new Error('a newer stream has taken its place'))
      served.set(name, channel)
      try {
        await keys.first(partner)
        await serveFeed({ ...context.source, which, resent }, channel, partner)
      } finally {
        if (served.get(name) === channel) served.delete(name)
      }
    })

  /** Each checkpoint of each of thirty partners comes as a proof, with which there is seldom anything to do: many are looked at once. */
  let proofs: NodeJS.Timeout | undefined
  const tellProofs = (): void => {
    proofs = undefined
    context.onAdmitted()
  }

  /** Opens one stream to one partner, again and again. */
  const receive = async (
    partner: Partner,
    { which, protocol }: (typeof streams)[number],
  ): Promise<void> => {
    const { nation } = partner
    const stream = `${partner.certificate.peerId} ${which}`
    let failures = 0
    const onAdmitted = (what: 'content' | 'proof' | 'known', isWaiting: boolean) => {
      failures = 0
      set(nation, { trouble: null })
      // The head of the log comes behind all that may go.
      if (what === 'content') stoppedFeeds.goesOn(stream)
      else if (!isWaiting) stoppedFeeds.cameThrough(stream)
      if (what === 'known') return
      if (what === 'proof') proofs ??= setTimeout(tellProofs, gatherMs).unref()
      else context.onAdmitted()
    }
    const onRefused = (trouble: string) => set(nation, { trouble })
    const onStopped = (message: string, jws: string | null) =>
      stoppedFeeds.refused(stream, partner, jws, `behind what was refused: ${message}`)
    while (!stop.signal.aborted) {
      if (!context.mayReceive()) {
        await sleep(retryMs[0] ?? 200, stop.signal)
        continue
      }
      try {
        await keys.first(partner)
        await using channel = await transport.open(partner.certificate.peerId, protocol, {
          signal: stop.signal,
        })
        set(nation, { wire: null })
        // No head of the log comes on it that would say so. What is still refused will be once more.
        if (which === 'control') stoppedFeeds.cameThrough(stream)
        await receiveFeed(
          {
            deps,
            admission,
            which,
            mayReceive: context.mayReceive,
            onAdmitted,
            onRefused,
            onStopped,
            signal: stop.signal,
          },
          channel,
          partner,
        )
      } catch (error) {
        if (stop.signal.aborted) return
        if (error instanceof WireVersionError)
          set(nation, { wire: sayWireTrouble(nation, error), trouble: null })
        else {
          const trouble = error instanceof Error ? error.message : String(error)
          set(nation, { trouble })
          const isSaid = error instanceof AdmitError
          if (!isSaid && failures >= FAILS_EACH_TIME && present.has(partner.certificate.peerId))
            stoppedFeeds.refused(
              stream,
              partner,
              null,
              `for a stream that breaks each time: ${trouble}`,
            )
        }
      }
      const returned = new AbortController()
      returns.set(stream, returned)
      const waitMs = retryMs[Math.min(failures++, retryMs.length - 1)] ?? 1_000
      if (which === 'control') set(nation, { retryAtMs: deps.clock.nowMs() + waitMs })
      await sleep(waitMs, AbortSignal.any([stop.signal, returned.signal]))
    }
  }
  const present = new Set<string>()
  const off = transport.on(({ kind, peerId }) => {
    const sibling = siblings.get(peerId)
    if (sibling !== undefined) keys[kind](sibling)
    const partner = byPeer.get(peerId)
    if (partner === undefined) return
    const { nation } = partner
    const connected = kind === 'connected'
    if (connected) present.add(peerId)
    else present.delete(peerId)
    keys[kind](partner)
    if (connected) for (const { which } of streams) returns.get(`${peerId} ${which}`)?.abort()
    if (!isMain(peerId)) return
    set(nation, { connected, sinceMs: deps.clock.nowMs(), ...(connected ? { trouble: null } : {}) })
    deps.journal.partner({ nation, state: kind })
    if (!connected) return
    context.onConnected()
    gossip.connected(nation)
  })
  for (const peerId of transport.connected()) {
    present.add(peerId)
    const nation = byPeer.get(peerId)?.nation
    if (nation !== undefined && isMain(peerId)) set(nation, { connected: true })
    const partner = byPeer.get(peerId) ?? siblings.get(peerId)
    if (partner !== undefined) keys.connected(partner)
  }
  // Another node of our nation receives for it.
  const senders = context.receives ? [...deps.partners.values(), ...deps.further] : []
  const running = senders.flatMap((partner) => streams.map((stream) => receive(partner, stream)))
  return {
    link: (nation) => ({
      ...(links.get(nation) ?? { connected: false, sinceMs: 0, trouble: null }),
      stopped: stoppedFeeds.of(nation),
      away: deps.further.flatMap(({ nation: of, certificate: { peerId } }) =>
        of === nation && !present.has(peerId) ? [peerId] : [],
      ),
    }),
    [Symbol.asyncDispose]: async () => {
      off()
      clearTimeout(proofs)
      stop.abort()
      await Promise.allSettled(running)
    },
  }
}
