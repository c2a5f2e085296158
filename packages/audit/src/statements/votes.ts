import { openVoteSeal, VoteError, voterOf } from '@entente/schema'
import type { AddFinding } from '../finding.ts'
import type { Trust, TrustedLog } from '../trust.ts'
import type { Leaves } from './leaves.ts'

/**
 * Step 7, votes in joint documents: each is sealed by a release officer of the nation, over just this vote and later than the one before.
 * One that is not counts for nothing at any member; that a node has said it all the same is found here.
 */
export function checkVotes(
  leaves: Leaves,
  { member: { nation, officers } }: TrustedLog,
  { verify }: Trust,
  found: AddFinding,
): void {
  const last = new Map<string, number>()
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
      if (voterOf(seal, officers) === null)
        found('VOTE_PERSON', `${about} is sealed by ${seal.key}, no officer of ${nation}`, index)
    } catch (error) {
      if (!(error instanceof VoteError)) throw error
      found(error.code, `${about}: ${error.message}`, index)
    }
  }
}
