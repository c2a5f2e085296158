import { type Classification, classifications, GroupCode, Nation, rankOf } from '@entente/schema'
import { z } from 'zod'
import { parseIsoDate } from '../dates.ts'
import { PolicyDate } from '../policy-date.ts'

/** Whose markings they are: a nation, `NATO`, `EU`, or another body. */
const Scheme = z.union([Nation, GroupCode, z.literal('EU')])

/** A marking as it is written, with the days on which it was given; a marking that has ended keeps its old level. */
const Marking = z.strictObject({
  text: z.string().min(1).max(60),
  from: PolicyDate.optional(),
  until: PolicyDate.optional(),
})

/**
 * What the markings of one scheme are under one agreement, from and until when. Every rung is spoken of: a scheme that has none
 * there says so. There is no table for all agreements, because there is no such truth.
 */
export const Equivalence = z.strictObject({
  agreement: z.string().min(1).max(100),
  scheme: Scheme,
  from: PolicyDate,
  until: PolicyDate.optional(),
  levels: z.strictObject({
    'TOP SECRET': z.array(Marking).readonly(),
    SECRET: z.array(Marking).readonly(),
    CONFIDENTIAL: z.array(Marking).readonly(),
    RESTRICTED: z.array(Marking).readonly(),
    UNCLASSIFIED: z.array(Marking).readonly(),
  } satisfies Record<Classification, unknown>),
})
export type Equivalence = z.infer<typeof Equivalence>

/** An equivalence ready to ask. */
export interface CompiledEquivalence {
  readonly agreement: string
  readonly scheme: string
  readonly fromMs: number
  readonly untilMs: number
  readonly markings: readonly {
    readonly text: string
    readonly classification: Classification
    readonly fromMs: number
    readonly untilMs: number
  }[]
  /** Moments at which an answer can change. */
  readonly cuts: readonly number[]
}

export function compileEquivalences(table: readonly Equivalence[]): readonly CompiledEquivalence[] {
  return table.map(({ agreement, scheme, levels, ...span }) => {
    const markings = classifications.flatMap((classification) =>
      levels[classification].map(({ text, ...issued }) => ({
        text,
        classification,
        ...spanOf(issued),
      })),
    )
    const own = spanOf(span)
    const cuts = [own, ...markings].flatMap(({ fromMs, untilMs }) => [fromMs, untilMs])
    return { agreement, scheme, ...own, markings, cuts: cuts.filter(Number.isFinite) }
  })
}

/** A date that is none opens nothing. */
const spanOf = ({ from, until }: { from?: string | undefined; until?: string | undefined }) => ({
  fromMs: from === undefined ? -Infinity : (parseIsoDate(from) ?? Infinity),
  untilMs: until === undefined ? Infinity : (parseIsoDate(until) ?? -Infinity),
})

export type EquivalenceOutcome =
  | { readonly ok: true; readonly classification: Classification; readonly agreement: string }
  | {
      readonly ok: false
      readonly code: 'NO_AGREEMENT' | 'UNKNOWN_MARKING' | 'NOT_ISSUED'
      readonly reason: string
    }

/**
 * The level that a marking is protected at. Words are compared letter by letter, never by likeness: SECRETO is not SECRET. Where
 * agreements differ, the highest counts.
 * @param marking with its scheme: `ESP:SECRETO`
 * @param when the moment of the question, and the day on which the marking was given
 */
export function equivalentOf(
  marking: string,
  { atMs, issuedMs }: { readonly atMs: number; readonly issuedMs: number },
  table: readonly CompiledEquivalence[],
): EquivalenceOutcome {
  const [scheme = '', ...rest] = marking.split(':')
  const text = rest.join(':')
  const agreements = table.filter((each) => each.scheme === scheme && holdsAt(each, atMs))
  if (agreements.length === 0)
    return refuse('NO_AGREEMENT', `no agreement in force says what markings of ${scheme} are`)
  const found = agreements.flatMap(({ agreement, markings }) =>
    markings.filter((each) => each.text === text).map((each) => ({ ...each, agreement })),
  )
  if (found.length === 0)
    return refuse('UNKNOWN_MARKING', `${text} is not a classification of ${scheme}`)
  const issued = found.filter((each) => holdsAt(each, issuedMs))
  const [first, ...others] = issued
  if (first === undefined)
    return refuse('NOT_ISSUED', `${scheme} did not give the marking ${text} on that day`)
  const { classification, agreement } = others.reduce(
    (a, b) => (rankOf(b.classification) > rankOf(a.classification) ? b : a),
    first,
  )
  return { ok: true, classification, agreement }
}

const refuse = (
  code: (EquivalenceOutcome & { ok: false })['code'],
  reason: string,
): EquivalenceOutcome => ({ ok: false, code, reason })

const holdsAt = (span: { readonly fromMs: number; readonly untilMs: number }, atMs: number) =>
  span.fromMs <= atMs && atMs < span.untilMs

/**
 * What a scheme marks a level with: its words for the level, or where it has none those of the next higher one, never of a lower.
 * Levels creep up that way from nation to nation, so pass on the original marking beside it.
 * @returns null when no agreement in force gives words as high
 * @see ACP 122(F), 908-909
 */
export function markingsFor(
  classification: Classification,
  scheme: string,
  agreement: string,
  atMs: number,
  table: readonly CompiledEquivalence[],
): { readonly markings: readonly string[]; readonly raised: boolean } | null {
  const own = table.find(
    (each) => each.scheme === scheme && each.agreement === agreement && holdsAt(each, atMs),
  )
  for (const level of classifications.slice(rankOf(classification))) {
    const markings = (own?.markings ?? [])
      .filter((each) => each.classification === level && holdsAt(each, atMs))
      .map(({ text }) => text)
    if (markings.length > 0) return { markings, raised: level !== classification }
  }
  return null
}
