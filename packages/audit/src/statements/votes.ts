import {
  type Nation,
  openVoteSeal,
  type Roster,
  rootsIn,
  VoteError,
  voterOf,
} from '@entente/schema'
import type { AddFinding } from '../finding.ts'
import type { Trust, TrustedLog } from '../trust.ts'
import type { Leaves } from './leaves.ts'

/** Leaves of votes that are sealed by keys which the roster names nobody's, by key. */
export type StrangersVotes = ReadonlyMap<string, readonly number[]>

/**
 * Step 7, votes in joint documents: each is sealed by a release officer of the nation, over just this vote and later than the one before.
 * One that is not counts for nothing at any member; that a node has said it all the same is found here. A roster names those who are
 * officers now: a key that it does not name at all may be of one who has left since, and is no finding.
 */
export function checkVotes(
  leaves: Leaves,
  { member: { nation, officers } }: TrustedLog,
  { roster, verify }: Trust,
  found: AddFinding,
): StrangersVotes {
  const last = new Map<string, number>()
  const strangers = new Map<string, number[]>()
  const votes = [...leaves.byIndex.values()].filter((leaf) => leaf.kind === 'vote')
  for (const { index, statement } of votes.sort((a, b) => a.index - b.index)) {
    const { document } = statement
    const about = `vote ${index} of ${nation} in a joint document`
    try {
      const seal = openVoteSeal(nation, statement, last.get(document) ?? null, verify)
      if (seal === null) {
        found('VOTE_UNSEALED', `${about} is sealed by no person`, index)
        continue
      }
      last.set(document, seal.at)
      if (voterOf(seal, officers) !== null) continue
      const whose = whoseKey(seal.key, roster)
      if (whose === null) strangers.set(seal.key, [...(strangers.get(seal.key) ?? []), index])
      else
        found(
          'VOTE_PERSON',
          `${about} is sealed by ${seal.key}, which is of ${whose} and of no officer of ${nation}`,
          index,
        )
    } catch (error) {
      if (!(error instanceof VoteError)) throw error
      found(error.code, `${about}: ${error.message}`, index)
    }
  }
  return strangers
}

/** As what a roster names a key: the `role` and nation of a certificate, or a root; null: as nothing. */
function whoseKey(key: string, { members }: Roster): string | null {
  for (const member of members.values()) {
    const { nation, nodes, drafting, authorities, officers } = member
    if (rootsIn(member).includes(key)) return `the root of ${nation}`
    const certified = [...officers, ...authorities, ...nodes, ...drafting].find(
      (certificate) => certificate.key === key,
    )
    if (certified !== undefined) return `a ${certified.role} of ${nation}`
  }
  return null
}

/** For the remarks of a report. @param origin the log that the votes are in */
export function* remarksOnVotes(
  nation: Nation,
  origin: string,
  votes: StrangersVotes,
): Generator<string> {
  for (const [key, leaves] of votes)
    yield `${nation}: votes in joint documents (leaves ${leaves.join(', ')} of ${origin}) are sealed by ${key}, no officer in the roster that you hold: one who may have left since. Members count them for nothing`
}
