import { fromHex, type Nation, toHex } from '@entente/schema'
import {
  formatBase64,
  openCheckpoint,
  parseBase64,
  parseCheckpoint,
  parseNote,
  VerificationError,
  verifyConsistency,
  verifyCosignatures,
} from '@entente/tlog'
import type { Deps, Partner } from '../deps.ts'
import type { ReleaseLog } from '../log/release-log.ts'
import { abortable } from '../network/abortable.ts'
import type { ClockStanding } from '../network/clock-standing.ts'
import type { Channel, Transport } from '../ports/transport.ts'
import {
  evidenceIn,
  isForked,
  keepEvidence,
  ownForkWords,
  provesFork,
} from '../witness/fork-evidence.ts'
import { witnessesFor } from '../witness/witness-set.ts'
import type { WitnessState } from '../witness/witness-state.ts'
import {
  decodeGossip,
  encodeGossip,
  GossipAnswer,
  GossipRequest,
  gossipProtocol,
  type ProveFrame,
  type SeenFrame,
} from './frames.ts'
import { heardAndProven, knownAt, largestAdmitted, largestWitnessed } from './known.ts'
import { withKnownLines } from './known-lines.ts'
import { createRepeats } from './repeats.ts'
import { challengeMsOf } from './standing.ts'
import {
  beginGossip,
  type Challenge,
  type GossipEffect,
  type GossipEvent,
  type GossipState,
  type OriginState,
  type Seen,
  step,
} from './step.ts'
import { createToTell, framed, type ToTell, textOf, textsOf, toldByBoth } from './to-tell.ts'
import { createTold, type SizeOf } from './told.ts'

/** Tells partners the largest checkpoints of third nations' logs and hears theirs, so that a log that shows two histories is found out. */
export interface Gossip extends AsyncDisposable {
  /** This node's witness or admission has seen more of an origin, or two histories of it. */
  readonly noticed: (origin: string) => void
  /** A checkpoint that a quorum vouches for came with something that was handed on: the log is asked for what nobody here has proven. */
  readonly shown: (from: Partner, note: string) => void
  readonly connected: (nation: Nation) => void
  /** Asks a partner's log to prove that the newer of two trees extends the older. @returns the proof, unchecked; null: none came */
  readonly prove: (
    partner: Partner,
    older: ProveFrame['older'],
    newer: ProveFrame['newer'],
  ) => Promise<string[] | null>
  /** Answers one partner. */
  readonly serve: (channel: Channel, partner: Partner) => Promise<void>
  /** What a partner is told, and what it has told, where that goes by courier. */
  readonly seenFor: (partner: Partner) => SeenFrame
  readonly hear: (partner: Partner, seen: SeenFrame) => void
  /** What a partner's log has yet to prove, or null; and its proof, where these go by courier. */
  readonly owedBy: (partner: Partner) => ProveFrame | null
  readonly answer: (request: ProveFrame, partner: Partner) => GossipAnswer
  /** @throws {VerificationError} when it proves something else */
  readonly proven: (partner: Partner, asked: ProveFrame, hashes: readonly string[]) => void
  /** Number of the witness policy that a partner said last that it goes by; null: not heard yet. */
  readonly policyOf: (nation: Nation) => number | null
}

const answerWithinMs = 10_000
/** What is held of it, and what is challenged. Whoever tells more of one log is heard no further of it. */
const MOST_OF_ONE_LOG = 2
const tickMs = 1_000
/** What is noticed within this gathers. */
const gatherMs = 100

