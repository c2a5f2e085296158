import type { Nation, Roster } from '@entente/schema'
import { formatWitnessPolicy, parseVerifierKey } from '@entente/tlog'
import { NodeError } from '../errors.ts'
import { witnessesOf } from './witness-set.ts'

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
  const witnesses = new Map(
    witnessesOf(nation, roster).map(({ key, url }) => [
      key.name,
      { key, ...(url === null ? {} : { url }) },
    ]),
  )
  const group = { threshold: roster.witnessPolicy.quorum, members: [...witnesses.keys()] }
  return formatWitnessPolicy({
    logs: [{ key: parseVerifierKey(member.node.logKey) }],
    witnesses,
    groups: new Map([['coalition', group]]),
    quorum: 'coalition',
  })
}
