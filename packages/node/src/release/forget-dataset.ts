import type { Deps } from '../deps.ts'

/** Forgets what waits in a dataset and what its recipients hold, and serves no body of it any more: another node decides from here on. Inside a transaction. */
export function forgetDataset({ db }: Pick<Deps, 'db'>, dataset: string): void {
  db.prepare('DELETE FROM waiting WHERE dataset = ?').run(dataset)
  db.prepare('DELETE FROM held WHERE dataset = ?').run(dataset)
  db.prepare(
    'UPDATE entry_out SET body = NULL WHERE body IS NOT NULL AND feed IN (SELECT feed FROM feed_out WHERE dataset = ?)',
  ).run(dataset)
}
