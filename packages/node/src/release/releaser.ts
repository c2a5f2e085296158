import { intervalOf } from '@entente/policy'
import { digestOf } from '@entente/schema'
import { type ApprovalQueue, createApprovalQueue } from '../approvals/approval-queue.ts'
import { type ApprovalStore, createApprovalStore } from '../approvals/approval-store.ts'
import type { ConsentStore } from '../consents/consent-store.ts'
import type { Deps } from '../deps.ts'
import { NodeError } from '../errors.ts'
import type { ReleaseLog } from '../log/release-log.ts'
import type { Progress, ReleaseRun } from '../node-api.ts'
import { decideAllAgain } from '../retransfer/source-record.ts'
import { createBandStandings } from './band-standings.ts'
import { createDecideDirty } from './decide-dirty.ts'
import { createPlanner, type PlannedChange, type Planner, planDigest } from './plan.ts'
import { breathe, createPlanRuns, GROUP, type Plan, type PlanFilter } from './plan-runs.ts'
import type { PolicyInForce, PolicyStore } from './policy-store.ts'
import { seal } from './seal.ts'
import { createWaiting } from './waiting.ts'

/**
 * Turns changes of records, policies and subscriptions into sealed statements. Narrowing is always automatic; widening
 * goes at once in a `live` dataset and waits for a plan in a `manual` one.
 */
export interface Releaser extends AsyncDisposable {
  readonly planner: Planner
  readonly approvals: { readonly store: ApprovalStore; readonly queue: ApprovalQueue }
  /** Something changed: decide again what is dirty. */
  readonly wake: () => void
  /** Resolves when nothing is left to decide. */
  readonly idle: () => Promise<void>
  readonly plan: (filter: PlanFilter) => Plan
  /** @throws {NodeError} `PLAN_CHANGED`, `FROZEN`, `NO_POLICY` */
  readonly run: (digest: string, progress?: Progress) => Promise<ReleaseRun>
  /** With a cadence: releases what waits; where nothing does, pads alone make this time's checkpoint. */
  readonly tick: () => Promise<void>
  readonly on: (listener: () => void) => () => void
}

export interface ReleaserContext {
  readonly maySeal: () => boolean
  readonly publishedSize: () => number
  /** What widens waits for a tick. */
  readonly hasCadence: boolean
  /** A checkpoint is out with a courier: what widens now would be dated before its cosignatures, and refused. */
  readonly atCourier?: () => boolean
}

