import type { Nation } from '@entente/schema'
import { toHex } from '@entente/schema'
import { parseNote, verifyCosignatures } from '@entente/tlog'
import { isClosed } from '../admit/closed-view.ts'
import { largestCheckpoint } from '../admit/evidence.ts'
import type { Aggregates } from '../aggregate/aggregates.ts'
import { overdueAfterMs } from '../api/approval-api.ts'
import type { ApprovalQueue } from '../approvals/approval-queue.ts'
import type { ApprovalStore } from '../approvals/approval-store.ts'
import type { Deps } from '../deps.ts'
import { standingOf } from '../gossip/standing.ts'
import type { Publisher } from '../log/publisher.ts'
import type { ReleaseLog } from '../log/release-log.ts'
import type { GuardState } from '../log/start-guard.ts'
import type { PartnerLink } from '../network/partner-links.ts'
import type { PartnerStatus, Status } from '../node-api.ts'
import type { PolicyStore } from '../release/policy-store.ts'
import { isHandedOver } from '../retire/hand-over.ts'
import { lastCosignedMs } from '../witness/last-cosigned.ts'
import type { Witness } from '../witness/witness.ts'
import { preventsSplit, witnessesFor, witnessesOf } from '../witness/witness-set.ts'

export interface StatusContext {
  readonly deps: Deps
  readonly log: ReleaseLog
  readonly publisher: Publisher | null
  readonly policies: PolicyStore
  readonly guard: () => GuardState
  readonly link: (nation: Nation) => PartnerLink | null
  readonly ports: () => readonly string[]
  readonly exercise: string | undefined
  readonly witness: Witness
  /** Number of the witness policy that a partner goes by. */
  readonly policyOf: (nation: Nation) => number | null
  /** Why copies of what opens the log cannot be written; null: they are, or none are made. */
  readonly backupTrouble: () => string | null
  readonly aggregates: Pick<Aggregates, 'isDue'>
  readonly releaser: {
    readonly approvals: { readonly store: ApprovalStore; readonly queue: ApprovalQueue }
  }
}

/** The page one opens first: who is in sync since when, who is missing from the quorum, and what to do. */
export function statusOf(context: StatusContext): Status {
  const { deps, log, publisher, policies } = context
  const { db } = deps
  const count = (sql: string, ...args: string[]) =>
    (db.prepare(sql).get(...args)?.['n'] as number | null) ?? 0
  const guard = context.guard()
  const head = log.head()
  const published = publisher?.published() ?? null
  const policy = policies.latest(deps.clock.nowMs())
  const partners = [...deps.partners.keys()].sort().map((nation) => partnerStatus(context, nation))
  const { set } = witnessesFor(deps.nation, deps.roster)
  const missing =
    publisher === null
      ? []
      : publisher.missing().map((nation) => ({ nation, lastAtMs: lastCosignedMs(deps, nation) }))
  const waitingOf = (dataset: string) =>
    count('SELECT COUNT(*) AS n FROM waiting WHERE dataset = ?', dataset)
  const datasets = Object.entries(policy?.compiled.document.datasets ?? {}).map(
    ([dataset, { mode }]) => ({
      dataset,
      mode,
      waiting: waitingOf(dataset),
    }),
  )
  const behind = published !== null && published.size < head.size
  const lost = context.witness.lost()
  const ok =
    guard.state === 'serving' &&
    log.clockFault() === null &&
    !behind &&
    lost === null &&
    partners.every((partner) => partner.inSync)
  const words =
    guard.state !== 'serving'
      ? guard.words
      : log.clockFault() !== null
        ? (log.clockFault() ?? '')
        : behind && context.backupTrouble() !== null
          ? (context.backupTrouble() ?? '')
          : behind
            ? `waiting for a quorum of ${set.quorum} to cosign ${head.size - published.size} more of the log; missing: ${missing.map(({ nation }) => nation).join(', ') || 'none'}`
            : isHandedOver(deps.db)
              ? 'this log has had its last leaf, and all of it is published: stop the node, then `entente log retire --root FILE`'
              : partners.every((partner) => partner.inSync)
                ? lost === null
                  ? 'in sync with every partner'
                  : 'in sync with every partner, whose checkpoints this node does not cosign'
                : `waiting for ${partners
                    .filter((partner) => !partner.inSync)
                    .map(({ nation }) => nation)
                    .join(', ')}`
  return {
    nation: deps.nation,
    exercise: context.exercise ?? null,
    state: guard.state,
    words,
    ok,
    ports: context.ports(),
    records: count('SELECT COUNT(*) AS n FROM record'),
    needs: {
      stale: count(
        "SELECT COUNT(*) AS n FROM view_row WHERE source = 'own' AND review_by <= ?",
        new Date(deps.clock.nowMs()).toISOString().slice(0, 10),
      ),
      conflicts: count('SELECT COUNT(*) AS n FROM record WHERE conflicts > 0'),
      imports: count(
        "SELECT COUNT(*) AS n FROM import WHERE state IN ('reading', 'ready', 'applying', 'undoing')",
      ),
      aggregates: context.aggregates.isDue(),
      approvals: approvalsAt(context, deps.clock.nowMs()),
    },
    policy: policy === null ? null : { edition: policy.edition, digest: policy.digest },
    log: {
      origin: deps.origin,
      size: head.size,
      published: published?.size ?? 0,
      root: toHex(head.root),
      cosignatures:
        published === null || published.note === ''
          ? []
          : verifyCosignatures(parseNote(published.note), set.witnesses, deps.verify).map(
              ({ key }) => key.name,
            ),
      missing,
      quorum: set.quorum,
      split: preventsSplit(set.quorum, witnessesOf(deps.nation, deps.roster).length)
        ? 'prevented'
        : 'detected',
    },
    witness: { policy: deps.roster.witnessPolicy.number, lost },
    datasets,
    partners,
  }
}

