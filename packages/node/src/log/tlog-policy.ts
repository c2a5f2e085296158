import type { Nation, Roster } from '@entente/schema'
import { formatWitnessPolicy, parseVerifierKey } from '@entente/tlog'
import { NodeError } from '../errors.ts'
import { witnessesFor } from './witness-set.ts'

/**
 * Whom a stranger trusts about the log of a nation, as a roster says it: the key of the log, the witnesses but for that
 * nation's own, and how many of them suffice. A file that tools written by others read.
 * @throws {NodeError} `PARTNER_UNKNOWN`
 * @see C2SP tlog-policy
 */
export function tlogPolicyOf(nation: Nation, roster: Roster): string {
  const member = roster.members.get(nation)
  if (member === undefined)
    throw new NodeError(
      'PARTNER_UNKNOWN',
      `${nation} is not in the roster, which names ${[...roster.members.keys()].sort().join(', ')}`,
    )
  const { set, options } = witnessesFor(nation, roster)
  const keys = set.witnesses.filter(({ name }) => !options.excluded?.includes(name))
  const witnesses = new Map(keys.map((key) => [key.name, { key }]))
  const group = { threshold: set.quorum, members: [...witnesses.keys()] }
  return formatWitnessPolicy({
    logs: [{ key: parseVerifierKey(member.node.logKey) }],
    witnesses,
    groups: new Map([['coalition', group]]),
    quorum: 'coalition',
  })
}
