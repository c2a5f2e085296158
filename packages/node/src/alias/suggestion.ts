import type { ReasonAgainst, ReasonFor } from './reasons.ts'
import type { Relation } from './relation.ts'

/** A distinct name string as sources spell it, and where and how often they do. */
export interface SourceName {
  readonly name: string
  /** Rows that spell it so. */
  readonly count: number
  readonly places: readonly string[]
  /** ISO 3166-1 alpha-3 codes. */
  readonly nations: readonly string[]
  /** Ids of records that name it. */
  readonly records?: readonly string[]
}

/** That two names may belong together. Nothing but a person's decision links them. */
export interface LinkSuggestion {
  readonly relation: Relation
  /** In the order of the relation: part and whole, member and venture. By code unit for `same-party`. */
  readonly names: readonly [string, string]
  /** Integer percent, 1 to 99, to order by; no probability. */
  readonly confidence: number
  readonly reasons: readonly ReasonFor[]
  /** What speaks against the two being one party. It lowers the confidence and is shown, whatever the relation. */
  readonly against: readonly ReasonAgainst[]
}

/** Relation that the words of two names speak for, before place, nation and records are heard. */
export interface Finding {
  readonly relation: Relation
  /** Whether the second name comes first in the relation. */
  readonly swapped: boolean
  readonly reasons: readonly ReasonFor[]
  readonly against: readonly ReasonAgainst[]
}
