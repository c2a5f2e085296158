import { intervalOf } from '@entente/policy'
import type { Nation } from '@entente/schema'
import type { Deps } from '../deps.ts'
import { NodeError } from '../errors.ts'
import type { ReleaseLog } from '../log/release-log.ts'
import type { Progress } from '../node-api.ts'
import { createDecideDirty } from './decide-dirty.ts'
import { createPlanner, type PlannedChange, type Planner, planDigest } from './plan.ts'
import type { PolicyInForce, PolicyStore } from './policy-store.ts'
import { BATCH, seal } from './seal.ts'
import { createWaiting } from './waiting.ts'

/** Plan of one run: every widening change that waits, and the digest that names it. */
export interface Plan {
  readonly digest: string | null
  readonly policy: PolicyInForce | null
  readonly changes: readonly PlannedChange[]
}

/**
 * Turns changes of records, policies and subscriptions into sealed statements. Narrowing is always automatic; widening
 * goes at once in a `live` dataset and waits for a plan in a `manual` one.
 */
export interface Releaser extends AsyncDisposable {
  readonly planner: Planner
  /** Something changed: decide again what is dirty. */
  readonly wake: () => void
  /** Resolves when nothing is left to decide. */
  readonly idle: () => Promise<void>
  readonly plan: (filter: {
    readonly dataset?: string | undefined
    readonly recipient?: Nation | undefined
  }) => Plan
  /** @throws {NodeError} `PLAN_CHANGED`, `FROZEN`, `NO_POLICY` */
  readonly run: (
    digest: string,
    progress?: Progress,
  ) => Promise<{ statements: number; puts: number; drops: number }>
  readonly on: (listener: () => void) => () => void
}

