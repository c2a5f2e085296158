import { hash, randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { loadNodeFolder, verifyEd25519 } from '@entente/node'
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
  partnerOf,
  partnersOf,
  type ReleaseLog,
  type Releaser,
  tables,
} from '@entente/node/testing'
import { type Nation, toHex } from '@entente/schema'

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
  const { config, keys, logSigner, cosigner, roster } = loadNodeFolder(folder)
  const me = roster?.members.get(config.nation)
  if (roster === null || me === undefined) throw new Error('the roster does not name this node')
  const db = openDatabase(join(folder, 'entente.db'), tables)
  const clock = { nowMs }
  const silent = () => {}
  const deps: Deps = {
    db,
    clock,
    journal: {
      sealed: silent,
      published: silent,
      frozen: silent,
      admitted: silent,
      refused: silent,
      partner: silent,
      fault: ({ where, message }) => {
        throw new Error(`${where}: ${message}`)
      },
    },
    roster,
    randomBytes: (size) => new Uint8Array(randomBytes(size)),
    hash: (bytes) => hash('sha256', bytes, 'buffer'),
    verify: verifyEd25519,
    nation: config.nation,
    origin: config.origin,
    partners: partnersOf(roster, config.nation),
    self: partnerOf(me),
    signStatement: keys.statement.sign,
    logSigner,
    cosigner,
    fragmentKey: keys.fragmentKey,
    onStep: silent,
  }
  const log = createReleaseLog({
    db,
    clock,
    headFile: createHeadFile(join(folder, 'log-head')),
    origin: config.origin,
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
    onStep: silent,
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
