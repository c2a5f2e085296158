import type { CompiledPolicy } from './compile.ts'
import { formatIsoDate } from './dates.ts'
import type { Facts } from './question.ts'
import { bearingOf, type Condition, readers } from './rows.ts'

/** A row that would have released the field, had these conditions held. */
export interface NearMiss {
  readonly row: string
  readonly failed: readonly {
    readonly attribute: string
    readonly operator: string
    readonly wanted: string | readonly string[]
    readonly value: string
  }[]
}

/** A near miss with the conditions themselves. */
export interface Miss {
  readonly row: string
  readonly failed: readonly Condition[]
}

/** The releasing row that fails on the fewest conditions; the first by id among equals. */
export function nearestMiss(facts: Facts, policy: CompiledPolicy): Miss | null {
  let best: Miss | null = null
  for (const compiled of policy.rows) {
    const { row, conditions } = compiled
    if (row.effect !== 'permit' && row.effect !== 'transform') continue
    if (conditions.length === 0 || bearingOf(compiled, facts) === 'matches') continue
    const failed = conditions.filter(({ holds }) => holds(facts) !== true)
    if (best === null || failed.length < best.failed.length) best = { row: row.id, failed }
  }
  return best
}

/** The same as data. */
export function showMiss({ row, failed }: Miss, facts: Facts): NearMiss {
  return {
    row,
    failed: failed.map(({ attribute, operator, wanted }) => ({
      attribute,
      operator,
      wanted,
      value: show(attribute, facts),
    })),
  }
}

function show(attribute: Condition['attribute'], facts: Facts): string {
  if (attribute === 'at') return formatIsoDate(facts.atMs)
  if (attribute === 'classification') return facts.label?.classification ?? 'unknown'
  const value = readers[attribute](facts)
  if (value === null) return 'unknown'
  return typeof value === 'object' ? `[${value.join(', ')}]` : String(value)
}
