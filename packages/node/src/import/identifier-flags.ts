import { ncageMismatch, nsnMismatch } from '@entente/schema'
import type { Draft, Flag } from './row-result.ts'

/** Identifiers whose nation is another than the record's: often right (bought abroad), sometimes a slip of the pen. */
export function identifierFlags({ kind, originator, fields }: Draft): readonly Flag[] {
  const text = (name: string) => {
    const value = fields[name]?.value
    return typeof value === 'string' ? value : undefined
  }
  const nsn = text('nsn')
  const ncage = text('ncage')
  const found = [
    kind === 'item' && nsn !== undefined ? nsnMismatch(nsn, originator) : null,
    kind === 'supplier' && ncage !== undefined
      ? ncageMismatch(
          ncage,
          text('nation') ?? nationOfPlaceIn(fields['place']?.value) ?? originator,
        )
      : null,
  ]
  return found
    .filter((message) => message !== null)
    .map((message) => ({ code: 'IDENTIFIER_NATION', column: null, message }))
}

function nationOfPlaceIn(place: unknown): string | undefined {
  if (typeof place !== 'object' || place === null || !('nation' in place)) return undefined
  return typeof place.nation === 'string' ? place.nation : undefined
}
