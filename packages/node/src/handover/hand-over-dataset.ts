import type { Nation, StatementPlace } from '@entente/schema'
import type { Deps, Sibling } from '../deps.ts'
import { NodeError } from '../errors.ts'
import type { ReleaseLog } from '../log/release-log.ts'
import { appendToControlFeed } from '../release/control-feed.ts'
import { forgetDataset } from '../release/forget-dataset.ts'
import { nextNumber, type Releases, setReleases } from './duty.ts'

export interface HandOverRequest {
  readonly dataset: string
  /** Name or peer id of another node of the nation. */
  readonly to: string
}

/** Nations that were told, and who releases it to them. */
export interface HandedOver {
  readonly nations: readonly Nation[]
  readonly to: string
}

/**
 * Hands a dataset over to another node of the nation: one statement to each nation that asks for it or holds any of it. From here on
 * this node decides on nothing of it; what it had sealed stays in its log, and what it gave stays shown until the other node's feed
 * takes its place.
 * @returns nations that were told
 * @throws {NodeError} `NODE_UNKNOWN`, `NOT_RELEASER`
 */
export function handOverDataset(
  deps: Deps,
  log: ReleaseLog,
  releases: Releases,
  { dataset, to }: HandOverRequest,
): HandedOver {
  const { db } = deps
  const sibling = releasingSibling(deps, to)
  if (!releases(dataset))
    throw new NodeError(
      'NOT_RELEASER',
      `this node does not release ${dataset}: hand it over at the node that does`,
    )
  const nations = db
    .prepare(
      'SELECT nation FROM subscription WHERE dataset = ?1 UNION SELECT recipient FROM feed_out WHERE dataset = ?1 ORDER BY 1',
    )
    .all(dataset)
    .map(({ nation }) => nation as Nation)
    .filter((nation) => deps.partners.has(nation))
  db.transact(() => {
    const number = nextNumber(db, dataset, log.head().size)
    db.prepare(
      'INSERT OR REPLACE INTO handover_out(dataset, peer, key, name, number, taken) VALUES (?, ?, ?, ?, ?, 0)',
    ).run(dataset, sibling.peerId, sibling.key, sibling.name, number)
    db.prepare('DELETE FROM handover_told WHERE dataset = ?').run(dataset)
    for (const nation of nations) tell(deps, log, dataset, sibling.key, nation)
    setReleases(db, dataset, false)
    forgetDataset(deps, dataset)
  })
  log.noteHead()
  return { nations, to: sibling.name }
}

/**
 * Tells a nation that has asked since for a dataset that this node has handed on, who releases it. Inside a transaction, of which
 * the caller notes the head.
 * @returns whether there was anything to tell
 */
export function tellNewcomers(deps: Deps, log: ReleaseLog): boolean {
  const rows = deps.db
    .prepare(
      'SELECT handover_out.dataset, key, nation FROM handover_out JOIN subscription USING (dataset) JOIN release_here USING (dataset) WHERE here = 0 AND NOT EXISTS (SELECT 1 FROM handover_told WHERE handover_told.dataset = handover_out.dataset AND recipient = nation)',
    )
    .all()
    .filter(({ nation }) => deps.partners.has(nation as Nation))
  if (rows.length === 0) return false
  deps.db.transact(() => {
    for (const { dataset, key, nation } of rows) {
      tell(deps, log, dataset as string, key as string, nation as Nation)
      tellAgain(deps, dataset as string, log.head().size)
    }
  })
  log.noteHead()
  return true
}

/** A nation asks for a dataset, or no longer: whoever releases it now must hear of that. Inside a transaction. */
export function noteAsked(deps: Pick<Deps, 'db'>, dataset: string): void {
  const isHandedOn = deps.db
    .prepare(
      'SELECT 1 FROM handover_out JOIN release_here USING (dataset) WHERE dataset = ? AND here = 0',
    )
    .get(dataset)
  if (isHandedOn !== undefined) tellAgain(deps, dataset)
}

function tellAgain({ db }: Pick<Deps, 'db'>, dataset: string, atLeast?: number): void {
  db.prepare('UPDATE handover_out SET number = ?, taken = 0 WHERE dataset = ?').run(
    nextNumber(db, dataset, atLeast),
    dataset,
  )
}

function tell(deps: Deps, log: ReleaseLog, dataset: string, to: string, nation: Nation): void {
  const { db, self } = deps
  const row = db
    .prepare(
      'SELECT feed_out.feed, ack_received.seq AS acked FROM feed_out LEFT JOIN ack_received USING (feed) WHERE recipient = ? AND dataset = ?',
    )
    .get(nation, dataset)
  const feed = row?.['feed'] as string | undefined
  // Whoever holds anything of a feed holds its first statement.
  const seq = (row?.['acked'] as number | null | undefined) ?? 0
  const head: StatementPlace | null =
    feed === undefined ? null : { feed, seq, statement: log.hashInFeed(feed, seq) ?? '' }
  const said = { dataset, from: self.certificate.key, to, head }
  appendToControlFeed(deps, log, 'releaser', nation, said)
  db.prepare('INSERT OR REPLACE INTO handover_told(dataset, recipient, head) VALUES (?, ?, ?)').run(
    dataset,
    nation,
    head === null ? null : JSON.stringify(head),
  )
}

/** @throws {NodeError} `NODE_UNKNOWN` */
function releasingSibling({ siblings, self }: Deps, to: string): Sibling {
  const able = siblings.filter(({ drafts }) => !drafts)
  const found = able.filter(({ name, peerId }) => name === to || peerId === to)
  const [only] = found
  if (found.length === 1 && only !== undefined) return only
  const names = able.map(({ name }) => name).join(', ') || 'none'
  throw new NodeError(
    'NODE_UNKNOWN',
    `${to} names ${found.length === 0 ? 'no' : 'more than one'} other node of ${self.nation} with a log of its own; there are: ${names}`,
  )
}
