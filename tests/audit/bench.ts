import type { FindingCode } from '@entente/audit'
import { peekJws } from '@entente/schema'
import { copyDraft, type Draft, type Line, rowsOf } from './draft.ts'
import type { LiveBundles } from './live-bundles.ts'
import { type Lie, recast } from './recast.ts'

/** Copies of live bundles to lie in. */
export interface Bench {
  readonly records: LiveBundles['records']
  readonly drafts: readonly [gbr: Draft, nor: Draft, usa: Draft]
  readonly gbr: Draft
  readonly nor: Draft
  readonly usa: Draft
  /** Tells the story again as the drafts now have it, signed by everybody. */
  readonly signAgain: (...lies: Lie[]) => void
}

/** New copies, so that each lie is told of the truth. */
export function createBench(live: LiveBundles): Bench {
  const drafts = live.drafts.map(copyDraft) as [Draft, Draft, Draft]
  const [gbr, nor, usa] = drafts
  const signAgain = (...lies: Lie[]) => recast(drafts, live.keysOf, live.roster, lies)
  return { records: live.records, drafts, gbr, nor, usa, signAgain }
}

export const edit = (
  draft: Draft,
  path: string,
  at: (row: Line) => boolean,
  change: (row: Line) => Line,
) => {
  const rows = rowsOf(draft, path)
  const i = rows.findIndex(at)
  if (i < 0) throw new Error(`no such row in ${path}`)
  rows[i] = { ...rows[i], ...change(rows[i] as Line) }
}
export const without = (draft: Draft, path: string, at: (row: Line) => boolean) => {
  const rows = rowsOf(draft, path)
  draft.rows[path] = rows.filter((row) => !at(row))
  if (draft.rows[path].length === rows.length) throw new Error(`no such row in ${path}`)
}
export const any = () => true

/** Leaves of the USA that release to a nation, oldest first. */
export const releases = ({ usa }: Bench, recipient: string, effect = 'widen') =>
  rowsOf(usa, 'openings.jsonl').filter(({ jws }) => {
    const payload = peekJws(String(jws)).payload as Line
    return payload['recipient'] === recipient && payload['effect'] === effect
  })
export const last = <T>(list: readonly T[]): T => {
  const one = list.at(-1)
  if (one === undefined) throw new Error('there is none')
  return one
}
export const indexOf = (row: Line) => Number(row['index'])

/** One lie, the code that names it, and the nation that must answer for it. */
export type ToldLie = readonly [
  lie: string,
  code: FindingCode,
  nation: string,
  tell: (told: Bench) => void,
]
