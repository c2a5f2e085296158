import {
  type Nation,
  openVoteSeal,
  peekJws,
  type StatementPlace,
  type Verify,
  type Vote,
  VoteError,
  VoteSeal,
} from '@entente/schema'
import { JointError } from '../joint-error.ts'
import type { AdmittedVote, DocumentState } from './state.ts'

/**
 * A vote that is new: its seal, if it has one, is over just this vote and none that was used before.
 * @throws {JointError} `VOTE_SEAL`, `VOTE_REPLAYED`
 */
export function checkVote(
  state: DocumentState,
  vote: Vote,
  writer: Nation,
  place: StatementPlace,
  verify: Verify,
): AdmittedVote {
  try {
    const seal = openVoteSeal(writer, vote, lastSealAt(state, writer), verify)
    return admitted(vote, writer, place, seal)
  } catch (error) {
    if (!(error instanceof VoteError)) throw error
    throw new JointError(error.code, `vote ${place.seq} of ${writer}: ${error.message}`)
  }
}

/** The same of one that was checked when it was admitted. */
export const voteAgain = (vote: Vote, writer: Nation, place: StatementPlace): AdmittedVote =>
  admitted(
    vote,
    writer,
    place,
    vote.seal === undefined ? null : VoteSeal.parse(peekJws(vote.seal).payload),
  )

/** When the last seal of a nation in the document was made; null: it has none. */
export function lastSealAt({ votes }: DocumentState, nation: Nation): number | null {
  const times = votes.flatMap(({ writer, seal }) =>
    writer === nation && seal !== null ? [seal.at] : [],
  )
  return times.length === 0 ? null : Math.max(...times)
}

const admitted = (
  { heads, choice, at }: Vote,
  writer: Nation,
  place: StatementPlace,
  seal: VoteSeal | null,
): AdmittedVote => ({
  writer,
  place,
  heads,
  choice,
  atMs: at,
  seal: seal && { nation: seal.nation, key: seal.key, at: seal.at },
})
