import type { Nation } from '@entente/schema'
import type { Deps } from '../deps.ts'
import type { PlannedChange, Planner } from './plan.ts'
import type { PolicyInForce } from './policy-store.ts'

/** Which of the waiting puts to plan. */
export interface Selection {
  readonly datasets: readonly string[]
  readonly recipient?: Nation | undefined
  /** At most so many. */
  readonly limit: number
}

/** Records that a nation may newly have, until a plan or a live dataset lets them go. */
export interface Waiting {
  readonly add: (dataset: string, nation: Nation, id: string) => void
  readonly remove: (nation: Nation, id: string) => void
  /** Decides what waits; what need not wait any more is taken off. Paused nations are left alone. */
  readonly plan: (policy: PolicyInForce, atMs: number, selection: Selection) => PlannedChange[]
}

export function createWaiting({ db }: Deps, planner: Planner): Waiting {
  const remove = (nation: Nation, id: string): void => {
    db.prepare('DELETE FROM waiting WHERE recipient = ? AND record = ?').run(nation, id)
  }
  return {
    add: (dataset, nation, id) => {
      db.prepare('INSERT OR IGNORE INTO waiting(dataset, recipient, record) VALUES (?, ?, ?)').run(
        dataset,
        nation,
        id,
      )
    },
    remove,
    plan: (policy, atMs, { datasets, recipient, limit }) => {
      const out: PlannedChange[] = []
      const done: PlannedChange[] = []
      const again: string[] = []
      for (const dataset of datasets) {
        const rows = db
          .prepare(
            "SELECT record, recipient FROM waiting JOIN subscription ON nation = recipient AND subscription.dataset = waiting.dataset WHERE waiting.dataset = ? AND recipient = coalesce(?, recipient) AND recipient NOT IN (SELECT nation FROM paused) ORDER BY EXISTS (SELECT 1 FROM record WHERE id = waiting.record AND kind = 'alert') DESC, record, recipient",
          )
          .iterate(dataset, recipient ?? null)
        for (const row of rows) {
          if (out.length >= limit) break
          const planned = planner.plan(
            row['record'] as string,
            row['recipient'] as Nation,
            policy,
            atMs,
          )
          // Something must be taken away first: that is decided before anything is put.
          if (planned.change.drop !== null) again.push(planned.id)
          else if (planned.change.put && planned.dataset === dataset) out.push(planned)
          else done.push(planned)
        }
      }
      for (const { id, recipient: nation } of done) remove(nation, id)
      for (const id of again) db.prepare('INSERT OR IGNORE INTO dirty(record) VALUES (?)').run(id)
      return out
    },
  }
}
