import type { PolicyDocument } from '../document.ts'
import type { AggregateDefinition } from './definition.ts'

/**
 * Why the aggregates of one policy may publish what those of another do not, in words; empty: they publish no more. Fewer of them, more
 * contributors, a stricter dominance rule and another title or order are no more; everything else is.
 */
export function widerAggregates(
  before: PolicyDocument | null,
  after: PolicyDocument,
): readonly string[] {
  const old = new Map((before?.aggregates ?? []).map((each) => [each.id, each]))
  return (after.aggregates ?? []).flatMap((each) => {
    const was = old.get(each.id)
    if (was === undefined) return [`aggregate ${each.id} would be published`]
    return isWithin(was, each) ? [] : [`aggregate ${each.id} could say more`]
  })
}

function isWithin(was: AggregateDefinition, now: AggregateDefinition): boolean {
  return (
    restOf(was) === restOf(now) &&
    now.k >= was.k &&
    isNoHigher(was.dominance?.largest, now.dominance?.largest) &&
    isNoHigher(was.dominance?.largestTwo, now.dominance?.largestTwo) &&
    (now.level === was.level || now.level !== 'fine')
  )
}

/** What has no order of strictness: any difference counts as more. */
function restOf({ from, cells, contributor, measure, into, label }: AggregateDefinition): string {
  return JSON.stringify([from, cells, contributor ?? null, measure, into, label ?? null])
}

/** A limit that was none before is stricter. */
const isNoHigher = (was: string | undefined, now: string | undefined): boolean =>
  was === undefined || (now !== undefined && Number(now) <= Number(was))
