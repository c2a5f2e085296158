import {
  canonicalJson,
  digestOf,
  keyBytes,
  type Nation,
  nationsDigest,
  openJws,
  openRoster,
  openSuccessions,
  type RosterFile,
  type Verify,
  witnessPolicyType,
} from '@entente/schema'
import {
  editionBytes,
  MOST_BROUGHT,
  MOST_EDITION_BYTES,
  MOST_NUMBERS_AHEAD,
  MOST_PROPOSALS,
} from './frames.ts'
import type { PairingCode } from './pairing-error.ts'

/** How a roster grows at one node: the edition in force, and those that some root has not signed yet. */
export interface EditionState {
  readonly nation: Nation
  /** Number of the roster in force; 0: none. */
  readonly number: number
  /** Roots that are known here, base64url: members, our own, and whom we have invited or accepted. */
  readonly roots: ReadonlyMap<Nation, string>
  /** Whose words nobody has compared yet: no edition with them comes into force. */
  readonly uncompared: ReadonlySet<Nation>
  /** By digest of the witness policy. */
  readonly proposals: ReadonlyMap<string, RosterFile>
  /** Which partner brought a proposal, by the same digest. */
  readonly brought: ReadonlyMap<string, Nation>
}

export type EditionEvent =
  /** An edition from somebody listed, or from a person here. */
  | { readonly kind: 'heard'; readonly from: Nation | null; readonly roster: RosterFile }
  | { readonly kind: 'compared'; readonly nation: Nation }

export type EditionEffect =
  | { readonly kind: 'keep'; readonly digest: string; readonly roster: RosterFile }
  | { readonly kind: 'forget'; readonly digest: string }
  /** Every root has signed, and nobody is in it whom people have not compared words with. */
  | { readonly kind: 'install'; readonly roster: RosterFile }
  /** Partners do not know this yet. */
  | { readonly kind: 'tell' }
  | {
      readonly kind: 'refused'
      readonly from: Nation | null
      readonly code: PairingCode
      readonly message: string
    }

/** How an edition is named while its signatures gather. */
export const editionDigest = ({ witnessPolicy }: RosterFile): string => digestOf(witnessPolicy)

/**
 * What a node does about editions. A signature that stands stays; an edition stays waiting until it is complete or a newer one is in
 * force. Nothing here trusts who says it: an edition counts by the signatures of roots, ours among them.
 */
export function step(
  state: EditionState,
  event: EditionEvent,
  verify: Verify,
): readonly [EditionState, readonly EditionEffect[]] {
  if (event.kind === 'compared') {
    const uncompared = new Set([...state.uncompared].filter((nation) => nation !== event.nation))
    const next = { ...state, uncompared }
    for (const roster of byNumber(state.proposals))
      if (isReady(next, roster, verify)) return install(next, roster)
    return [next, []]
  }
  const { from, roster } = event
  const { number } = roster.witnessPolicy
  if (number <= state.number) return [state, []]
  const digest = editionDigest(roster)
  const held = state.proposals.get(digest)
  const fault = held === undefined ? faultOf(state, roster, verify) : null
  if (fault !== null) return [state, [{ kind: 'refused', from, ...fault }]]
  const base = held ?? { ...roster, signatures: {} }
  const merged = withSignatures(base, roster.signatures, verify)
  const signed = Object.keys(merged.signatures)
  if (held !== undefined && signed.length === Object.keys(held.signatures).length)
    return [state, []]
  // Strangers' words cost nothing: somebody whom this node knows must have signed.
  if (from !== null && !signed.some((nation) => state.roots.has(nation)))
    return [
      state,
      [
        refused(
          from,
          'PROPOSAL_UNSIGNED',
          `roster ${number} is signed by no root that is known here`,
        ),
      ],
    ]
  if (isReady(state, merged, verify)) return install(state, merged)
  const room = makeRoom(state, digest, event)
  if (room === null) return [state, []]
  const proposals = new Map(room.proposals).set(digest, merged)
  const brought = new Map(room.brought)
  if (from !== null && !brought.has(digest)) brought.set(digest, from)
  return [
    { ...room, proposals, brought },
    [...forgotten(state, room), { kind: 'keep', digest, roster: merged }, { kind: 'tell' }],
  ]
}

/** Nations of an edition whose root has not signed it. */
export const unsignedOf = ({ nations, signatures }: RosterFile): readonly Nation[] =>
  nations.map(({ nation }) => nation).filter((nation) => signatures[nation] === undefined)

const refused = (from: Nation | null, code: PairingCode, message: string): EditionEffect => ({
  kind: 'refused',
  from,
  code,
  message,
})

