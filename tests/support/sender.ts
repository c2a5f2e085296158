import { join } from 'node:path'
import { type LogRhythm, loadOwn, type OnStep } from '@entente/node'
import {
  ackBeat,
  cadenceBeat,
  createCatalogues,
  createConsentStore,
  createHeadFile,
  createLedger,
  createPadding,
  createPolicyStore,
  createRecordApi,
  createReleaseLog,
  createReleaser,
  createRhythm,
  createView,
  defaultLabelIn,
  noteSubscription,
  openDatabase,
  tables,
} from '@entente/node/testing'
import { type Nation, signJws, statementType, toHex } from '@entente/schema'
import { depsOf } from './receiver.ts'

export interface SenderOptions {
  /** Database file; in memory unless told. */
  readonly path?: string
  readonly rhythm?: LogRhythm
  readonly onStep?: OnStep
  /** A nation that is cut off. */
  readonly without?: Nation
}

/**
 * The way out of a real node, from its ledger to its log, with its real keys and a clock that is set. No network: every
 * checkpoint counts as published when it is signed.
 */
export async function openSender(folder: string, nowMs: () => number, options: SenderOptions = {}) {
  const { path = ':memory:', rhythm = {}, onStep, without } = options
  const { keys, logSigner, config, genesisSeal } = loadOwn(folder)
  const db = openDatabase(path, tables)
  const faults: string[] = []
  const parts = depsOf(folder, db, nowMs, onStep)
  const fault: typeof parts.journal.fault = ({ code }) => void faults.push(code)
  const partners = new Map([...parts.partners].filter(([nation]) => nation !== without))
  const deps = { ...parts, partners, journal: { ...parts.journal, fault } }
  const log = createReleaseLog({
    db,
    clock: deps.clock,
    headFile: createHeadFile(join(folder, 'log-head-of-parts')),
    origin: config.origin,
    signer: logSigner,
    hash: deps.hash,
    padding: createPadding(deps, rhythm.padTo ?? 16),
  })
  const view = createView(db)
  const ledger = await createLedger({
    db,
    clock: deps.clock,
    nation: deps.nation,
    actor: toHex(keys.statement.publicKey),
    randomBytes: deps.randomBytes,
    onProjected: view.projectOwn,
    onStep: deps.onStep,
  })
  if (log.head().size === 0) {
    const said = { origin: deps.origin, at: nowMs(), nation: deps.nation, seal: genesisSeal }
    const jws = signJws(statementType('genesis'), said, deps.signStatement)
    const salt = deps.randomBytes(32)
    const genesis = { kind: 'genesis', jws, salt, atMs: nowMs(), feed: null, seq: null } as const
    db.transact(() => log.append([genesis]))
  }
  const consents = createConsentStore(deps)
  const policies = createPolicyStore(deps, log, consents)
  const { ackPeriodMs, cadenceMs } = rhythm
  const releaser = createReleaser(deps, log, policies, consents, {
    maySeal: () => true,
    publishedSize: () => log.head().size,
    hasCadence: cadenceMs !== undefined,
  })
  ledger.on(releaser.wake)
  const catalogues = createCatalogues(deps, log, policies, releaser.planner, {
    maySeal: () => true,
    publishedSize: () => log.head().size,
    sealed: () => {},
  })
  const beats = [
    ackBeat(deps, log, () => {}, ackPeriodMs),
    ...(cadenceMs === undefined ? [] : [cadenceBeat(deps.clock, cadenceMs, releaser.tick)]),
  ]
  const clockwork = createRhythm(
    deps.clock,
    log.firstAtMs,
    () => true,
    beats,
    (error) => {
      throw error
    },
  )
  return {
    db,
    deps,
    log,
    /** Codes of what the node has noted as a fault. */
    faults,
    ledger,
    policies,
    releaser,
    catalogues,
    records: createRecordApi(deps, ledger, view, defaultLabelIn(deps, policies)),
    /** Does what the clock says is due. */
    beat: clockwork.wake,
    subscribe: (nation: Nation, dataset: string) =>
      db.transact(() => noteSubscription(deps, nation, dataset, true)),
    [Symbol.asyncDispose]: async () => {
      await clockwork[Symbol.asyncDispose]()
      await releaser[Symbol.asyncDispose]()
      await ledger[Symbol.asyncDispose]()
      db[Symbol.dispose]()
    },
  }
}
