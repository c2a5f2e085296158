import type { Nation } from '@entente/schema'
import { type AdmittedVote, type DocumentState, headsOf } from './state.ts'

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
 * to ask for it again. Objections do not count against a quorum; they are shown beside it. Pure.
 */
export function standingOf(state: DocumentState): Standing {
  const { terms, votes, twice } = state
  const heads = headsOf(state).join()
  const words = terms.validators.map((nation): Word => {
    const last = votes.reduce<AdmittedVote | null>(
      (found, vote) =>
        vote.writer === nation && vote.place.seq > (found?.place.seq ?? -1) ? vote : found,
      null,
    )
    const struck = twice.has(nation)
    if (last === null || last.choice === 'withdraw')
      return { nation, choice: null, current: false, atMs: null, statement: null, struck }
    const current = [...last.heads].sort().join() === heads
    return {
      nation,
      choice: last.choice,
      current,
      atMs: last.atMs,
      statement: last.place.statement,
      struck,
    }
  })
  const endorsing = words
    .filter(({ choice, current, struck }) => choice === 'endorse' && current && !struck)
    .map(({ nation }) => nation)
  return {
    state: endorsing.length >= terms.quorum ? 'validated' : 'draft',
    quorum: terms.quorum,
    endorsing,
    words,
  }
}
