import type { Member, Nation, Roster } from '@entente/schema'
import { parseVerifierKey } from '@entente/tlog'
import type { Partner } from './deps.ts'

/** One member of the roster with its keys read. */
export function partnerOf(member: Member): Partner {
  const { node } = member
  return {
    nation: member.nation,
    member,
    certificate: node,
    log: { origin: node.origin, key: parseVerifierKey(node.logKey) },
    witness: parseVerifierKey(node.witnessKey),
  }
}

/** All nations of the roster but our own. */
export function partnersOf(roster: Roster, self: Nation): ReadonlyMap<Nation, Partner> {
  return new Map(
    [...roster.members.values()]
      .filter((member) => member.nation !== self)
      .map((member) => [member.nation, partnerOf(member)]),
  )
}
