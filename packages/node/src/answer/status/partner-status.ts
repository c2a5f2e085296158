import type { Nation } from '@entente/schema'
import { sumTallies, tallyIn } from '../../admit/tally.ts'
import { courierStatus, sayCourier } from '../../courier/courier-status.ts'
import type { PartnerStatus } from '../../node-api.ts'
import { lastInSyncMs } from '../in-sync.ts'
import { ago, clockTime } from './ago.ts'
import { countHeld } from './count-held.ts'
import { worstOf } from './further-logs.ts'
import { sayNotDialled } from './not-running.ts'
import type { StatusContext } from './status.ts'
import { syncOf } from './sync.ts'

/** Who it is and that it is out of reach is said already. */
const shortTrouble = (trouble: string): string =>
  trouble.replace(/^peer \S+ is unreachable: (connection error )?/, '')

/** How it is with one partner, in words and in figures. */
export function partnerStatus(context: StatusContext, nation: Nation): PartnerStatus {
  const { deps, isOffline, clockOffOf } = context
  const { db, clock } = deps
  const policy = deps.roster.witnessPolicy
  const sync = syncOf(context, nation)
  const { connection, connected, paused, behind, refused, unpublished, quarantined } = sync
  const { unproven, proven, freshMs, stale, standing, theirs, samePolicy, acknowledged } = sync
  const { revoked, closed, receives, further, lagging, tally, differs, wire, stopped, inSync } =
    sync
  const { sent, received } = countHeld(db, nation)
  const kept = db
    .prepare('SELECT kind, COUNT(*) AS n FROM kept_in WHERE sender = ? GROUP BY kind')
    .all(nation)
    .map((row) => [row['kind'] as string, row['n'] as number] as const)
  const taken = db
    .prepare('SELECT feed FROM feed_in WHERE sender = ?')
    .all(nation)
    .flatMap((row) => tallyIn(db, row['feed'] as string) ?? [])
  const offMs = clockOffOf(nation)
  const inSyncAtMs = lastInSyncMs(db, nation)
  const retryAtMs = connection?.retryAtMs ?? null
  const courier = courierStatus(deps, nation)
  const byCourier =
    isOffline || courier !== null
      ? sayCourier(courier, nation, (atMs) => ago(clock.nowMs() - atMs))
      : null
  const barred =
    revoked !== null
      ? `its key is revoked (${revoked.reason}): its node is not talked to until a roster names another key`
      : standing.kind === 'forked'
        ? 'its log has signed two histories: nothing of it is admitted (entente log evidence)'
        : standing.kind === 'unproven'
          ? `its log has left a proof unanswered for ${ago(clock.nowMs() - standing.sinceMs)}: nothing of it is admitted until it proves that it has one history`
          : samePolicy || theirs === null
            ? null
            : `goes by witness policy ${theirs}, we by ${policy.number}: ${theirs > policy.number ? 'we' : nation} must install the newer roster`
  const [differing] = differs
  const state = !(connected || isOffline)
    ? `unreachable ${ago(clock.nowMs() - (connection?.sinceMs ?? clock.nowMs()))}, dialling again${retryAtMs === null ? '' : ` at ${clockTime(retryAtMs)}`}${connection?.trouble ? `: ${shortTrouble(connection.trouble)}` : ''}`
    : wire !== null
      ? wire
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
              : differing !== undefined
                ? `tallies differ: of ${differing.dataset} it counts ${differing.theirs} entries, we sealed ${differing.ours} (audit both: entente audit collect)`
                : stopped !== null
                  ? `what it sends waits ${stopped}`
                  : quarantined > 0
                    ? `${quarantined} of its entries are in quarantine`
                    : unproven > 0
                      ? `has not said yet that it purged what ${unproven} recall${unproven === 1 ? '' : 's'} named`
                      : !receives
                        ? 'acknowledged all; what it gives goes to another node of ours'
                        : proven === null
                          ? `${isOffline ? '' : 'connected; '}nothing proven yet`
                          : stale
                            ? `stale since ${new Date(proven.seenMs + freshMs).toISOString()}: its last proof is ${ago(clock.nowMs() - proven.seenMs)} old; until it is cosigned again, nothing that widens is admitted`
                            : (lagging ??
                              `in sync, proven ${ago(clock.nowMs() - proven.seenMs)} ago`)
  const words =
    context.publisher === null
      ? sayNotDialled(clock.nowMs(), { inSyncAtMs, barred })
      : (barred ?? state)
  const troubled =
    barred === null && connected && connection?.trouble && !stopped?.endsWith(connection.trouble)
      ? `${words}; last refused: ${connection.trouble}`
      : words
  return {
    nation,
    connected,
    paused,
    words: byCourier === null || connected ? troubled : `${troubled}; ${byCourier}`,
    courier,
    inSync,
    provenAtMs: oldestOf([proven?.seenMs ?? null, ...further.map((each) => each.provenAtMs)]),
    inSyncAtMs: inSync ? clock.nowMs() : inSyncAtMs,
    // Never in sync is not late yet: the first time has no age.
    amber: !inSync && inSyncAtMs !== null && clock.nowMs() - inSyncAtMs > policy.freshnessMs,
    retryAtMs: connected ? null : retryAtMs,
    clockOffMs: offMs,
    standing: worstOf([standing.kind, ...further.map((each) => each.standing)]),
    witnessPolicy: theirs,
    sent: {
      ...sent,
      acknowledged,
      refused,
      unproven,
      tally: tally?.tally ?? null,
      agreed: tally === null ? null : differs.length === 0,
    },
    received: {
      ...received,
      quarantined,
      tally: taken.length === 0 ? null : sumTallies(taken),
      kept: Object.fromEntries(kept),
    },
  }
}

/** Null where one of them is not yet. */
const oldestOf = (times: readonly (number | null)[]): number | null =>
  times.reduce((oldest, each) => (oldest === null || each === null ? null : Math.min(oldest, each)))
