import { isMainNode, peekJws } from '@entente/schema'
import type { Deps, Partner } from '../deps.ts'
import type { AdmitError } from './codes.ts'
import { checkReset } from './reset.ts'
import type { FeedStatement } from './statement.ts'

/** Makes the error that names the statement, its feed and who sent it. */
export type Refuse = (code: AdmitError['code'], message: string) => AdmitError

/** What the feed of a statement is for: a dataset, or `''` for the control feed of the main node and `@` with the name of its log for that of another one. */
export const datasetOf = ({ kind, payload }: FeedStatement, partner: Partner): string =>
  kind === 'release' || kind === 'reset' ? payload.dataset : controlOf(partner)

/** What the control feed of a node is filed under. */
const controlOf = ({ certificate, log }: Partner): string =>
  isMainNode(certificate) ? '' : `@${log.origin}`

/** Feeds of one stream of a node, out of those that are held of its nation. */
export function feedsOf(
  { db }: Pick<Deps, 'db'>,
  partner: Partner,
  which: 'control' | 'feed',
): ReadonlySet<string> {
  const control = controlOf(partner)
  const rows = db
    .prepare(
      'SELECT feed_in.feed, dataset, jws FROM feed_in JOIN statement_in ON statement_in.feed = feed_in.feed AND statement_in.seq = 0 WHERE feed_in.sender = ?',
    )
    .all(partner.nation)
    .filter(({ dataset, jws }) => {
      const isControl = dataset === '' || (dataset as string).startsWith('@')
      if (which === 'control') return dataset === control
      return !isControl && originOf(jws as string) === partner.log.origin
    })
  return new Set(rows.map(({ feed }) => feed as string))
}

const originOf = (jws: string): string =>
  (peekJws(jws).payload as { readonly origin: string }).origin

/** The statement is the next one of its feed, or begins one where none is. @throws {AdmitError} */
export function checkPlace(
  deps: Deps,
  partner: Partner,
  statement: FeedStatement,
  feed: string,
  refuse: Refuse,
): void {
  const { payload } = statement
  const row = deps.db
    .prepare('SELECT seq, last, sender, dataset FROM feed_in WHERE feed = ?')
    .get(feed)
  // What nobody knows here stands wherever its feed stands.
  const dataset =
    statement.kind === 'unknown' && row !== undefined
      ? (row['dataset'] as string)
      : datasetOf(statement, partner)
  if (payload.seq === 0) {
    if (payload.feed !== null || payload.prev !== null)
      throw refuse('FEED_CHAIN', 'statement 0 names a feed or a predecessor')
    const other = deps.db
      .prepare('SELECT feed FROM feed_in WHERE sender = ? AND dataset = ?')
      .get(partner.nation, dataset)
    if (statement.kind === 'reset') checkReset(deps, partner, statement.payload, refuse)
    else if (other !== undefined)
      throw refuse('FEED_DATASET', 'its dataset already has a feed; only a reset replaces it')
    return
  }
  if (row === undefined || row['sender'] !== partner.nation)
    throw refuse('FEED_UNKNOWN', 'no such feed from this nation')
  if (row['dataset'] !== dataset)
    throw refuse(
      'FEED_DATASET',
      `the feed is for ${(row['dataset'] as string) || 'control'}, the statement is not`,
    )
  if (statement.kind === 'reset') throw refuse('FEED_CHAIN', 'a reset begins a feed')
  if (payload.seq !== (row['seq'] as number) + 1)
    throw refuse('FEED_GAP', `expected ${(row['seq'] as number) + 1}`)
  if (payload.prev !== row['last']) throw refuse('FEED_CHAIN', 'it does not name its predecessor')
}
