import { type Entry, type Nation, type NationRecall, openNationRecall } from '@entente/schema'
import type { Bundle } from '../bundle/read-bundle.ts'
import { type AddFinding, reasonOf } from '../finding.ts'
import type { Trust } from '../trust.ts'

type Put = Extract<Entry, { op: 'put' }>

/** Recalls by the word of a nation that a bundle shows, each signed by its root or a node of it; also those of a key that was revoked since. */
export interface NationRecalls {
  readonly all: readonly NationRecall[]
  /** Those of a record by the word of one of these nations. */
  readonly of: (record: string, nations: readonly (Nation | undefined)[]) => readonly NationRecall[]
}

/** Opens every such recall that a bundle shows. One that nobody has signed who may takes nothing back. @param found null: it is said elsewhere */
export function openNationRecalls(
  { nationRecalls }: Pick<Bundle, 'nationRecalls'>,
  { roster, verify }: Trust,
  found: AddFinding | null,
): NationRecalls {
  const all = nationRecalls.flatMap(({ seal }, i) => {
    try {
      return [openNationRecall(roster.members, seal, verify)]
    } catch (error) {
      found?.('ROOT_RECALL_SEAL', `root-recalls.jsonl, line ${i + 1}: ${reasonOf(error)}`)
      return []
    }
  })
  return {
    all,
    of: (record, nations) =>
      all.filter(
        ({ recall }) => recall.records.includes(record) && nations.includes(recall.nation),
      ),
  }
}

/** Whether a put gives again what a recall took back. */
export const isNamedBy = ({ digest }: NationRecall, { recalls = [] }: Put): boolean =>
  recalls.includes(digest)

/** Every recall by the word of a nation that a put names is shown. */
export function checkRecallsNamed(
  entries: ReadonlyMap<number, readonly { readonly entry: Entry }[]>,
  { all }: NationRecalls,
  found: AddFinding,
): void {
  const shown = new Set(all.map(({ digest }) => digest))
  for (const [index, rows] of entries)
    for (const { entry } of rows)
      if (entry.op === 'put')
        for (const digest of entry.recalls ?? [])
          if (!shown.has(digest))
            found('ROOT_RECALL_MISSING', `release ${index} names recall ${digest}`, index)
}
