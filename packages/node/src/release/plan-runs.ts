import type { Nation } from '@entente/schema'
import type { ApprovalStore } from '../approvals/approval-store.ts'
import type { Deps } from '../deps.ts'
import { NodeError } from '../errors.ts'
import type { ReleaseLog } from '../log/release-log.ts'
import type { Progress, ReleaseRun } from '../node-api.ts'
import type { BandStandings } from './band-standings.ts'
import { type PlannedChange, planDigest } from './plan.ts'
import type { PolicyInForce, PolicyStore } from './policy-store.ts'
import { BATCH, seal } from './seal.ts'
import type { Waiting } from './waiting.ts'

/** Changes that one checkpoint takes at most. */
export const GROUP = 4 * BATCH

/** Plan of one run: every widening change that waits, and the digest that names it. */
export interface Plan {
  readonly digest: string | null
  readonly policy: PolicyInForce | null
  readonly changes: readonly PlannedChange[]
}

export interface PlanFilter {
  readonly dataset?: string | undefined
  readonly recipient?: Nation | undefined
}

/** Shows what waits, and releases exactly what was shown. */
export interface PlanRuns {
  /** The plan, whose digest may then be run. */
  readonly print: (filter: PlanFilter) => Plan
  /** @throws {NodeError} `PLAN_CHANGED`, `FROZEN`, `NO_POLICY`, `CLOCK_BEHIND` */
  readonly run: (digest: string, progress?: Progress) => Promise<ReleaseRun>
}

export function createPlanRuns(
  deps: Deps,
  log: ReleaseLog,
  policies: PolicyStore,
  waiting: Waiting,
  context: {
    readonly maySeal: () => boolean
    readonly mayWiden: (policy: PolicyInForce | null) => policy is PolicyInForce
    readonly datasetsOf: (policy: PolicyInForce) => string[]
    readonly decideAgain: (stale: readonly PlannedChange[]) => void
    readonly changed: () => void
    readonly approvals: ApprovalStore
    readonly bands: BandStandings
  },
): PlanRuns {
  const { db, clock } = deps
  const plan = ({ dataset, recipient }: PlanFilter): Plan => {
    const atMs = clock.nowMs()
    const policy = policies.at(atMs)
    if (!context.mayWiden(policy)) return { digest: null, policy, changes: [] }
    const datasets = dataset === undefined ? context.datasetsOf(policy) : [dataset]
    const limit = Number.POSITIVE_INFINITY
    const changes = waiting.plan(policy, atMs, { datasets, recipient, limit })
    return {
      digest: changes.length === 0 ? null : planDigest(policy.ground, changes),
      policy,
      changes,
    }
  }
  /** What a printed digest was a plan of. */
  const selectionOf = (digest: string): PlanFilter => {
    const row = db
      .prepare('SELECT dataset, recipient FROM printed_plan WHERE digest = ?')
      .get(digest)
    const [dataset, recipient] = [row?.['dataset'], row?.['recipient']]
    return {
      ...(typeof dataset === 'string' && { dataset }),
      ...(typeof recipient === 'string' && { recipient }),
    }
  }
  return {
    print: (filter) => {
      const made = plan(filter)
      if (made.digest !== null)
        db.prepare(
          'INSERT OR REPLACE INTO printed_plan(digest, dataset, recipient) VALUES (?, ?, ?)',
        ).run(made.digest, filter.dataset ?? null, filter.recipient ?? null)
      return made
    },
    run: async (digest, progress) => {
      if (!context.maySeal())
        throw new NodeError('FROZEN', 'this node signs nothing now: see `entente status`')
      const made = plan(selectionOf(digest))
      if (made.policy === null)
        throw new NodeError(
          'NO_POLICY',
          'no signed policy is in force: install one with `entente policy install FILE`',
        )
      if (made.digest !== digest)
        throw new NodeError(
          'PLAN_CHANGED',
          `what waits is no longer plan ${digest}${made.digest === null ? ': nothing waits' : `, but ${made.digest}`}. Look again with \`entente release preview\``,
        )
      const leaves: number[] = []
      let puts = 0
      // Full batches: one nation after the other.
      const planned = made.changes.toSorted((a, b) =>
        a.recipient < b.recipient ? -1 : a.recipient > b.recipient ? 1 : 0,
      )
      for (let i = 0; i < planned.length; i += GROUP) {
        const sealed = seal(deps, log, {
          changes: planned.slice(i, i + GROUP),
          policy: made.policy,
          atMs: clock.nowMs(),
          effect: 'widen',
          plan: digest,
          policyNow: () => policies.at(clock.nowMs()),
          approvals: context.approvals,
          bands: context.bands,
        })
        leaves.push(...sealed.leaves)
        puts += sealed.entries
        context.decideAgain(sealed.stale)
        const done = Math.min(i + GROUP, planned.length)
        progress?.({ stage: 'seal', done, total: planned.length })
        context.changed()
        await breathe()
      }
      db.exec('DELETE FROM printed_plan')
      return { statements: leaves.length, leaves, puts, drops: 0 }
    },
  }
}

/** Lets the network and other callers run between batches. */
export const breathe = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
