import type { Nation } from '@entente/schema'
import type { Deps } from '../deps.ts'
import type { ReleaseLog } from '../log/release-log.ts'
import { decideAllAgain } from '../retransfer/source-record.ts'
import { appendToControlFeed } from './control-feed.ts'

/** Asks a nation for a dataset (or no longer), as a signed statement in our control feed to it. @returns its seq */
export function sealSubscribe(
  deps: Deps,
  log: ReleaseLog,
  request: {
    readonly dataset: string
    readonly from: Nation
    readonly action: 'subscribe' | 'unsubscribe'
  },
): number {
  const { from, ...said } = request
  const { seq } = deps.db.transact(() => appendToControlFeed(deps, log, 'subscribe', from, said))
  log.noteHead()
  return seq
}

/** A partner's subscription, admitted: every record of the dataset is to be decided for it. Inside a transaction. */
export function noteSubscription(
  { db }: Deps,
  nation: Nation,
  dataset: string,
  subscribed: boolean,
): void {
  if (subscribed)
    db.prepare('INSERT OR IGNORE INTO subscription(nation, dataset) VALUES (?, ?)').run(
      nation,
      dataset,
    )
  else db.prepare('DELETE FROM subscription WHERE nation = ? AND dataset = ?').run(nation, dataset)
  decideAllAgain(db, dataset)
}
