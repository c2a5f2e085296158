import type { ApprovalSubject, Disclosure, Nation } from '@entente/schema'
import type { ApprovalQueue, QueueFilter, QueueRow } from '../approvals/approval-queue.ts'
import { queueId } from '../approvals/approval-queue.ts'
import type { ApprovalStore } from '../approvals/approval-store.ts'
import { type AwaitedItem, awaitedItems } from '../approvals/awaited-items.ts'
import { authorsOf } from '../approvals/standing-authors.ts'
import { type SignedWord, type TakenWord, takeWords } from '../approvals/take-words.ts'
import type { Deps } from '../deps.ts'
import { NodeError } from '../errors.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { ReleaseLog } from '../log/release-log.ts'
import type { Planner } from '../release/plan.ts'
import type { PolicyInForce, PolicyStore } from '../release/policy-store.ts'
import { titleOf } from '../view/view.ts'

export type { SignedWord, TakenWord } from '../approvals/take-words.ts'

/** What officers ask of a node. */
export interface ApprovalApi {
  /** What waits for officers. With `approved` also what goes by their word. */
  readonly approvalQueue: (
    request: QueueFilter & { readonly approved?: boolean | undefined },
  ) => Promise<QueueShown>
  /**
   * Takes officers' words in and logs them.
   * @throws {NodeError} where all are refused, as the first is: `APPROVAL_SIGNER`, `APPROVAL_STALE`, `APPROVAL_AUTHOR`,
   * `APPROVAL_EXPIRED`; `NO_POLICY`
   */
  readonly approvalTake: (request: {
    readonly words: readonly SignedWord[]
  }) => Promise<{ readonly words: readonly TakenWord[] }>
  /** Puts what waits aside until a day: it is not overdue before. @throws {NodeError} `APPROVAL_UNKNOWN` */
  readonly approvalHold: (request: {
    readonly ids: readonly string[]
    readonly untilMs: number
    readonly reason: string
  }) => Promise<{ readonly held: number }>
}

export interface QueueShown {
  readonly nation: Nation
  readonly atMs: number
  readonly edition: number | null
  /** Last moment for which anything can be approved: the end of the policy; null: none is in force. */
  readonly untilMs: number | null
  /** Names of those who may sign. */
  readonly officers: readonly string[]
  readonly items: readonly QueueItem[]
}

/** One value that waits, or goes by approval, and all that an officer signs over. */
export interface QueueItem {
  readonly id: string
  readonly state: 'waiting' | 'held' | 'refused' | 'approved'
  readonly subject: ApprovalSubject
  readonly title: string
  readonly dataset: string
  /** Null once it is approved. */
  readonly classification: string | null
  readonly because: readonly string[]
  readonly authors: readonly string[]
  /** The value as it would be sent, with the salt by which `subject.value` is checked. */
  readonly disclosure: Disclosure
  readonly needed: number
  readonly signed: readonly { readonly name: string; readonly untilMs: number | null }[]
  /** An older value goes meanwhile. */
  readonly standing: boolean
  /** Null once it is approved. */
  readonly sinceMs: number | null
  readonly overdue: boolean
  readonly heldUntilMs: number | null
  readonly holdReason: string | null
}

export interface ApprovalContext {
  readonly deps: Deps
  readonly log: ReleaseLog
  readonly policies: PolicyStore
  readonly ledger: Ledger
  readonly releaser: {
    readonly planner: Planner
    readonly approvals: { readonly store: ApprovalStore; readonly queue: ApprovalQueue }
    readonly wake: () => void
    readonly idle: () => Promise<void>
  }
  readonly sealed: () => void
}

/** How long something waits before it is overdue, unless the policy says so: three days. */
const OVERDUE_MS = 72 * 3_600_000

export const overdueAfterMs = (policy: PolicyInForce | null): number =>
  (policy?.compiled.document.approvals?.overdueAfterHours ?? OVERDUE_MS / 3_600_000) * 3_600_000

