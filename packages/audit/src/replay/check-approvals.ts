import { type Entry, type Inputs, ownOf } from '@entente/schema'
import type { AddFinding } from '../finding.ts'
import type { Words } from '../statements/words.ts'
import type { Composed } from '../work/task.ts'
import { approvalsIn } from './recompose.ts'
import type { Standing } from './released.ts'

/** A put, what it is decided to be, and what the recipient held before. */
export interface PutCase {
  readonly index: number
  readonly entry: Entry
  readonly now: Composed
  readonly held: Standing | null
}

/**
 * Whether a put rests on the approvals that it names: each is of an earlier leaf, together they are those that count, and where they
 * approve an older value than the record has, the recipient held that value by approvals before.
 */
export function checkApprovals(
  { index, entry: { record }, now, held }: PutCase,
  { inputs, words }: { readonly inputs: ReadonlyMap<number, Inputs>; readonly words: Words },
  found: AddFinding,
): void {
  const own = inputs.get(index)
  if (own === undefined) return
  const named = approvalsIn(own, record)
  const fields = new Set([...Object.keys(named), ...Object.keys(now.approvals)])
  if (fields.size === 0) return
  const earlier = new Map(
    words
      .on(own.recipient, record)
      .flatMap((word) => (word.index < index ? [[word.about, word]] : [])),
  )
  const valuesOf = (abouts: readonly string[]) =>
    new Set(abouts.flatMap((about) => earlier.get(about)?.content.value ?? []))
  for (const field of [...fields].sort()) {
    const abouts = ownOf(named, field) ?? []
    const missing = abouts.filter((about) => !earlier.has(about))
    const what = `${record}: ${field}`
    if (missing.length > 0)
      found('APPROVAL_MISSING', `${what} rests on ${missing.join(', ')}, given by no leaf before`)
    else if ([...abouts].sort().join() !== (ownOf(now.approvals, field) ?? []).join())
      found('DECISION_DIFFERS', `${what} rests on other approvals than those that count`)
    else if (now.pending.includes(field)) {
      const before = held?.fields.includes(field) ? inputs.get(held.put.index) : undefined
      const stood = before === undefined ? [] : (ownOf(approvalsIn(before, record), field) ?? [])
      const values = valuesOf(stood)
      if (![...valuesOf(abouts)].every((value) => values.has(value)))
        found(
          'APPROVAL_MISSING',
          `${what} went in an older value, which the recipient did not hold`,
        )
    }
  }
}
