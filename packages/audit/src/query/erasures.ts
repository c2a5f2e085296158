import type { Nation } from '@entente/schema'
import type { Audits } from './audits.ts'

/** One declared erasure: whose openings may be gone, why, and who ordered it. */
export interface ErasureRow {
  readonly nation: Nation
  readonly leaf: number
  readonly atMs: number
  readonly erased: readonly number[]
  readonly ground: string
  readonly authority: string
}

/** Every `erase` statement. */
export function erasures(audits: Audits): readonly ErasureRow[] {
  const rows: ErasureRow[] = []
  for (const { nation, leaves } of audits.values())
    for (const { index, kind, statement } of leaves.byIndex.values())
      if (kind === 'erase')
        rows.push({
          nation,
          leaf: index,
          atMs: statement.at,
          erased: statement.leaves,
          ground: statement.ground,
          authority: statement.authority,
        })
  return rows
}