export function createApprovalApi(
  { deps, log, policies, ledger, releaser, sealed }: ApprovalContext,
  mustSeal: () => void,
): ApprovalApi {
  const { planner, approvals } = releaser
  const officers = () => deps.roster.members.get(deps.nation)?.officers ?? []
  const itemsAt = (policy: PolicyInForce, atMs: number) => (recipient: Nation, record: string) =>
    awaitedItems(deps, planner, approvals.store, policy, { recipient, record, atMs })

  const approvedPlaces = (filter: QueueFilter) =>
    deps.db
      .prepare(
        'SELECT recipient, record, dataset FROM approval_standing JOIN held USING (recipient, record) WHERE record = coalesce(?, record) AND recipient = coalesce(?, recipient) AND dataset = coalesce(?, dataset) ORDER BY record, recipient',
      )
      .all(filter.record ?? null, filter.recipient ?? null, filter.dataset ?? null)
      .map((row) => ({
        recipient: row['recipient'] as Nation,
        record: row['record'] as string,
        dataset: row['dataset'] as string,
      }))

  return {
    approvalQueue: async ({ approved, ...filter }) => {
      await releaser.idle()
      const atMs = log.nextAtMs()
      const policy = policies.at(atMs)
      const frame = {
        nation: deps.nation,
        atMs,
        edition: policy?.edition ?? null,
        untilMs: policy?.compiled.untilMs ?? null,
        officers: officers().map(({ name }) => name),
      }
      if (policy === null) return { ...frame, items: [] }
      const itemsOf = itemsAt(policy, atMs)
      const rows = approvals.queue.rows(filter)
      const authors = await authorsOf(deps, ledger, [...new Set(rows.map(({ record }) => record))])
      const overdueBefore = atMs - overdueAfterMs(policy)
      const waits = rows.flatMap((row): readonly QueueItem[] => {
        const item = itemsOf(row.recipient, row.record).find(
          ({ subject }) => queueId(subject) === row.id,
        )
        if (item === undefined || item.pending === null) return []
        const by = authors.get(row.record)?.[row.field] ?? []
        return [shown(item, { ...row, by, atMs, overdueBefore })]
      })
      const goes =
        approved !== true
          ? []
          : approvedPlaces(filter).flatMap((place) =>
              itemsOf(place.recipient, place.record)
                .filter(({ pending }) => pending === null)
                .map((item) =>
                  shown(item, { ...place, by: item.authors ?? [], atMs, overdueBefore }),
                ),
            )
      return { ...frame, items: [...waits, ...goes] }
    },
    approvalTake: async ({ words }) => {
      mustSeal()
      await releaser.idle()
      const authors = await authorsOf(deps, ledger, [
        ...new Set(words.map(({ opening: [, { record }] }) => record)),
      ])
      const atMs = log.nextAtMs()
      const policy = policies.at(atMs)
      if (policy === null)
        throw new NodeError(
          'NO_POLICY',
          'no signed policy is in force, so nothing waits for approval',
        )
      mustSeal()
      const { store } = approvals
      const taken = takeWords(
        deps,
        log,
        { policy, store, itemsOf: itemsAt(policy, atMs), authors },
        words,
      )
      const [first] = taken
      if (first !== undefined && taken.every(({ outcome }) => outcome === 'refused'))
        throw new NodeError(first.code as NodeError['code'], first.reason ?? '')
      sealed()
      releaser.wake()
      return { words: taken }
    },
    approvalHold: async ({ ids, untilMs, reason }) => {
      await releaser.idle()
      const known = new Set(approvals.queue.rows({}).map(({ id }) => id))
      const strange = ids.filter((id) => !known.has(id))
      if (strange.length > 0)
        throw new NodeError(
          'APPROVAL_UNKNOWN',
          `${strange.join(', ')} does not wait for approval: see \`entente release queue\``,
        )
      return { held: approvals.queue.hold(ids, untilMs, reason) }
    },
  }

  function shown(
    { subject, because, disclosure, pending, words }: AwaitedItem,
    at: {
      readonly by: readonly string[]
      readonly atMs: number
      readonly overdueBefore: number
      readonly dataset: string
    } & Partial<QueueRow>,
  ): QueueItem {
    const { sinceMs = null, heldUntilMs = null, holdReason = null } = at
    const isHeld = heldUntilMs !== null && heldUntilMs > at.atMs
    const state =
      pending === null ? 'approved' : pending.refused ? 'refused' : isHeld ? 'held' : 'waiting'
    const { source, held } = planner.plan(subject.record, subject.recipient, null, at.atMs)
    return {
      id: queueId(subject),
      state,
      subject,
      title: source === null ? subject.record : titleOf(source.record.kind, source.record.fields),
      dataset: at.dataset,
      classification: pending?.classification ?? null,
      because,
      authors: at.by,
      disclosure,
      needed: pending?.needed ?? words.length,
      signed: words.map(({ officer, content }) => ({ name: officer.name, untilMs: content.until })),
      standing: pending !== null && held !== null && Object.hasOwn(held.fields, subject.field),
      sinceMs,
      overdue: state === 'waiting' && sinceMs !== null && sinceMs < at.overdueBefore,
      heldUntilMs,
      holdReason,
    }
  }
}
