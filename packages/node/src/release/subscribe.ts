import type { Asked, Nation } from '@entente/schema'
import type { Deps } from '../deps.ts'
import type { ReleaseLog } from '../log/release-log.ts'
import { decideAllAgain } from '../retransfer/source-record.ts'
import { appendToControlFeed } from './control-feed.ts'
import { noteAsked } from './selection.ts'

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

/**
 * A partner's subscription, admitted: every record of the dataset is decided for it again. What it holds and still asks for stays
 * untouched; only what leaves the selection is dropped, and what enters it put. Inside a transaction.
 */
export function noteSubscription(
  { db }: Deps,
  nation: Nation,
  dataset: string,
  asked: Asked | boolean,
): void {
  const said: Asked =
    typeof asked === 'boolean' ? { action: asked ? 'subscribe' : 'unsubscribe' } : asked
  noteAsked(db, nation, dataset, said)
  decideAllAgain(db, dataset)
}