export function createReleaser(
  deps: Deps,
  log: ReleaseLog,
  policies: PolicyStore,
  consents: Pick<ConsentStore, 'endedBetween' | 'nextEnd'>,
  context: ReleaserContext,
): Releaser {
  const { db, clock } = deps
  const approvals = { store: createApprovalStore(deps), queue: createApprovalQueue(deps) }
  const bands = createBandStandings(deps)
  const planner = createPlanner(deps, approvals.store, bands)
  const listeners = new Set<() => void>()
  let timer: NodeJS.Timeout | undefined
  let clockTimer: NodeJS.Timeout | undefined
  let saidBehind = false
  let running: Promise<void> | null = null
  let stopped = false
  /** Up to here what ran out has been decided again. */
  let expiredMs = 0
  /** A tick is going on. */
  let ticking = false
  const atTick: { readonly go: () => Promise<void>; readonly stop: () => void }[] = []

  /** What widens waits until the edition in force is published; what narrows does not. */
  const mayWiden = (policy: PolicyInForce | null): policy is PolicyInForce =>
    policy !== null && policy.committedAt < context.publishedSize()
  const waiting = createWaiting(deps, planner)
  const changed = () => {
    for (const listener of listeners) listener()
  }
  const decideDirty = createDecideDirty(
    deps,
    log,
    policies,
    planner,
    waiting,
    approvals,
    bands,
    changed,
  )

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

  /**
   * Without a cadence a lone change goes at once, and what comes while its checkpoint is being cosigned gathers under the
   * next. A full group waits for nobody: it would share its checkpoint with no more.
   */
  const mayRelease = (datasets: readonly string[]): boolean => {
    if (context.hasCadence) return ticking
    if (context.publishedSize() >= log.head().size) return true
    const count = db.prepare(
      'SELECT COUNT(*) AS n FROM (SELECT 1 FROM waiting WHERE dataset = ? AND recipient NOT IN (SELECT nation FROM paused) LIMIT ?)',
    )
    const waits = datasets.map((dataset) => count.get(dataset, GROUP)?.['n'] as number)
    return waits.reduce((a, b) => a + b, 0) >= GROUP
  }

  /** The clock was set back: what widens waits until it has caught up, which is said once. */
  const isClockBehind = (atMs: number): boolean => {
    clearTimeout(clockTimer)
    clockTimer = undefined
    const behindMs = log.lastAtMs() - atMs
    if (behindMs <= 0) {
      saidBehind = false
      return false
    }
    if (!stopped) clockTimer = setTimeout(wake, Math.min(behindMs, 3_600_000)).unref()
    if (!saidBehind)
      deps.journal.fault({
        where: 'release',
        code: 'CLOCK_BEHIND',
        message: `the clock is ${behindMs} ms behind the last leaf of the log: what widens waits until it has caught up; check the clock`,
      })
    saidBehind = true
    return true
  }

  /** Seals one group of what waits in live datasets. @returns false when nothing does, or it waits on */
  const releaseLive = (): boolean => {
    const atMs = clock.nowMs()
    const policy = policies.at(atMs)
    if (!mayWiden(policy)) return false
    const datasets = datasetsOf(policy, (mode) => mode === 'live')
    if (context.atCourier?.() === true) return false
    if (!mayRelease(datasets)) return false
    if (log.clockFault() !== null || isClockBehind(atMs)) return false
    const changes = waiting.plan(policy, atMs, { datasets, limit: GROUP })
    if (changes.length === 0) return false
    const plan = planDigest(policy.ground, changes)
    const { entries, stale } = seal(deps, log, {
      changes,
      policy,
      atMs,
      effect: 'widen',
      plan,
      policyNow: () => policies.at(atMs),
      approvals: approvals.store,
      bands,
    })
    decideAgain(stale)
    changed()
    return entries + stale.length > 0
  }

  /** Whose approvals count: with an officer who is one no longer, what goes by their word ends. */
  const officersNow = digestOf(
    (deps.roster.members.get(deps.nation)?.officers ?? []).map(({ key }) => key).sort(),
  )

  /** While a partner is cut off nothing is decided for it: once it is paired anew, what came meanwhile is. Known while this node is open. */
  const partnersNow = digestOf([...deps.partners.keys()].sort())

  /** Marks what a date, or another edition, may have changed, and wakes at the next date. */
  const expire = (): void => {
    const atMs = clock.nowMs()
    const policy = policies.at(atMs)
    const here =
      policy === null
        ? 'none'
        : `${policy.ground}/${intervalOf(policy.compiled, atMs)}/${officersNow}/${partnersNow}`
    const before = db.prepare('SELECT interval FROM decided_under').get()?.['interval']
    if (before !== here)
      db.transact(() => {
        decideAllAgain(db)
        db.prepare('INSERT OR REPLACE INTO decided_under(one, interval) VALUES (1, ?)').run(here)
      })
    db.prepare(
      'INSERT OR IGNORE INTO dirty(record) SELECT record FROM held WHERE valid_until IS NOT NULL AND valid_until <= ?',
    ).run(atMs)
    db.prepare(
      'INSERT OR IGNORE INTO dirty(record) SELECT record FROM offer WHERE valid_until IS NOT NULL AND valid_until <= ?',
    ).run(atMs)
    const dirty = db.prepare('INSERT OR IGNORE INTO dirty(record) VALUES (?)')
    for (const id of approvals.store.endedBetween(expiredMs, atMs)) dirty.run(id)
    for (const id of consents.endedBetween(expiredMs, atMs)) dirty.run(id)
    // Without a policy nothing is looked at; with the next one everything is decided again.
    if (policy !== null)
      db.prepare(
        'INSERT OR IGNORE INTO dirty(record) SELECT record FROM band_standing WHERE due_ms <= ?',
      ).run(atMs)
    expiredMs = Math.max(expiredMs, atMs)
    const dates = policies.dates().filter((date) => date > atMs)
    const next = Math.min(
      approvals.store.nextEnd(atMs),
      consents.nextEnd(atMs),
      bands.nextDue(atMs),
      ...dates,
    )
    clearTimeout(timer)
    if (Number.isFinite(next) && !stopped) {
      // A machine that slept, or a clock set forward, must not be late by more than a minute.
      timer = setTimeout(wake, Math.min(Math.max(next - atMs, 10), 60_000))
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

  const runs = createPlanRuns(deps, log, policies, waiting, {
    maySeal: context.maySeal,
    mayWiden,
    // What is live goes by itself, and would change a plan that named it.
    datasetsOf: (policy) => datasetsOf(policy, (mode) => mode !== 'live' || !context.maySeal()),
    decideAgain,
    changed,
    approvals: approvals.store,
    bands,
  })
  const idle = async (): Promise<void> => {
    wake()
    while (running !== null) await running
  }
  return {
    planner,
    approvals,
    wake,
    idle,
    plan: runs.print,
    run: (digest, progress) => {
      if (!context.hasCadence || !context.maySeal()) return runs.run(digest, progress)
      const { promise, resolve, reject } =
        Promise.withResolvers<Awaited<ReturnType<Releaser['run']>>>()
      const words = 'the node stopped before its next checkpoint was due: run the plan again'
      progress?.({ stage: 'wait for the next checkpoint of the cadence', done: 0 })
      atTick.push({
        go: () => runs.run(digest, progress).then(resolve, reject),
        stop: () => reject(new NodeError('NOT_SETTLED', words)),
      })
      return promise
    },
    tick: async () => {
      if (!context.maySeal()) return
      const before = log.head().size
      ticking = true
      try {
        for (const { go } of atTick.splice(0)) await go()
        await idle()
      } finally {
        ticking = false
      }
      if (log.head().size > before || stopped) return
      const atMs = log.nextAtMs()
      db.transact(() => log.appendGroup([], atMs))
      log.noteHead()
      changed()
    },
    on: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    [Symbol.asyncDispose]: async () => {
      stopped = true
      clearTimeout(timer)
      clearTimeout(clockTimer)
      for (const { stop } of atTick.splice(0)) stop()
      await running
    },
  }
}