export function createReleaser(
  deps: Deps,
  log: ReleaseLog,
  policies: PolicyStore,
  context: { readonly maySeal: () => boolean; readonly publishedSize: () => number },
): Releaser {
  const { db, clock } = deps
  const planner = createPlanner(deps)
  const listeners = new Set<() => void>()
  let timer: NodeJS.Timeout | undefined
  let running: Promise<void> | null = null
  let stopped = false

  /** What widens waits until the edition in force is published; what narrows does not. */
  const mayWiden = (policy: PolicyInForce | null): policy is PolicyInForce =>
    policy !== null && policy.index < context.publishedSize()
  const waiting = createWaiting(deps, planner)
  const changed = () => {
    for (const listener of listeners) listener()
  }
  const decideDirty = createDecideDirty(deps, log, policies, planner, waiting, changed)

  const datasetsOf = (policy: PolicyInForce, wanted: (mode: string) => boolean): string[] =>
    Object.entries(policy.compiled.document.datasets)
      .filter(([, { mode }]) => wanted(mode))
      .map(([dataset]) => dataset)
      .sort()

  /** Something changed since these were decided. */
  const decideAgain = (stale: readonly PlannedChange[]): void => {
    for (const { id, recipient } of stale) {
      waiting.remove(recipient, id)
      db.prepare('INSERT OR IGNORE INTO dirty(record) VALUES (?)').run(id)
    }
  }

  /** Seals one batch of what waits in live datasets. @returns false when nothing does */
  const releaseLive = (): boolean => {
    const atMs = clock.nowMs()
    const policy = policies.at(atMs)
    if (!mayWiden(policy)) return false
    if (atMs < log.lastAtMs()) {
      // The clock was set back: what widens waits until it has caught up.
      setTimeout(wake, Math.min(log.lastAtMs() - atMs, 3_600_000)).unref()
      return false
    }
    const datasets = datasetsOf(policy, (mode) => mode === 'live')
    const changes = waiting.plan(policy, atMs, { datasets, limit: 4 * BATCH })
    if (changes.length === 0) return false
    const plan = planDigest(policy.digest, changes)
    const { entries, stale } = seal(deps, log, {
      changes,
      policy,
      atMs,
      effect: 'widen',
      plan,
      policyNow: () => policies.at(atMs),
    })
    decideAgain(stale)
    changed()
    return entries + stale.length > 0
  }

  /** Marks what a date, or another edition, may have changed, and wakes at the next date. */
  const expire = (): void => {
    const atMs = clock.nowMs()
    const policy = policies.at(atMs)
    const here = policy === null ? 'none' : `${policy.digest}/${intervalOf(policy.compiled, atMs)}`
    const before = db.prepare('SELECT interval FROM decided_under').get()?.['interval']
    if (before !== here)
      db.transact(() => {
        db.exec('INSERT OR IGNORE INTO dirty(record) SELECT id FROM record')
        db.prepare('INSERT OR REPLACE INTO decided_under(one, interval) VALUES (1, ?)').run(here)
      })
    db.prepare(
      'INSERT OR IGNORE INTO dirty(record) SELECT record FROM held WHERE valid_until IS NOT NULL AND valid_until <= ?',
    ).run(atMs)
    const dates = policies
      .all()
      .flatMap(({ compiled }) => [...compiled.cuts, compiled.fromMs, compiled.untilMs])
    const next = Math.min(...dates.filter((date) => date > atMs))
    clearTimeout(timer)
    if (Number.isFinite(next) && !stopped) {
      timer = setTimeout(wake, Math.min(Math.max(next - atMs, 10), 3_600_000))
      timer.unref()
    }
  }
  const pass = async (): Promise<void> => {
    if (!context.maySeal()) return
    expire()
    // What must be taken back goes before anything new.
    while (!stopped && context.maySeal() && (decideDirty() || releaseLive())) await breathe()
  }
  let again = false
  const wake = (): void => {
    if (stopped) return
    if (running !== null) {
      again = true
      return
    }
    running = pass()
      .catch((error: unknown) => {
        const code = error instanceof NodeError ? error.code : 'RELEASE'
        deps.journal.fault({
          where: 'release',
          code,
          message: error instanceof Error ? error.message : String(error),
        })
      })
      .finally(() => {
        running = null
        changed()
        if (again) {
          again = false
          wake()
        }
      })
  }

  const plan: Releaser['plan'] = ({ dataset, recipient }) => {
    const atMs = clock.nowMs()
    const policy = policies.at(atMs)
    if (!mayWiden(policy)) return { digest: null, policy, changes: [] }
    const datasets = dataset === undefined ? datasetsOf(policy, () => true) : [dataset]
    const changes = waiting.plan(policy, atMs, {
      datasets,
      recipient,
      limit: Number.POSITIVE_INFINITY,
    })
    return {
      digest: changes.length === 0 ? null : planDigest(policy.digest, changes),
      policy,
      changes,
    }
  }
  /** What a printed digest was a plan of. */
  const selectionOf = (digest: string): { dataset?: string; recipient?: Nation } => {
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
    planner,
    wake,
    idle: async () => {
      wake()
      while (running !== null) await running
    },
    plan: (filter) => {
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
      let statements = 0
      let puts = 0
      // Full batches: one nation after the other.
      const planned = made.changes.toSorted((a, b) =>
        a.recipient < b.recipient ? -1 : a.recipient > b.recipient ? 1 : 0,
      )
      for (let i = 0; i < planned.length; i += 4 * BATCH) {
        const changes = planned.slice(i, i + 4 * BATCH)
        const sealed = seal(deps, log, {
          changes,
          policy: made.policy,
          atMs: clock.nowMs(),
          effect: 'widen',
          plan: digest,
          policyNow: () => policies.at(clock.nowMs()),
        })
        statements += sealed.statements
        puts += sealed.entries
        decideAgain(sealed.stale)
        progress?.({
          stage: 'seal',
          done: Math.min(i + 4 * BATCH, planned.length),
          total: planned.length,
        })
        changed()
        await breathe()
      }
      db.exec('DELETE FROM printed_plan')
      return { statements, puts, drops: 0 }
    },
    on: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    [Symbol.asyncDispose]: async () => {
      stopped = true
      clearTimeout(timer)
      await running
    },
  }
}

/** Lets the network and other callers run between batches. */
const breathe = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
