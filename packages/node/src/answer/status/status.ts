import type { Nation } from '@entente/schema'
import { toHex } from '@entente/schema'
import { parseNote, verifyCosignatures } from '@entente/tlog'
import type { Aggregates } from '../../aggregate/aggregates.ts'
import { overdueAfterMs } from '../../api/approval-api.ts'
import type { ApprovalQueue } from '../../approvals/approval-queue.ts'
import type { ApprovalStore } from '../../approvals/approval-store.ts'
import type { Deps } from '../../deps.ts'
import type { PublishedLog } from '../../log/published-log.ts'
import type { Publisher } from '../../log/publisher.ts'
import type { ReleaseLog } from '../../log/release-log.ts'
import type { GuardState } from '../../log/start-guard.ts'
import type { PartnerLink } from '../../network/partner-links.ts'
import type { Status } from '../../node-api.ts'
import { pairingWords } from '../../pairing/list-partners.ts'
import type { PolicyStore } from '../../release/policy-store.ts'
import { isHandedOver } from '../../retire/hand-over.ts'
import { unpurgedAt } from '../../siblings/received/passed-to.ts'
import type { ReceivedLink } from '../../siblings/received/received-links.ts'
import type { SiblingLink } from '../../siblings/sibling-links.ts'
import { lastCosignedMs } from '../../witness/last-cosigned.ts'
import type { Witness } from '../../witness/witness.ts'
import { preventsSplit, witnessesFor, witnessesOf } from '../../witness/witness-set.ts'
import { firstSteps } from './first-steps.ts'
import { sayNotRunning } from './not-running.ts'
import { partnerStatus } from './partner-status.ts'
import { todoOf } from './todo.ts'

export interface StatusContext {
  readonly deps: Deps
  readonly log: ReleaseLog
  /** Null: no process serves this node. */
  readonly publisher: Publisher | null
  readonly published: () => PublishedLog
  readonly policies: PolicyStore
  readonly guard: () => GuardState
  readonly link: (nation: Nation) => PartnerLink | null
  readonly ports: () => readonly string[]
  readonly exercise: string | undefined
  readonly witness: Witness
  /** Number of the witness policy that a partner goes by. */
  readonly policyOf: (nation: Nation) => number | null
  /** By how much a partner's clock is off ours, ms, where that is more than is tolerated. */
  readonly clockOffOf: (nation: Nation) => number | null
  /** Why copies of what opens the log cannot be written; null: they are, or none are made. */
  readonly backupTrouble: () => string | null
  readonly aggregates: Pick<Aggregates, 'isDue'>
  readonly drafts: boolean
  readonly siblings: () => readonly SiblingLink[]
  readonly received: () => ReceivedLink | null
  /** This node has no network: partners are reached by courier. */
  readonly isOffline: boolean
  readonly releaser: {
    readonly approvals: { readonly store: ApprovalStore; readonly queue: ApprovalQueue }
  }
}

/** The page one opens first: who is in sync since when, who is missing from the quorum, and what to do. */
export function statusOf(context: StatusContext): Status {
  const { deps, log, publisher, policies } = context
  const { db } = deps
  const count = (sql: string, ...args: (string | number)[]) =>
    (db.prepare(sql).get(...args)?.['n'] as number | null) ?? 0
  const guard = context.guard()
  const head = log.head()
  const running = publisher !== null
  const published = context.published()
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
  const behind = published.size < head.size
  const lost = context.witness.lost()
  const ok =
    running &&
    guard.state === 'serving' &&
    log.clockFault() === null &&
    !behind &&
    lost === null &&
    partners.every((partner) => partner.inSync)
  const received = context.received()
  const siblings = context.siblings().map((each) => {
    const unpurged = deps.isReceiver ? unpurgedAt(deps, each.peerId) : []
    return { ...each, ...(unpurged.length > 0 && { unpurged }) }
  })
  const pairing = pairingWords(deps)
  const frozen = guard.state === 'frozen' ? guard.words : null
  const words = !running
    ? sayNotRunning(db, { frozen, behind, drafts: context.drafts }, { partners, pairing })
    : context.drafts
      ? sayDrafting(siblings)
      : guard.state !== 'serving'
        ? guard.words
        : log.clockFault() !== null
          ? (log.clockFault() ?? '')
          : behind && context.backupTrouble() !== null
            ? (context.backupTrouble() ?? '')
            : partners.length === 0
              ? pairing.length > 0
                ? 'You have no partners yet; a pairing is on its way'
                : 'You have no partners yet. Next: entente partner invite NATION'
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
  const status = {
    nation: deps.nation,
    exercise: context.exercise ?? null,
    state: guard.state,
    running,
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
      requests: {
        open: count(
          "SELECT COUNT(*) AS n FROM request WHERE side = 'theirs' AND decided IS NULL AND answer IS NULL",
        ),
        late: count(
          "SELECT COUNT(*) AS n FROM request WHERE side = 'theirs' AND answer IS NULL AND due_ms < ?",
          deps.clock.nowMs(),
        ),
        awaited: count(
          "SELECT COUNT(*) AS n FROM request WHERE side = 'mine' AND answer IS NULL AND due_ms < ?",
          deps.clock.nowMs() - deps.roster.witnessPolicy.toleranceMs,
        ),
      },
      approvals: approvalsAt(context, deps.clock.nowMs()),
    },
    policy: policy === null ? null : { edition: policy.edition, digest: policy.digest },
    log: {
      origin: deps.origin,
      size: head.size,
      published: published.size,
      root: toHex(head.root),
      cosignatures:
        published.note === ''
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
    ...(context.drafts && { drafts: true as const }),
    ...(siblings.length > 0 && { siblings }),
    ...(received !== null && { received }),
    pairing,
  } satisfies Omit<Status, 'todo' | 'firstSteps'>
  return { ...status, todo: todoOf(status), firstSteps: firstSteps(db, status) }
}

function sayDrafting(siblings: readonly SiblingLink[]): string {
  const here = siblings.filter(({ connected, drafts }) => connected && !drafts)
  const names = here.map(({ name }) => name).join(', ')
  return here.length === 0
    ? 'this node drafts and decides on nothing; no node of the nation that releases is in reach, and what is written here waits'
    : `this node drafts and decides on nothing; what is written here goes to ${names}`
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
