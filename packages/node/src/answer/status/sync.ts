import { isMainNode, type Nation, presentKeyRevoked } from '@entente/schema'
import { sentTally } from '../../acknowledge/tally-out.ts'
import { isClosed } from '../../admit/closed-view.ts'
import { largestCheckpoint } from '../../admit/evidence.ts'
import { standingOf } from '../../gossip/standing.ts'
import { unprovenRecalls } from '../../release/seal-recall.ts'
import { furtherLogsOf } from './further-logs.ts'
import type { StatusContext } from './status.ts'

export type SyncContext = Pick<
  StatusContext,
  'deps' | 'published' | 'link' | 'log' | 'policyOf' | 'isOffline'
>

/** Partners that are in sync now, both ways. Looked at every few seconds, so no record is counted for it. */
export const partnersInSync = (context: SyncContext): readonly Nation[] =>
  [...context.deps.partners.keys()].filter((nation) => syncOf(context, nation).inSync)

/** Everything that decides whether a partner is in sync with us; the status says it in words. */
export function syncOf(
  { deps, published, link, log, policyOf, isOffline }: SyncContext,
  nation: Nation,
) {
  const { db, clock } = deps
  const policy = deps.roster.witnessPolicy
  const partner = deps.partners.get(nation)
  const connection = link(nation)
  const paused = db.prepare('SELECT 1 FROM paused WHERE nation = ?').get(nation) !== undefined
  const feeds = db
    .prepare(
      'SELECT feed_out.seq AS seq, ack_received.seq AS acked, refused FROM feed_out LEFT JOIN ack_received USING (feed) WHERE recipient = ?',
    )
    .all(nation)
  const behind = feeds.filter((feed) => feed['acked'] !== feed['seq']).length
  const refused = feeds.reduce((sum, feed) => sum + ((feed['refused'] as number | null) ?? 0), 0)
  const unpublished = published().size < log.head().size
  const quarantined = db
    .prepare('SELECT COUNT(*) AS n FROM quarantine JOIN feed_in USING (feed) WHERE sender = ?')
    .get(nation)?.['n'] as number
  const unproven = unprovenRecalls(deps, nation)
  const proven = partner === undefined ? null : largestCheckpoint(deps, partner.log.origin)
  const connected = connection?.connected ?? false
  const { courierMs = 0 } = policy
  const freshMs = isOffline ? Math.max(policy.freshnessMs, courierMs) : policy.freshnessMs
  const stale = proven !== null && clock.nowMs() - proven.seenMs > freshMs
  const standing =
    partner === undefined
      ? ({ kind: 'good' } as const)
      : standingOf({ db, nowMs: clock.nowMs(), policy }, partner.log.origin)
  const theirs = policyOf(nation)
  const samePolicy = theirs === null || theirs === policy.number
  const acknowledged = behind === 0
  const revoked = partner === undefined ? null : presentKeyRevoked(partner.member)
  const closed = isClosed(deps, nation)
  // What they give goes to the main node of our nation.
  const receives = isMainNode(deps.self.certificate)
  const further = receives
    ? furtherLogsOf(deps, nation, {
        isAway: (peerId) => !isOffline && connection?.away?.includes(peerId) === true,
        freshMs,
      })
    : []
  const [lagging = null] = further.flatMap(({ words }) => words ?? [])
  const tally = sentTally(db, nation)
  const differs = tally?.differs ?? []
  const { wire = null, stopped = null } = connection ?? {}
  const inSync =
    (connected || isOffline) &&
    revoked === null &&
    differs.length === 0 &&
    wire === null &&
    stopped === null &&
    acknowledged &&
    !paused &&
    refused === 0 &&
    quarantined === 0 &&
    standing.kind === 'good' &&
    samePolicy &&
    unproven === 0 &&
    !closed &&
    lagging === null &&
    ((proven !== null && !stale) || !receives)
  return {
    ...{ connection, connected, paused, behind, refused, unpublished, quarantined, unproven },
    ...{ proven, freshMs, stale, standing, theirs, samePolicy, acknowledged, revoked, closed },
    ...{ receives, further, lagging, tally, differs, wire, stopped, inSync },
  }
}
