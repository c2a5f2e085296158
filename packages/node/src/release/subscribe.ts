import { type Asked, canonicalJson, type Nation } from '@entente/schema'
import type { Database } from '../adapters/sqlite-database.ts'
import type { Deps } from '../deps.ts'
import type { ReleaseLog } from '../log/release-log.ts'
import { decideAllAgain } from '../retransfer/source-record.ts'
import { appendToControlFeed } from './control-feed.ts'
import { noteAsked, selectionOf } from './selection.ts'

export interface SubscribeRequest extends Asked {
  readonly dataset: string
  readonly from: Nation
}

/** Asks a nation for a dataset, a part of it, or no longer, as a signed statement in our control feed to it. @returns its seq */
export function sealSubscribe(
  deps: Deps,
  log: ReleaseLog,
  { from, dataset, action, kind, topic, only }: SubscribeRequest,
): number {
  const said = {
    dataset,
    action,
    ...(kind !== undefined && { kind }),
    ...(topic !== undefined && { topic }),
    ...(only === true && { only }),
  }
  const { seq } = deps.db.transact(() => appendToControlFeed(deps, log, 'subscribe', from, said))
  log.noteHead()
  return seq
}

/** Datasets that one nation asks for at once, whether or not there are such: names of none are remembered, since they may come. */
export const MOST_ASKED = 256

/**
 * A partner's subscription, admitted: every record of the dataset is decided for it again. What it holds and still asks for stays
 * untouched; only what leaves the selection is dropped, and what enters it put. A word that changes nothing costs nothing; one dataset
 * more than `MOST_ASKED` is noted as refused, `SUBSCRIPTION_FLOOD`, and its statement stands. Inside a transaction.
 */
export function noteSubscription(
  { db, journal }: Pick<Deps, 'db' | 'journal'>,
  nation: Nation,
  dataset: string,
  asked: Asked | boolean,
): void {
  const said: Asked =
    typeof asked === 'boolean' ? { action: asked ? 'subscribe' : 'unsubscribe' } : asked
  const before = selectionOf(db, nation, dataset)
  if (before.length === 0 && said.action === 'subscribe' && askedBy(db, nation) >= MOST_ASKED) {
    const message = `${nation} asks for more than ${MOST_ASKED} datasets: one more counts once it has given up another (entente unsubscribe)`
    journal.refused({ from: nation, code: 'SUBSCRIPTION_FLOOD', message })
    return
  }
  noteAsked(db, nation, dataset, said)
  const after = selectionOf(db, nation, dataset)
  if (canonicalJson(after) !== canonicalJson(before)) decideAllAgain(db, dataset)
}

const askedBy = (db: Database, nation: Nation): number =>
  db.prepare('SELECT COUNT(*) AS n FROM subscription WHERE nation = ?').get(nation)?.['n'] as number
