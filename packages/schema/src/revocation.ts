import { peekJws, type Verify } from './jws.ts'
import { Revocation, revocationType } from './key-validity.ts'
import type { Nation } from './nation.ts'
import { draftingNodesOf, furtherNodesOf } from './nation-nodes.ts'
import { openRootWord, type Rooted } from './root-succession.ts'
import type { Member, Roster } from './roster.ts'

export type RevocationCode = 'REVOCATION_FORM' | 'REVOCATION_NATION' | 'REVOCATION_SIGNATURE'

/** A revocation that does not count; the message names the nation that it is of. */
export class RevocationError extends Error {
  override readonly name = 'RevocationError'
  readonly code: RevocationCode
  constructor(code: RevocationCode, message: string) {
    super(message)
    this.code = code
  }
}

/** A revocation as its nation's root signed it, whoever brings it. */
export interface SignedRevocation {
  readonly revocation: Revocation
  /** Compact JWS. */
  readonly seal: string
}

/**
 * Opens a revocation that somebody has told: the root of the nation that it names must have signed it, so that anybody may carry it.
 * @throws {RevocationError} `REVOCATION_FORM`, `REVOCATION_NATION` (not in the roster), `REVOCATION_SIGNATURE`
 */
export function openRevocation(
  members: ReadonlyMap<Nation, Rooted>,
  seal: string,
  verify: Verify,
): SignedRevocation {
  const said = Revocation.safeParse(peek(seal))
  if (!said.success)
    throw new RevocationError('REVOCATION_FORM', 'this is no revocation that a root has signed')
  const { nation } = said.data
  const member = members.get(nation)
  if (member === undefined)
    throw new RevocationError(
      'REVOCATION_NATION',
      `${nation}, of which it is, is not in the roster`,
    )
  try {
    return {
      revocation: Revocation.parse(openRootWord(member, seal, revocationType, verify)),
      seal,
    }
  } catch {
    throw new RevocationError(
      'REVOCATION_SIGNATURE',
      `the root of ${nation} has not signed this revocation`,
    )
  }
}

function peek(seal: string): unknown {
  try {
    return peekJws(seal).payload
  } catch {
    return null
  }
}

/** Whose keys a revocation may name, and what is taken back already. */
type Held = Pick<Member, 'nodes' | 'drafting' | 'revocations'>

const isOfSameKey = (a: Revocation, b: Revocation): boolean =>
  a.origin === b.origin && a.key === b.key

/**
 * Whether a revocation takes more back than the member's own list does: it names a key of a certificate, and an earlier last good leaf
 * than any before it. A drafting node signs no leaf, so that its key is taken back once, whole. One that does not changes nothing.
 */
export function takesBackMore(
  { nodes, drafting, revocations }: Held,
  revocation: Revocation,
): boolean {
  const { origin, key, lastGood } = revocation
  if (!nodes.some((node) => node.origin === origin && node.key === key))
    return drafting.some((node) => node.key === key) && revocations.every((k) => k.key !== key)
  return revocations
    .filter((known) => isOfSameKey(known, revocation))
    .every((known) => (lastGood ?? -1) < (known.lastGood ?? -1))
}

/**
 * A member's lists once a revocation counts. It takes the place of those of the same key that take back less: a nation that signs ever
 * earlier ones fills no list, and what others have revoked keeps its place.
 */
export function revokedLists(
  member: Pick<Member, 'nodes' | 'drafting' | 'revocations' | 'keyChanges'>,
  { revocation, seal }: SignedRevocation,
): Pick<Member, 'further' | 'drafting' | 'revocations' | 'keyChanges'> {
  const { nodes, drafting } = member
  const { origin } = revocation
  const revocations = [
    ...member.revocations.filter((known) => !isOfSameKey(known, revocation)),
    revocation,
  ]
  // The key of a drafting node signs no leaf: no log has anything to say of it.
  const signs = nodes.some((node) => node.key === revocation.key)
  const keyChanges = member.keyChanges.filter(
    (change) => change.action !== 'revoke' || !isOfSameKey(revocationIn(change.seal), revocation),
  )
  return {
    revocations,
    further: furtherNodesOf(nodes, revocations),
    drafting: draftingNodesOf(drafting, revocations),
    keyChanges: signs ? [...keyChanges, { action: 'revoke', origin, from: 0, seal }] : keyChanges,
  }
}

/** What a seal says that was opened before. */
export const revocationIn = (seal: string): Revocation => Revocation.parse(peekJws(seal).payload)

/** The revocation of the key that the newest certificate of a member names: with such a node nobody talks. Null: its key is good. */
export const presentKeyRevoked = ({
  node,
  revocations,
}: Pick<Member, 'node' | 'revocations'>): Revocation | null =>
  revocations.find(({ origin, key }) => origin === node.origin && key === node.key) ?? null

/** Whether a key of a member is revoked, of whichever of its nodes it is. */
export const isKeyRevoked = ({ revocations }: Pick<Member, 'revocations'>, key: string): boolean =>
  revocations.some((revocation) => revocation.key === key)

/**
 * A roster with what was revoked beside it. What no root of this roster has signed, and what takes back nothing more, is left out.
 * @returns members of their own: the roster that was given is unchanged
 */
export function withRevocations(roster: Roster, seals: readonly string[], verify: Verify): Roster {
  const members = new Map(roster.members)
  for (const seal of seals) {
    const opened = openOrNull(members, seal, verify)
    const member = opened === null ? undefined : members.get(opened.revocation.nation)
    if (opened === null || member === undefined || !takesBackMore(member, opened.revocation))
      continue
    members.set(member.nation, { ...member, ...revokedLists(member, opened) })
  }
  return { ...roster, members }
}

function openOrNull(
  members: ReadonlyMap<Nation, Rooted>,
  seal: string,
  verify: Verify,
): SignedRevocation | null {
  try {
    return openRevocation(members, seal, verify)
  } catch (error) {
    if (error instanceof RevocationError) return null
    throw error
  }
}
