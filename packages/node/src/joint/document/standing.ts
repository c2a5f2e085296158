import { type Nation, type Roster, type VoteCode, voterOf } from '@entente/schema'
import { type AdmittedVote, type DocumentState, headsOf } from './state.ts'

/** Why the word of a validator does not count, whatever it says. */
export type WordFault = Extract<VoteCode, 'VOTE_UNSEALED' | 'VOTE_PERSON' | 'VOTE_ONCE'>

/** The same in words, to go behind the name of the nation. */
export const faultWords: Readonly<Record<WordFault, string>> = {
  VOTE_UNSEALED: 'no person has sealed it, only a node',
  VOTE_PERSON: 'its seal is of no release officer whom the root of that nation certifies now',
  VOTE_ONCE: 'the person who sealed it counts for another nation already',
}

/** What one validator has said last, and whether it is of what the document says now. */
export interface Word {
  readonly nation: Nation
  /** Null: nothing, or it has taken it back. */
  readonly choice: 'endorse' | 'object' | null
  /** False where the document has been changed since. */
  readonly current: boolean
  readonly atMs: number | null
  /** Digest of the statement in which it says so. */
  readonly statement: string | null
  /** It has signed two statements for one place: its word does not count. */
  readonly struck: boolean
  /** The release officer who sealed it; null: nobody whom the roster knows. */
  readonly by: string | null
  /** Not null: it counts for nothing, and why. */
  readonly fault: WordFault | null
}

/** Whether a joint document is validated, and by whom. */
export interface Standing {
  readonly state: 'draft' | 'validated'
  readonly quorum: number
  /** Validators that endorse what it says now. */
  readonly endorsing: readonly Nation[]
  /** One of each validator, in their order. */
  readonly words: readonly Word[]
}

/**
 * Counts the last word of each validator. An endorsement counts for just the heads that it names: whoever changes the document after it has
 * to ask for it again. Objections do not count against a quorum; they are shown beside it. It counts only under the seal of an officer whom
 * the nation's root certifies in this roster, and a person for one nation: an earlier word does not come back where the last one has none.
 * Pure: members with the same statements and roster count the same.
 */
export function standingOf(state: DocumentState, { members }: Pick<Roster, 'members'>): Standing {
  const { terms, votes, twice } = state
  const heads = headsOf(state).join()
  const counted = new Set<string>()
  const words = terms.validators.map((nation): Word => {
    const last = votes.reduce<AdmittedVote | null>(
      (found, vote) =>
        vote.writer === nation && vote.place.seq > (found?.place.seq ?? -1) ? vote : found,
      null,
    )
    const struck = twice.has(nation)
    const nothing = { choice: null, current: false, atMs: null, statement: null, struck }
    if (last === null) return { nation, ...nothing, by: null, fault: null }
    const officer =
      last.seal === null ? null : voterOf(last.seal, members.get(nation)?.officers ?? [])
    const by = officer?.name ?? null
    const fault = faultOf(last, officer?.key ?? null, counted)
    if (last.choice === 'withdraw') return { nation, ...nothing, by, fault }
    const current = [...last.heads].sort().join() === heads
    if (officer !== null && last.choice === 'endorse' && current && !struck)
      counted.add(officer.key)
    return {
      nation,
      choice: last.choice,
      current,
      atMs: last.atMs,
      statement: last.place.statement,
      struck,
      by,
      fault,
    }
  })
  const endorsing = words
    .filter(
      ({ choice, current, struck, fault }) =>
        choice === 'endorse' && current && !struck && fault === null,
    )
    .map(({ nation }) => nation)
  return {
    state: endorsing.length >= terms.quorum ? 'validated' : 'draft',
    quorum: terms.quorum,
    endorsing,
    words,
  }
}

function faultOf(
  { seal }: AdmittedVote,
  officer: string | null,
  counted: ReadonlySet<string>,
): WordFault | null {
  if (seal === null) return 'VOTE_UNSEALED'
  if (officer === null) return 'VOTE_PERSON'
  return counted.has(officer) ? 'VOTE_ONCE' : null
}
