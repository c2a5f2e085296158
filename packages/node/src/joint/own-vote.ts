import { type Nation, readVoteSeal, type Vote, VoteError, voterOf } from '@entente/schema'
import type { Deps } from '../deps.ts'
import { NodeError } from '../errors.ts'
import type { DocumentState } from './document/state.ts'
import { lastSealAt } from './document/votes.ts'

/**
 * The person's seal that an own vote goes under: the node alone, and whoever administers it, has no vote.
 * @throws {NodeError} `VOTE_UNSEALED`, `VOTE_SEAL`, `VOTE_PERSON`, `VOTE_REPLAYED`, `JOINT_STALE`
 */
export function mustSeal(
  { nation, roster, verify, clock }: Pick<Deps, 'nation' | 'roster' | 'verify' | 'clock'>,
  state: DocumentState,
  { document, heads, choice }: Pick<Vote, 'document' | 'heads' | 'choice'>,
  jws: string | undefined,
): string {
  if (jws === undefined)
    throw new NodeError(
      'VOTE_UNSEALED',
      `a vote is a person’s: seal it with the key of a release officer of ${nation}, \`entente joint vote ${document.slice(0, 10)} --${choice} --key FILE\``,
    )
  const seal = read(nation, jws, verify)
  const isOf = seal.nation === nation && seal.document === document && seal.choice === choice
  if (!isOf)
    throw new NodeError(
      'VOTE_SEAL',
      `what was sealed is another vote: ${seal.choice} by ${seal.nation} on document ${seal.document.slice(0, 10)}; seal this one`,
    )
  if (seal.heads.join() !== heads.join())
    throw new NodeError(
      'JOINT_STALE',
      `the document has been changed since it was sealed: look at it again with \`entente joint show ${document.slice(0, 10)}\`, and seal again`,
    )
  if (voterOf(seal, roster.members.get(nation)?.officers ?? []) === null)
    throw new NodeError(
      'VOTE_PERSON',
      `the seal is of no release officer whom the root of ${nation} certifies in the roster installed here: only an officer’s key votes (\`entente key officer\` certifies one)`,
    )
  if (seal.at > clock.nowMs())
    throw new NodeError(
      'VOTE_SEAL',
      `it was sealed at ${new Date(seal.at).toISOString()}, which is later than it is here: set the clock of the computer where the key is, and seal again`,
    )
  const last = lastSealAt(state, nation)
  if (last !== null && seal.at <= last)
    throw new NodeError(
      'VOTE_REPLAYED',
      `it was sealed at ${new Date(seal.at).toISOString()}, and ${nation} has said a word sealed then or later: an old word may not be said again, seal a new one`,
    )
  return jws
}

function read(nation: Nation, jws: string, verify: Deps['verify']) {
  try {
    return readVoteSeal(jws, verify)
  } catch (error) {
    if (!(error instanceof VoteError)) throw error
    throw new NodeError('VOTE_SEAL', `the vote of ${nation}: ${error.message}; seal it again`)
  }
}
