import {
  type Member,
  type Nation,
  type NodeCertificate,
  type Roster,
  rootsIn,
} from '@entente/schema'
import { parseVerifierKey } from '@entente/tlog'
import type { Partner, Sibling } from './deps.ts'

/** One node of a member of the roster, the main one unless said, with its keys read. */
export function partnerOf(member: Member, node: NodeCertificate = member.node): Partner {
  return {
    nation: member.nation,
    member,
    certificate: node,
    log: { origin: node.origin, key: parseVerifierKey(node.logKey) },
    witness: parseVerifierKey(member.node.witnessKey),
  }
}

/** Nations that are cut off here, each under the root that it has in the roster. */
export type Revoked = readonly { readonly nation: Nation; readonly root: string }[]

/** Whether a nation is cut off under the root that it has in the roster, or one that this succeeds: another key does not lift it. */
export const isCut = (
  member: Pick<Member, 'nation' | 'root' | 'successions'>,
  revoked: Revoked,
): boolean =>
  revoked.some(({ nation, root }) => nation === member.nation && rootsIn(member).includes(root))

/** Further nodes of other nations, which release what they were handed. */
export const furtherPartnersOf = (
  roster: Roster,
  self: Nation,
  revoked: Revoked = [],
): readonly Partner[] =>
  [...roster.members.values()]
    .filter((member) => member.nation !== self && !isCut(member, revoked))
    .flatMap((member) => member.further.map((node) => partnerOf(member, node)))

/** The nation's other nodes with a log of their own, as partners are: for what is told them as it is told to partners. */
export const siblingPartnersOf = (member: Member, peerId: string): readonly Partner[] =>
  [member.node, ...member.further]
    .filter((each) => each.peerId !== peerId)
    .map((node) => partnerOf(member, node))

/** The nation's other nodes, as seen by the one of this peer. */
export function siblingsOf({ node, further, drafting }: Member, peerId: string): Sibling[] {
  return [node, ...further, ...drafting]
    .filter((each) => each.peerId !== peerId)
    .map(({ peerId: id, endpoints, name, key, role }) => ({
      peerId: id,
      endpoints,
      name,
      key,
      drafts: role === 'drafting-node',
    }))
}

/** All nations of the roster but our own, and those that are cut off here under the root that they have there. */
export function partnersOf(
  roster: Roster,
  self: Nation,
  revoked: Revoked = [],
): ReadonlyMap<Nation, Partner> {
  return new Map(
    [...roster.members.values()]
      .filter((member) => member.nation !== self && !isCut(member, revoked))
      .map((member) => [member.nation, partnerOf(member)]),
  )
}