/** What waits for officers, and what ends unless they sign again. */
function approvalsAt(
  { policies, releaser: { approvals } }: StatusContext,
  atMs: number,
): Status['needs']['approvals'] {
  const timeMs = overdueAfterMs(policies.at(atMs))
  const { values: ending, endsMs } = approvals.store.ending(atMs, atMs + timeMs)
  return { ...approvals.queue.count(atMs, atMs - timeMs), ending, endsMs }
}

function partnerStatus(
  { deps, publisher, link, log, policyOf }: StatusContext,
  nation: Nation,
): PartnerStatus {
  const { db, clock } = deps
  const policy = deps.roster.witnessPolicy
  const partner = deps.partners.get(nation)
  const connection = link(nation)
  const paused = db.prepare('SELECT 1 FROM paused WHERE nation = ?').get(nation) !== undefined
  const held = db
    .prepare(
      'SELECT COUNT(*) AS records, SUM((SELECT COUNT(*) FROM json_each(fields))) AS fields, SUM(withheld) AS withheld FROM held WHERE recipient = ?',
    )
    .get(nation)
  const feeds = db
    .prepare(
      'SELECT feed_out.seq AS seq, ack_received.seq AS acked, refused FROM feed_out LEFT JOIN ack_received USING (feed) WHERE recipient = ?',
    )
    .all(nation)
  const behind = feeds.filter((feed) => feed['acked'] !== feed['seq']).length
  const refused = feeds.reduce((sum, feed) => sum + ((feed['refused'] as number | null) ?? 0), 0)
  const unpublished = (publisher?.published().size ?? 0) < log.head().size
  const received = db
    .prepare(
      "SELECT COUNT(*) AS records, SUM(json_array_length(json, '$.disclosures')) AS fields FROM held_in JOIN feed_in USING (feed) WHERE sender = ?",
    )
    .get(nation)
  const quarantined = db
    .prepare('SELECT COUNT(*) AS n FROM quarantine JOIN feed_in USING (feed) WHERE sender = ?')
    .get(nation)?.['n'] as number
  const unproven = db
    .prepare(
      'SELECT COUNT(*) AS n FROM recall_out WHERE recipient = ? AND purge = 1 AND purged IS NULL',
    )
    .get(nation)?.['n'] as number
  const kept = db
    .prepare('SELECT kind, COUNT(*) AS n FROM kept_in WHERE sender = ? GROUP BY kind')
    .all(nation)
    .map((row) => [row['kind'] as string, row['n'] as number] as const)
  const proven = partner === undefined ? null : largestCheckpoint(deps, partner.log.origin)
  const connected = connection?.connected ?? false
  const stale =
    proven !== null && clock.nowMs() - proven.seenMs > deps.roster.witnessPolicy.freshnessMs
  const standing =
    partner === undefined
      ? ({ kind: 'good' } as const)
      : standingOf({ db, nowMs: clock.nowMs(), policy }, partner.log.origin)
  const theirs = policyOf(nation)
  const samePolicy = theirs === null || theirs === policy.number
  const acknowledged = behind === 0
  const closed = isClosed(deps, nation)
  const inSync =
    connected &&
    acknowledged &&
    !paused &&
    refused === 0 &&
    quarantined === 0 &&
    standing.kind === 'good' &&
    samePolicy &&
    unproven === 0 &&
    !closed &&
    proven !== null &&
    !stale
  const barred =
    standing.kind === 'forked'
      ? 'its log has signed two histories: nothing of it is admitted (entente log evidence)'
      : standing.kind === 'unproven'
        ? `its log has left a proof unanswered for ${ago(clock.nowMs() - standing.sinceMs)}: nothing of it is admitted until it proves that it has one history`
        : samePolicy
          ? null
          : `goes by witness policy ${theirs}, we by ${policy.number}: ${theirs > policy.number ? 'we' : nation} must install the newer roster`
  const state = !connected
    ? `unreachable ${ago(clock.nowMs() - (connection?.sinceMs ?? clock.nowMs()))}, dialling again${connection?.trouble ? `: ${connection.trouble}` : ''}`
    : closed
      ? 'recovered: its values are not shown until its feeds have come to where they were'
      : paused
        ? 'paused here: nothing new is sent, drops still go'
        : behind > 0
          ? unpublished
            ? 'waiting for our own quorum'
            : `waiting for ${nation} to acknowledge ${behind} feed${behind === 1 ? '' : 's'}`
          : refused > 0
            ? `${nation} refused ${refused} of our entries`
            : quarantined > 0
              ? `${quarantined} of its entries are in quarantine`
              : unproven > 0
                ? `has not said yet that it purged what ${unproven} recall${unproven === 1 ? '' : 's'} named`
                : proven === null
                  ? 'connected; nothing proven yet'
                  : stale
                    ? `stale since ${new Date(proven.seenMs + policy.freshnessMs).toISOString()}: its last proof is ${ago(clock.nowMs() - proven.seenMs)} old; until it is cosigned again, nothing that widens is admitted`
                    : `in sync, proven ${ago(clock.nowMs() - proven.seenMs)} ago`
  const words = barred ?? state
  const troubled =
    barred === null && connected && connection?.trouble
      ? `${words}; last refused: ${connection.trouble}`
      : words
  return {
    nation,
    connected,
    paused,
    words: troubled,
    inSync,
    provenAtMs: proven?.seenMs ?? null,
    standing: standing.kind,
    witnessPolicy: theirs,
    sent: {
      records: held?.['records'] as number,
      fields: (held?.['fields'] as number | null) ?? 0,
      withheld: (held?.['withheld'] as number | null) ?? 0,
      acknowledged,
      refused,
      unproven,
    },
    received: {
      records: received?.['records'] as number,
      fields: (received?.['fields'] as number | null) ?? 0,
      quarantined,
      kept: Object.fromEntries(kept),
    },
  }
}

function ago(ms: number): string {
  const s = Math.max(0, Math.round(ms / 1000))
  return s < 90 ? `${s} s` : s < 5_400 ? `${Math.round(s / 60)} min` : `${Math.round(s / 3_600)} h`
}
