import type { Nation } from '@entente/schema'

/** A checkpoint under the key of its log; consistency is another question. */
export interface Seen {
  readonly size: number
  /** Hex. */
  readonly root: string
  /** Signed note, with cosignatures where they are known. */
  readonly note: string
}

/** Something that the log must prove to be one history with what is held. */
export interface Challenge {
  readonly seen: Seen
  /** Who showed it; null: this node's own witness or admission. */
  readonly from: Nation | null
  /** The chain that it stands in, when it is this node's own. */
  readonly chain: Chain | null
  readonly sinceMs: number
  readonly askedMs: number
  /** Written down, so that it outlives the process. */
  readonly kept: boolean
  readonly unproven: boolean
}

/** Where this node proves consistency by itself, each from one checkpoint to the next. */
export type Chain = 'witnessed' | 'admitted'

export interface OriginState {
  readonly held: Seen | null
  /** Chains whose latest is what is held: their next one needs no other proof. */
  readonly via: readonly Chain[]
  readonly challenge: Challenge | null
  readonly forked: boolean
}

export interface GossipState {
  readonly challengeMs: number
  /** Whoever had its turn longest ago is the first. */
  readonly partners: readonly Nation[]
  readonly origins: ReadonlyMap<string, OriginState>
  /** Who was not told since something new is held or challenged, in the order of their turns. */
  readonly untold: readonly Nation[]
  readonly roundMs: number
}

export type GossipEvent =
  /** This node's own witness or admission has proven this. `known`: what the other of both, or gossip, has at that size. */
  | {
      readonly kind: 'own'
      readonly origin: string
      readonly chain: Chain
      readonly seen: Seen
      readonly known: Seen | null
      readonly atMs: number
    }
  /** A partner has shown this, the log's signature verified. */
  | {
      readonly kind: 'heard'
      readonly origin: string
      readonly from: Nation
      readonly seen: Seen
      readonly known: Seen | null
      readonly atMs: number
    }
  /** The log has proven that the larger of two extends the smaller. */
  | {
      readonly kind: 'proven'
      readonly origin: string
      readonly one: Seen
      readonly other: Seen
    }
  /** Evidence found or verified elsewhere in this node. */
  | { readonly kind: 'forked'; readonly origin: string }
  | { readonly kind: 'connected'; readonly nation: Nation; readonly atMs: number }
  /** With whom this node is in touch: whoever is not is told everything once it is. */
  | { readonly kind: 'tick'; readonly reached: readonly Nation[]; readonly atMs: number }

export type GossipEffect =
  | {
      readonly kind: 'keep-evidence'
      readonly origin: string
      readonly first: string
      readonly second: string
    }
  | { readonly kind: 'keep-held'; readonly origin: string; readonly seen: Seen }
  | { readonly kind: 'keep-challenge'; readonly origin: string; readonly challenge: Challenge }
  | { readonly kind: 'end-challenge'; readonly origin: string }
  | { readonly kind: 'unproven'; readonly origin: string; readonly challenge: Challenge }
  /** Ask the log for the proof between the two. */
  | { readonly kind: 'prove'; readonly origin: string; readonly one: Seen; readonly other: Seen }
  /** Tell a partner what is held and all evidence, and hear the same of it. */
  | { readonly kind: 'exchange'; readonly nation: Nation }

export type Stepped = readonly [GossipState, readonly GossipEffect[]]

/** Everybody is told this often, whether or not anything is new. */
export const ROUND_MS = 600_000
/** News goes at once, but no more often than this. */
export const NEWS_MS = 5_000
/**
 * News goes to so many at a time, in turns: where all of very many tell all, each hears the same from all of them. Whoever has heard
 * tells on, so that it is everywhere nearly as soon.
 */
export const TOLD_AT_ONCE = 8
/** How long between two questions to a log for one proof. */
export const ASK_MS = 30_000

const nothing: OriginState = { held: null, via: [], challenge: null, forked: false }

export function beginGossip(
  partners: readonly Nation[],
  challengeMs: number,
  origins: ReadonlyMap<string, OriginState> = new Map(),
): GossipState {
  return { partners, challengeMs, origins, untold: [], roundMs: 0 }
}

/**
 * One step of gossip. The same size with another root is a fork, which proves itself and is told to all; another size must be
 * proven by the log to be the same history, and is a challenge until it is.
 */
export function step(state: GossipState, event: GossipEvent): Stepped {
  switch (event.kind) {
    case 'own':
    case 'heard':
      return see(state, event)
    case 'proven':
      return prove(state, event)
    case 'forked':
      return fork(state, event.origin, [])
    case 'connected':
      return connect(state, event)
    case 'tick':
      return tick(state, event)
  }
}

