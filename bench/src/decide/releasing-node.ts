import { join } from 'node:path'
import {
  createConsentStore,
  createHeadFile,
  createLedger,
  createPadding,
  createPolicyStore,
  createReleaseLog,
  createReleaser,
  createView,
  type Database,
  type Deps,
  type Ledger,
  noteSubscription,
  openDatabase,
  type PolicyStore,
  type ReleaseLog,
  type Releaser,
  tables,
} from '@entente/node/testing'
import { type Nation, toHex } from '@entente/schema'
import { depsOf } from '../deps.ts'

/** What makes a release, and a nation that asks for it. */
export interface Releasing extends AsyncDisposable {
  readonly db: Database
  readonly deps: Deps
  readonly log: ReleaseLog
  readonly ledger: Ledger
  readonly policies: PolicyStore
  readonly releaser: Releaser
  readonly subscribe: (nation: Nation, dataset: string) => void
}

/**
 * The way out of a node, from its ledger to its outbox, over its own SQLite file. Nobody is there to cosign: a checkpoint counts as
 * published when it is signed.
 */
export async function openReleasing(folder: string, nowMs: () => number): Promise<Releasing> {
  const db = openDatabase(join(folder, 'entente.db'), tables)
  const { deps, keys } = depsOf(folder, db, nowMs)
  const { clock, logSigner } = deps
  const log = createReleaseLog({
    db,
    clock,
    headFile: createHeadFile(join(folder, 'log-head')),
    origin: deps.origin,
    signer: logSigner,
    hash: deps.hash,
    padding: createPadding(deps, 1),
  })
  const view = createView(db)
  const ledger = await createLedger({
    db,
    clock,
    nation: deps.nation,
    actor: toHex(keys.statement.publicKey),
    randomBytes: deps.randomBytes,
    onProjected: view.projectOwn,
    onStep: deps.onStep,
  })
  const consents = createConsentStore(deps)
  const policies = createPolicyStore(deps, log, consents)
  const releaser = createReleaser(deps, log, policies, consents, {
    maySeal: () => true,
    publishedSize: () => log.head().size,
    hasCadence: false,
  })
  return {
    db,
    deps,
    log,
    ledger,
    policies,
    releaser,
    subscribe: (nation: Nation, dataset: string) =>
      db.transact(() => noteSubscription(deps, nation, dataset, true)),
    [Symbol.asyncDispose]: async () => {
      await releaser[Symbol.asyncDispose]()
      await ledger[Symbol.asyncDispose]()
      db[Symbol.dispose]()
    },
  }
}
