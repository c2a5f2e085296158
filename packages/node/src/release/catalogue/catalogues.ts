import { canonicalJson, type Nation, type OfferedDataset } from '@entente/schema'
import type { Deps } from '../../deps.ts'
import type { ReleaseLog } from '../../log/release-log.ts'
import { appendToControlFeed } from '../control-feed.ts'
import type { Planner } from '../plan.ts'
import type { PolicyStore } from '../policy-store.ts'
import { catalogueAskers, GIVEN_UP, type Offer, offerTo } from './offers.ts'
import { sealCatalogue } from './seal-catalogue.ts'

/** Says to each partner that has asked what the policy offers it, and says it again when that has changed. */
export interface Catalogues extends AsyncDisposable {
  /** Something was decided: what is offered may have changed. */
  readonly wake: () => void
  /** Seals what has changed. @returns how many catalogues were sealed */
  readonly seal: () => number
}

/**
 * An answer comes at a multiple of this after the question, ms: how long it was looked for says nothing of how much there is that
 * may not go.
 */
const CATALOGUE_MS = 5_000

export function createCatalogues(
  deps: Deps,
  log: ReleaseLog,
  policies: PolicyStore,
  planner: Planner,
  context: {
    readonly maySeal: () => boolean
    readonly publishedSize: () => number
    readonly sealed: () => void
  },
  everyMs: number = CATALOGUE_MS,
): Catalogues {
  const { db, clock } = deps
  let timer: NodeJS.Timeout | undefined
  let stopped = false
  const isDecided = () => db.prepare('SELECT 1 FROM dirty LIMIT 1').get() === undefined
  const isWaiting = () =>
    !isDecided() ||
    db.prepare('SELECT 1 FROM catalogue_asked WHERE answered = 0 LIMIT 1').get() !== undefined
  const mayHear = (nation: Nation) =>
    db.prepare('SELECT 1 FROM paused WHERE nation = ?').get(nation) === undefined
  const isNew = (nation: Nation, { datasets }: Offer): boolean => {
    const asked = db.prepare('SELECT answered FROM catalogue_asked WHERE nation = ?').get(nation)
    const given = db.prepare('SELECT datasets FROM catalogue_given WHERE nation = ?').get(nation)
    return asked?.['answered'] === 0 || given?.['datasets'] !== canonicalJson(datasets)
  }

  const seal = (): number => {
    if (!context.maySeal() || !isDecided()) return 0
    const atMs = clock.nowMs()
    // What widens waits for a clock that can be believed.
    if (log.clockFault() !== null || atMs < log.lastAtMs()) return 0
    const policy = policies.at(atMs)
    // What widens waits until its policy is published.
    if (policy !== null && policy.committedAt >= context.publishedSize()) return 0
    const sealed = db.transact(() => {
      let count = 0
      for (const nation of catalogueAskers(deps)) {
        const offer: Offer =
          policy === null
            ? { datasets: [], shownBy: [] }
            : offerTo(db, nation, policy.compiled.document)
        if (!mayHear(nation) || !isNew(nation, offer)) continue
        sealCatalogue(deps, log, planner, { nation, offer, policy, atMs })
        count++
      }
      return count
    })
    if (sealed === 0) return 0
    log.noteHead()
    context.sealed()
    return sealed
  }
  const wake = (): void => {
    if (stopped || timer !== undefined || catalogueAskers(deps).length === 0) return
    timer = setTimeout(() => {
      timer = undefined
      try {
        seal()
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error)
        deps.journal.fault({ where: 'catalogue', code: 'CATALOGUE', message })
      }
      // While something is still being decided or published, at the next time.
      if (isWaiting()) wake()
    }, everyMs).unref()
  }
  return {
    wake,
    seal,
    [Symbol.asyncDispose]: async () => {
      stopped = true
      clearTimeout(timer)
    },
  }
}

/**
 * A partner asks for our catalogue, or no longer: every record is to be decided for it, but where it had asked within the last hour. Inside
 * a transaction.
 */
export function noteCatalogueRequest({ db, clock }: Deps, nation: Nation, isAsked: boolean): void {
  db.prepare('DELETE FROM catalogue_given WHERE nation = ?').run(nation)
  if (!isAsked) {
    const giveUp =
      'UPDATE catalogue_asked SET answered = ?, at_ms = ? WHERE nation = ? AND answered < ?'
    db.prepare(giveUp).run(GIVEN_UP, clock.nowMs(), nation, GIVEN_UP)
    return
  }
  // While a record is to be decided nobody is given it: one that asks again and again would keep all from the others.
  const again = db.prepare('UPDATE catalogue_asked SET answered = 0 WHERE nation = ?')
  if (again.run(nation).changes > 0) return
  db.prepare('DELETE FROM offer WHERE nation = ?').run(nation)
  db.prepare('INSERT INTO catalogue_asked(nation, at_ms, answered) VALUES (?, ?, 0)').run(
    nation,
    clock.nowMs(),
  )
  db.exec('INSERT OR IGNORE INTO dirty(record) SELECT id FROM record')
}

/** What a partner has said that it offers us; null: nothing yet. */
export interface GivenCatalogue {
  readonly nation: Nation
  /** Whether we have asked for it. */
  readonly asked: boolean
  /** When it was said; null: not yet. */
  readonly atMs: number | null
  readonly datasets: readonly OfferedDataset[]
}

export function catalogueOf({ db }: Deps, nation: Nation): GivenCatalogue {
  const asked = db.prepare(
    "SELECT jws FROM statement JOIN feed_out USING (feed) WHERE statement.kind = 'catalogue-request' AND recipient = ? LIMIT 1",
  )
  const given = db.prepare('SELECT datasets, at_ms FROM catalogue_in WHERE sender = ?').get(nation)
  return {
    nation,
    asked: asked.get(nation) !== undefined,
    atMs: (given?.['at_ms'] as number | undefined) ?? null,
    datasets:
      given === undefined ? [] : (JSON.parse(given['datasets'] as string) as OfferedDataset[]),
  }
}

/** Asks a partner, signed, what it offers us. */
export function askForCatalogue(deps: Deps, log: ReleaseLog, nation: Nation): void {
  deps.db.transact(() =>
    appendToControlFeed(deps, log, 'catalogue-request', nation, { action: 'subscribe' }),
  )
  log.noteHead()
}