function see(state: GossipState, event: Extract<GossipEvent, { kind: 'own' | 'heard' }>): Stepped {
  const { origin, seen, known, atMs } = event
  const now = state.origins.get(origin) ?? nothing
  if (now.forked) return [state, []]
  const { held, challenge } = now
  const others = [known, held, challenge?.seen ?? null]
  const other = others.find((one) => one?.size === seen.size && one.root !== seen.root)
  if (other != null) return fork(state, origin, [{ first: other.note, second: seen.note }])
  const chain = event.kind === 'own' ? event.chain : null

  // What this node has proven by itself ends a challenge of the same checkpoint.
  const answered = chain !== null && challenge?.seen.size === seen.size && now.via.includes(chain)
  const rest = answered ? { ...now, challenge: null } : now
  const ended = answered ? [{ kind: 'end-challenge', origin } as const] : []

  if (held === null) {
    const kept = chain === null ? [{ kind: 'keep-held', origin, seen } as const] : []
    const next = { ...rest, held: seen, via: chain === null ? [] : [chain] }
    return [withNews(put(state, origin, next)), [...ended, ...kept]]
  }
  if (held.size === seen.size) {
    const via = chain === null || rest.via.includes(chain) ? rest.via : [...rest.via, chain]
    // What was admitted carries the cosignatures, by which a restored witness finds itself out.
    const best = chain === 'admitted' ? seen : held
    return [put(state, origin, { ...rest, held: best, via }), ended]
  }
  if (chain !== null && rest.via.includes(chain)) {
    if (seen.size < held.size) return [put(state, origin, rest), ended]
    return [withNews(put(state, origin, { ...rest, held: seen, via: [chain] })), ended]
  }
  // A partner that is only behind shows what is known here.
  if (chain === null && known !== null) return [put(state, origin, rest), ended]
  if (rest.challenge !== null) return [put(state, origin, rest), ended]
  const from = event.kind === 'heard' ? event.from : null
  const open = { seen, from, chain, sinceMs: atMs, askedMs: atMs, kept: false, unproven: false }
  return [
    withNews(put(state, origin, { ...rest, challenge: open })),
    [...ended, { kind: 'prove', origin, one: held, other: seen }],
  ]
}

function prove(
  state: GossipState,
  { origin, one, other }: Extract<GossipEvent, { kind: 'proven' }>,
): Stepped {
  const now = state.origins.get(origin)
  if (now === undefined || now.held === null || now.challenge === null) return [state, []]
  const { held, challenge } = now
  const is = (a: Seen, b: Seen) => a.size === b.size && a.root === b.root
  // What is held may have grown while the log was asked: the next tick asks for the rest.
  const answers = is(challenge.seen, other) && (is(held, one) || one.size > other.size)
  if (!answers) return [state, []]
  const ended = { kind: 'end-challenge', origin } as const
  if (other.size <= held.size) return [put(state, origin, { ...now, challenge: null }), [ended]]
  const via = challenge.chain === null ? [] : [challenge.chain]
  const next = { ...now, held: other, via, challenge: null }
  return [withNews(put(state, origin, next)), [ended, { kind: 'keep-held', origin, seen: other }]]
}

function fork(
  state: GossipState,
  origin: string,
  found: readonly { readonly first: string; readonly second: string }[],
): Stepped {
  const now = state.origins.get(origin) ?? nothing
  if (now.forked) return [state, []]
  const ended = now.challenge === null ? [] : [{ kind: 'end-challenge', origin } as const]
  return [
    // Told to all at once; whoever did not take it in is told in its turn.
    withNews(put(state, origin, { ...now, challenge: null, forked: true })),
    [
      ...found.map((two) => ({ kind: 'keep-evidence', origin, ...two }) as const),
      ...ended,
      ...state.partners.map((nation) => ({ kind: 'exchange', nation }) as const),
    ],
  ]
}

function connect(
  state: GossipState,
  { nation, atMs }: Extract<GossipEvent, { kind: 'connected' }>,
): Stepped {
  const [next, effects] = askAgain(state, atMs, 0)
  return [next, [...effects, { kind: 'exchange', nation }]]
}

function tick(
  state: GossipState,
  { reached, atMs }: Extract<GossipEvent, { kind: 'tick' }>,
): Stepped {
  const [asked, effects] = askAgain(state, atMs, ASK_MS)
  const isRound = isDue(asked.roundMs, atMs, ROUND_MS)
  const isNews = asked.untold.length > 0 && isDue(asked.roundMs, atMs, NEWS_MS)
  if (!isRound && !isNews) return [asked, effects]
  const waiting = asked.untold.filter((nation) => reached.includes(nation))
  const told = isRound ? asked.partners : waiting.slice(0, TOLD_AT_ONCE)
  const others = (all: readonly Nation[]) => all.filter((nation) => !told.includes(nation))
  const [untold, partners] = [others(waiting), [...others(asked.partners), ...told]]
  const round = told.map((nation) => ({ kind: 'exchange', nation }) as const)
  return [{ ...asked, partners, untold, roundMs: atMs }, [...effects, ...round]]
}

/** Whether it is so long ago, or still to come: somebody has set the clock back. */
const isDue = (sinceMs: number, atMs: number, everyMs: number): boolean =>
  atMs < sinceMs || atMs - sinceMs >= everyMs

/** Challenges grow old: they are asked again, written down, and in the end unproven. */
function askAgain(state: GossipState, atMs: number, everyMs: number): Stepped {
  const effects: GossipEffect[] = []
  let next = state
  for (const [origin, now] of state.origins) {
    const { held, challenge } = now
    if (held === null || challenge === null || !isDue(challenge.askedMs, atMs, everyMs)) continue
    const sinceMs = Math.min(challenge.sinceMs, atMs)
    const unproven = challenge.unproven || atMs - sinceMs >= state.challengeMs
    const open = { ...challenge, sinceMs, askedMs: atMs, kept: true, unproven }
    if (!challenge.kept || sinceMs < challenge.sinceMs)
      effects.push({ kind: 'keep-challenge', origin, challenge: open })
    if (unproven && !challenge.unproven) effects.push({ kind: 'unproven', origin, challenge: open })
    effects.push({ kind: 'prove', origin, one: held, other: challenge.seen })
    next = put(next, origin, { ...now, challenge: open })
  }
  return [next, effects]
}

const put = (state: GossipState, origin: string, now: OriginState): GossipState => ({
  ...state,
  origins: new Map(state.origins).set(origin, now),
})
const withNews = (state: GossipState): GossipState => ({
  ...state,
  // Whoever waits already keeps its turn.
  untold: [...new Set([...state.untold, ...state.partners])],
})
