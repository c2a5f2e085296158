import { type Member, type Nation, type Roster, toBase64url } from '@entente/schema'
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

/** All nations of the roster but our own, and those that are cut off here under the root that they have there. */
export function partnersOf(
  roster: Roster,
  self: Nation,
  revoked: readonly { readonly nation: Nation; readonly root: string }[] = [],
): ReadonlyMap<Nation, Partner> {
  const isCut = ({ nation, root }: Member) =>
    revoked.some((each) => each.nation === nation && each.root === toBase64url(root))
  return new Map(
    [...roster.members.values()]
      .filter((member) => member.nation !== self && !isCut(member))
      .map((member) => [member.nation, partnerOf(member)]),
  )
}
