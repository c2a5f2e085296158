import type { PolicyDocument } from '@entente/policy'
import { formatSelector, type Nation } from '@entente/schema'
import type { Deps } from '../deps.ts'
import type { PolicyStore } from '../release/policy-store.ts'
import { selectionOf } from '../release/selection.ts'

/** One dataset of this nation. What the policy in force does not say of it is null or absent. */
export interface DatasetShown {
  readonly dataset: string
  readonly title: string | null
  readonly mode: 'live' | 'manual' | null
  readonly description?: string | undefined
  readonly steward?: string | undefined
  readonly label?: PolicyDocument['datasets'][string]['label']
  /** Own records in it. */
  readonly records: number
  readonly kinds: readonly string[]
  /** Who asks for it, and for what of it, in words. */
  readonly asked: readonly { readonly nation: Nation; readonly words: string }[]
}

export interface DatasetApi {
  readonly datasetList: () => Promise<{ readonly datasets: readonly DatasetShown[] }>
}

export function createDatasetApi({ db, clock }: Deps, policies: PolicyStore): DatasetApi {
  return {
    datasetList: async () => {
      const named = policies.latest(clock.nowMs())?.compiled.document.datasets ?? {}
      const counted = new Map<string, { records: number; kinds: string[] }>()
      const rows = db.prepare(
        'SELECT dataset, kind, COUNT(*) AS n FROM record GROUP BY 1, 2 ORDER BY 1, 2',
      )
      for (const row of rows.all()) {
        const one = counted.get(row['dataset'] as string) ?? { records: 0, kinds: [] }
        counted.set(row['dataset'] as string, one)
        one.records += row['n'] as number
        one.kinds.push(row['kind'] as string)
      }
      const asks = db.prepare('SELECT nation FROM subscription WHERE dataset = ? ORDER BY nation')
      const names = new Set([...Object.keys(named), ...counted.keys()])
      const datasets = [...names].sort().map(
        (dataset): DatasetShown => ({
          dataset,
          title: null,
          mode: null,
          ...named[dataset],
          ...(counted.get(dataset) ?? { records: 0, kinds: [] }),
          asked: asks.all(dataset).map((row) => {
            const nation = row['nation'] as Nation
            const parts = selectionOf(db, nation, dataset)
            return { nation, words: parts.map((part) => formatSelector(part) || 'all').join('; ') }
          }),
        }),
      )
      return { datasets }
    },
  }
}

/** The default label of each dataset, by the policy in force. */
export const defaultLabelIn =
  ({ clock }: Deps, policies: PolicyStore) =>
  (dataset: string) =>
    policies.latest(clock.nowMs())?.compiled.document.datasets[dataset]?.label ?? null