function isReady({ uncompared }: EditionState, roster: RosterFile, verify: Verify): boolean {
  if (unsignedOf(roster).length > 0) return false
  if (roster.nations.some(({ nation }) => uncompared.has(nation))) return false
  openRoster(roster, verify)
  return true
}

function install(
  state: EditionState,
  roster: RosterFile,
): readonly [EditionState, readonly EditionEffect[]] {
  const { number } = roster.witnessPolicy
  const left = [...state.proposals].filter(([, each]) => each.witnessPolicy.number > number)
  const next = { ...state, number, proposals: new Map(left) }
  return [next, [{ kind: 'install', roster }, ...forgotten(state, next)]]
}

const forgotten = (before: EditionState, after: EditionState): readonly EditionEffect[] =>
  [...before.proposals.keys()]
    .filter((digest) => !after.proposals.has(digest))
    .map((digest) => ({ kind: 'forget', digest }))

/**
 * Of too many, the oldest one that we have not signed goes, and of what one partner has brought, its own oldest. One that is older still
 * is not kept: two partners would tell each other for ever what they drop in turn.
 * @returns null when there is no room
 */
function makeRoom(
  state: EditionState,
  digest: string,
  { from, roster }: { readonly from: Nation | null; readonly roster: RosterFile },
): EditionState | null {
  if (state.proposals.has(digest)) return state
  const unsigned = byNumber(state.proposals).filter(
    ({ signatures }) => signatures[state.nation] === undefined,
  )
  const theirs = unsigned.filter((each) => state.brought.get(editionDigest(each)) === from)
  const isMany = from !== null && theirs.length >= MOST_BROUGHT
  if (!isMany && state.proposals.size < MOST_PROPOSALS) return state
  const [oldest] = isMany ? theirs : unsigned
  // What a person here brings always finds a place.
  const isOlder = oldest === undefined || roster.witnessPolicy.number <= oldest.witnessPolicy.number
  if (from !== null && isOlder) return null
  const proposals = new Map(state.proposals)
  proposals.delete(oldest === undefined ? '' : editionDigest(oldest))
  return { ...state, proposals }
}

const byNumber = (proposals: ReadonlyMap<string, RosterFile>): readonly RosterFile[] =>
  [...proposals.values()].sort((a, b) => a.witnessPolicy.number - b.witnessPolicy.number)

interface Fault {
  readonly code: PairingCode
  readonly message: string
}

function faultOf(state: EditionState, roster: RosterFile, verify: Verify): Fault | null {
  const { nations, witnessPolicy } = roster
  const fault = (code: PairingCode, why: string): Fault => ({
    code,
    message: `roster ${witnessPolicy.number} is not taken: ${why}`,
  })
  // Alone, a node has no number that another could be too far from.
  if (state.number > 0 && witnessPolicy.number > state.number + MOST_NUMBERS_AHEAD)
    return fault(
      'PROPOSAL_NUMBER',
      `roster ${state.number} is in force, and it is more than ${MOST_NUMBERS_AHEAD} beyond`,
    )
  if (editionBytes(roster) > MOST_EDITION_BYTES)
    return fault('PROPOSAL_FORM', `it is larger than ${MOST_EDITION_BYTES} bytes`)
  if (nationsDigest(nations) !== witnessPolicy.nations)
    return fault('PROPOSAL_FORM', 'its nations are not those that are to be signed')
  if (!nations.some(({ nation }) => nation === state.nation))
    return fault('PROPOSAL_NOT_OURS', `it leaves ${state.nation} out`)
  for (const file of nations) {
    const { nation, root } = file
    const known = state.roots.get(nation)
    if (known === undefined || known === root) continue
    // The root that people here have compared words for has named it.
    if (!openSuccessions(file, verify).some(({ from }) => from === known))
      return fault(
        'PROPOSAL_ROOT',
        `it names another root of ${nation} than is known here: ask ${nation} by telephone. If it begins anew because its root is lost or stolen: entente roster install FILE --allow-root ${nation}`,
      )
  }
  return null
}

/** Adds those signatures that verify; one that stands is not replaced. */
function withSignatures(
  roster: RosterFile,
  given: RosterFile['signatures'],
  verify: Verify,
): RosterFile {
  const wanted = canonicalJson(roster.witnessPolicy)
  const signatures: Record<string, string> = { ...roster.signatures }
  for (const { nation, root } of roster.nations) {
    const jws = given[nation]
    if (jws === undefined || signatures[nation] !== undefined) continue
    try {
      const signed = openJws(jws, witnessPolicyType, keyBytes(root), verify)
      if (canonicalJson(signed) === wanted) signatures[nation] = jws
    } catch {
      // Whoever it is from, it is no signature.
    }
  }
  return { ...roster, signatures }
}
