import type { Member, Nation, NodeCertificate, Roster } from '@entente/schema'
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

/** Further nodes of other nations, which release what they were handed. */
export const furtherPartnersOf = (roster: Roster, self: Nation): readonly Partner[] =>
  [...roster.members.values()]
    .filter((member) => member.nation !== self)
    .flatMap((member) => member.further.map((node) => partnerOf(member, node)))

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

/** All nations of the roster but our own. */
export function partnersOf(roster: Roster, self: Nation): ReadonlyMap<Nation, Partner> {
  return new Map(
    [...roster.members.values()]
      .filter((member) => member.nation !== self)
      .map((member) => [member.nation, partnerOf(member)]),
  )
}