export function createGossip(context: {
  readonly deps: Deps
  readonly log: ReleaseLog
  readonly witnessState: WitnessState
  /** Null: bundles alone tell and hear. */
  readonly transport: Transport | null
  readonly clocks: Pick<ClockStanding, 'heard'>
  /** Somebody has shown two histories under this node's own key. */
  readonly onOwnFork: (words: string) => void
}): Gossip {
  const { deps, log, transport } = context
  const { db, clock, journal, partners, roster, verify } = deps
  const byOrigin = new Map(
    [...partners.values(), ...deps.further].map((partner) => [partner.log.origin, partner]),
  )
  const policies = new Map<Nation, number>()
  const stop = new AbortController()
  const running = new Set<Promise<void>>()
  const noticed = new Set<string>()
  const repeats = createRepeats()
  const told = createTold()
  const toTell = createToTell(
    withKnownLines(
      new Map(
        [deps.self.log, ...[...byOrigin.values()].map((partner) => partner.log)].map((each) => [
          each.origin,
          each.key,
        ]),
      ),
      witnessesFor(deps.nation, roster).set.witnesses,
    ),
  )
  /** What partners have shown of a log while it had another proof to give: its turn comes after that, and nobody may tell it again. */
  const shelved = new Map<string, Map<Nation, string>>()
  /** The size that this node's witness remembers of each origin, when it was last looked up. */
  const remembered = new Map<string, number>()
  let state: GossipState = beginGossip(
    [...partners.keys()],
    challengeMsOf(roster.witnessPolicy),
    new Map([...byOrigin.keys()].map((origin) => [origin, loadOrigin(deps, origin)])),
  )

  const take = (event: GossipEvent): void => {
    if (stop.signal.aborted) return
    const [next, effects] = step(state, event)
    state = next
    for (const effect of effects) perform(effect)
    for (const effect of effects) if (effect.kind === 'end-challenge') takeShelved(effect.origin)
  }
  const takeShelved = (origin: string): void => {
    const notes = [...(shelved.get(origin) ?? [])]
    shelved.delete(origin)
    for (const [nation, note] of notes) {
      const partner = partners.get(nation)
      if (partner !== undefined) hearCheckpoint(partner, note)
    }
  }
  const perform = (effect: GossipEffect): void => {
    switch (effect.kind) {
      case 'keep-evidence': {
        const { origin, first, second } = effect
        keepEvidence(db, { origin, first, second, atMs: clock.nowMs() })
        const from = byOrigin.get(origin)?.nation
        const message = `${origin} has signed two histories: see entente log evidence`
        if (from !== undefined) journal.refused({ from, code: 'CHECKPOINT_FORK', message })
        break
      }
      case 'keep-held': {
        const { size, root, note } = effect.seen
        db.prepare(
          'INSERT OR REPLACE INTO seen_checkpoint(origin, size, root, note) VALUES (?, ?, ?, ?)',
        ).run(effect.origin, size, fromHex(root), note)
        break
      }
      case 'keep-challenge': {
        const { seen, from, sinceMs } = effect.challenge
        db.prepare(
          'INSERT OR REPLACE INTO challenge(origin, size, root, note, shown_by, since_ms) VALUES (?, ?, ?, ?, ?, ?)',
        ).run(effect.origin, seen.size, fromHex(seen.root), seen.note, from, sinceMs)
        break
      }
      case 'end-challenge':
        db.prepare('DELETE FROM challenge WHERE origin = ?').run(effect.origin)
        break
      case 'unproven': {
        const from = byOrigin.get(effect.origin)?.nation
        const message = `${effect.origin} has not proven that size ${effect.challenge.seen.size}, which others were shown, is one history with ours: nothing of it is admitted until it does`
        if (from !== undefined) journal.refused({ from, code: 'ORIGIN_UNPROVEN', message })
        break
      }
      case 'prove':
        work(() => prove(effect.origin, effect.one, effect.other))
        break
      case 'exchange':
        work(() => exchange(effect.nation))
        break
    }
  }
  /** A partner that does not answer is asked again another time. */
  const work = (task: () => Promise<void>): void => {
    const done: Promise<void> = task()
      .catch(() => {})
      .finally(() => running.delete(done))
    running.add(done)
  }

  const ask = async (partner: Partner, request: GossipRequest): Promise<GossipAnswer> => {
    if (transport === null) throw new Error('this node has no network')
    const signal = AbortSignal.any([stop.signal, AbortSignal.timeout(answerWithinMs)])
    await using channel = await transport.open(partner.certificate.peerId, gossipProtocol, {
      signal,
    })
    await channel.send(encodeGossip(request), { signal })
    for await (const bytes of abortable(channel, signal)) return decodeGossip(bytes, GossipAnswer)
    throw new Error('no answer')
  }
  const exchange = async (nation: Nation): Promise<void> => {
    const partner = partners.get(nation)
    if (
      partner === undefined ||
      transport === null ||
      !transport.connected().includes(partner.certificate.peerId)
    )
      return
    const askedMs = clock.nowMs()
    const { peerId } = partner.certificate
    const whole = toTellTo(partner)
    const news = told.newTo(peerId, textsOf(whole), askedMs)
    // What is new is of its own log, or it knows: it tells its own news by itself.
    if (news.texts.length === 0 && textsOf(whole).length > 0) return
    const frame = framed(whole, news.texts)
    const answer = await ask(partner, seenFrame(frame))
    if (answer.t !== 'seen' || stop.signal.aborted) return
    told.took(peerId, { ...news, texts: frame.texts })
    context.clocks.heard(nation, answer.at, askedMs, clock.nowMs())
    hear(partner, answer)
    told.knows(peerId, toldByBoth(toTellTo(partner), answer))
    // What did not fit goes in a frame of its own.
    if (frame.texts.length < news.texts.length) work(() => exchange(nation))
  }
  const answerSeen = (partner: Partner, request: SeenFrame): SeenFrame => {
    const { peerId } = partner.certificate
    const isAnew = told.hears(peerId, hear(partner, request))
    const whole = toTellTo(partner)
    const known = new Set(toldByBoth(whole, request))
    told.knows(peerId, [...known])
    const { texts } = told.newTo(peerId, textsOf(whole), clock.nowMs())
    return seenFrame(framed(whole, isAnew ? texts : texts.filter((text) => !known.has(text))))
  }
  const prove = async (origin: string, one: Seen, other: Seen): Promise<void> => {
    const partner = byOrigin.get(origin)
    if (partner === undefined) return
    const [older, newer] = one.size < other.size ? [one, other] : [other, one]
    const answer = await ask(partner, { t: 'prove', older: treeOf(older), newer: treeOf(newer) })
    if (answer.t === 'proof') checkProof(origin, one, other, answer.hashes)
  }
  const checkProof = (origin: string, one: Seen, other: Seen, hashes: readonly string[]): void => {
    const [older, newer] = one.size < other.size ? [one, other] : [other, one]
    const proof = hashes.map((text) => parseBase64(text, 'HASH_LENGTH'))
    const tree = ({ size, root }: Seen) => ({ size, root: fromHex(root) })
    verifyConsistency(tree(older), tree(newer), proof, deps.hash)
    take({ kind: 'proven', origin, one, other })
  }
  const owedBy = ({ log: { origin } }: Partner): ProveFrame | null => {
    const { held = null, challenge = null } = state.origins.get(origin) ?? {}
    if (held === null || challenge === null) return null
    const [one, other] = [treeOf(held), treeOf(challenge.seen)]
    const [older, newer] = one.size < other.size ? [one, other] : [other, one]
    return { t: 'prove', older, newer }
  }
  const proven = (
    { log: { origin } }: Partner,
    { older, newer }: ProveFrame,
    hashes: readonly string[],
  ): void => {
    const { challenge = null } = state.origins.get(origin) ?? {}
    if (challenge === null) return
    const is = ({ size, root }: ProveFrame['older']) =>
      size === challenge.seen.size && root === treeOf(challenge.seen).root
    if (!is(older) && !is(newer)) return
    const { size, root } = is(older) ? newer : older
    const one = { size, root: toHex(parseBase64(root, 'HASH_LENGTH')), note: '' }
    checkProof(origin, one, challenge.seen, hashes)
  }

  const toTellTo = (partner: Partner): ToTell =>
    toTell(
      // What a log has not proven yet may be just what proves to somebody else that it has two histories.
      [...state.origins].flatMap(([origin, { held, challenge }]) =>
        origin === partner.log.origin
          ? []
          : [held, challenge?.seen].flatMap((seen) => (seen == null ? [] : [{ origin, seen }])),
      ),
      evidenceIn(db),
    )
  const seenFrame = ({
    checkpoints,
    forks,
  }: Pick<SeenFrame, 'checkpoints' | 'forks'>): SeenFrame => ({
    t: 'seen',
    policy: roster.witnessPolicy.number,
    at: clock.nowMs(),
    checkpoints,
    forks,
  })
  const seenFor = (partner: Partner) => seenFrame(framed(toTellTo(partner)))

  /** @returns what it has told that could be heard */
  const hear = (partner: Partner, { policy, checkpoints, forks }: SeenFrame): SizeOf[] => {
    const ours = roster.witnessPolicy.number
    if (policy !== ours && policies.get(partner.nation) !== policy)
      journal.refused({
        from: partner.nation,
        code: 'WITNESS_POLICY_DIFFERS',
        message: `${partner.nation} goes by witness policy ${policy}, we by ${ours}: each counts cosignatures by its own until the newer roster is installed everywhere`,
      })
    policies.set(partner.nation, policy)
    for (const { first, second } of fewOfEachLog(forks, ({ first }) => first))
      hearFork(first, second)
    return fewOfEachLog(checkpoints, (note) => note).flatMap(
      (note) => hearCheckpoint(partner, note) ?? [],
    )
  }
  /** Each is verified while everybody waits, and in one turn, so that it is paid for. */
  const fewOfEachLog = <T>(all: readonly T[], noteOf: (one: T) => string): T[] => {
    const counts = new Map<string | null, number>()
    return all.filter((one) => {
      const origin = originOf(noteOf(one))
      const count = (counts.get(origin) ?? 0) + 1
      counts.set(origin, count)
      return origin !== null && count <= MOST_OF_ONE_LOG
    })
  }
  /** As its text says; its signatures have not been looked at. */
  const originOf = (note: string): string | null => {
    try {
      return parseCheckpoint(textOf(note)).origin
    } catch (error) {
      if (error instanceof VerificationError) return null
      throw error
    }
  }
  const hearFork = (first: string, second: string): void => {
    const origin = originOf(first)
    if (origin === deps.origin && provesFork(deps.self.log, first, second, verify)) {
      // Kept, so that it is frozen when it is started again, whoever can be asked then.
      keepEvidence(db, { origin, first, second, atMs: clock.nowMs() })
      context.onOwnFork(ownForkWords)
      return
    }
    const log = origin === null ? undefined : byOrigin.get(origin)?.log
    if (log === undefined || isForked(db, log.origin)) return
    // Nobody is believed: two signatures of the log are.
    if (!provesFork(log, first, second, verify)) return
    keepEvidence(db, { origin: log.origin, first, second, atMs: clock.nowMs() })
    take({ kind: 'forked', origin: log.origin })
  }
  /** @returns null when it says nothing of a log that this partner may tell of */
  const hearCheckpoint = (partner: Partner, note: string): SizeOf | null => {
    const origin = originOf(note)
    const log = origin === null ? undefined : byOrigin.get(origin)?.log
    if (log === undefined || log.origin === partner.log.origin) return null
    const text = textOf(note)
    const before = state.origins.get(log.origin)
    try {
      const repeated = repeats.sizeOf(log.origin, text, before)
      if (repeated !== null) {
        // Its cosignatures may be others.
        remember(note, log.origin, repeated)
        return { origin: log.origin, size: repeated }
      }
      const { checkpoint } = openCheckpoint(note, log, verify)
      const { size } = checkpoint
      remember(note, log.origin, size)
      const seen = { size, root: toHex(checkpoint.root), note }
      const known = knownAt(db, log.origin, size)
      const { nation: from } = partner
      take({ kind: 'heard', origin: log.origin, from, seen, known, atMs: clock.nowMs() })
      const after = state.origins.get(log.origin)
      repeats.heard(log.origin, text, size, before, after)
      // Another one has to be proven first.
      if (before?.challenge != null && after?.challenge === before.challenge && known === null)
        shelved.set(log.origin, (shelved.get(log.origin) ?? new Map()).set(from, note))
      return { origin: log.origin, size }
    } catch (error) {
      if (!(error instanceof VerificationError)) throw error
      return null
    }
  }
  /** A cosignature of our own over more than we remember: our witness state is an old copy. */
  const remember = (note: string, origin: string, size: number): void => {
    const { witnessState } = context
    // It only grows while this process lives.
    if ((remembered.get(origin) ?? 0) >= size) return
    const stored = witnessState.stored(origin)?.size ?? 0
    remembered.set(origin, stored)
    if (stored >= size) return
    const ours = verifyCosignatures(parseNote(note), [deps.cosigner.key], verify)
    if (ours.length > 0)
      witnessState.lose(
        `it was shown its own cosignature over size ${size} of ${origin}, which it does not remember`,
      )
  }

  const answer = (request: GossipRequest, partner: Partner): GossipAnswer => {
    if (request.t === 'seen') {
      const nowMs = clock.nowMs()
      context.clocks.heard(partner.nation, request.at, nowMs, nowMs)
      return answerSeen(partner, request)
    }
    const { older, newer } = request
    const isOurs = ({ size, root }: typeof older) =>
      size <= log.head().size && formatBase64(log.rootAt(size)) === root
    if (older.size > newer.size || !isOurs(older) || !isOurs(newer))
      return { t: 'none', words: 'this log has no such two trees' }
    const hashes =
      older.size === 0 || older.size === newer.size
        ? []
        : log.consistency(older.size, newer.size).map(formatBase64)
    return { t: 'proof', hashes }
  }

  const look = (): void => {
    gathering = undefined
    for (const origin of noticed) {
      const atMs = clock.nowMs()
      if (isForked(db, origin)) take({ kind: 'forked', origin })
      const witnessed = largestWitnessed(db, origin)
      const admitted = largestAdmitted(db, origin)
      for (const [chain, seen] of [
        ['witnessed', witnessed],
        ['admitted', admitted],
      ] as const)
        if (seen !== null) {
          const known = knownAt(db, origin, seen.size)
          take({ kind: 'own', origin, chain, seen, known, atMs })
        }
    }
    noticed.clear()
    tick()
  }
  const tick = (): void => {
    const peerIds = new Set(transport?.connected())
    const reached = [...partners.values()]
      .filter(({ certificate }) => peerIds.has(certificate.peerId))
      .map(({ nation }) => nation)
    take({ kind: 'tick', reached, atMs: clock.nowMs() })
  }
  let gathering: NodeJS.Timeout | undefined
  const ticking = setInterval(tick, tickMs)
  ticking.unref()
  for (const origin of byOrigin.keys()) noticed.add(origin)
  look()

  return {
    noticed: (origin) => {
      if (stop.signal.aborted) return
      noticed.add(origin)
      repeats.forget(origin)
      gathering ??= setTimeout(look, gatherMs).unref()
    },
    shown: (from, note) => {
      const { checkpoint } = openCheckpoint(note, from.log, verify)
      const { origin, size } = checkpoint
      const known = knownAt(db, origin, size)
      if (known?.root === toHex(checkpoint.root)) return
      const seen = { size, root: toHex(checkpoint.root), note }
      take({ kind: 'heard', origin, from: from.nation, seen, known, atMs: clock.nowMs() })
    },
    connected: (nation) => {
      const peerId = partners.get(nation)?.certificate.peerId
      if (peerId !== undefined) told.forget(peerId)
      take({ kind: 'connected', nation, atMs: clock.nowMs() })
    },
    prove: async (partner, older, newer) => {
      const answer = await ask(partner, { t: 'prove', older, newer }).catch(() => null)
      return answer?.t === 'proof' ? answer.hashes : null
    },
    serve: async (channel, partner) => {
      for await (const bytes of channel.frames) {
        if (stop.signal.aborted) return
        await channel.send(encodeGossip(answer(decodeGossip(bytes, GossipRequest), partner)))
        return
      }
    },
    seenFor,
    hear,
    owedBy,
    answer,
    proven,
    policyOf: (nation) => policies.get(nation) ?? null,
    [Symbol.asyncDispose]: async () => {
      stop.abort()
      clearInterval(ticking)
      clearTimeout(gathering)
      await Promise.allSettled(running)
    },
  }
}

const treeOf = ({ size, root }: Seen) => ({ size, root: formatBase64(fromHex(root)) })

/** What an earlier process had heard. */
function loadOrigin({ db }: Deps, origin: string): OriginState {
  const row = db.prepare('SELECT * FROM challenge WHERE origin = ?').get(origin)
  const challenge: Challenge | null =
    row === undefined
      ? null
      : {
          seen: {
            size: row['size'] as number,
            root: toHex(row['root'] as Uint8Array),
            note: row['note'] as string,
          },
          from: row['shown_by'] as Nation | null,
          chain: null,
          sinceMs: row['since_ms'] as number,
          askedMs: 0,
          kept: true,
          unproven: false,
        }
  return { held: heardAndProven(db, origin), via: [], challenge, forked: isForked(db, origin) }
}
