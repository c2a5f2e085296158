import { hash, randomBytes } from 'node:crypto'
import { join } from 'node:path'
import type { Nation } from '@entente/schema'
import { keyBytes, signJws, statementType, toHex } from '@entente/schema'
import { renewAcknowledgements } from './acknowledge/renew-acknowledgements.ts'
import { verifyEd25519 } from './adapters/ed25519.ts'
import { createFileJournal } from './adapters/file-journal.ts'
import { createLibp2pTransport } from './adapters/libp2p-transport.ts'
import { openDatabase } from './adapters/sqlite-database.ts'
import { systemClock } from './adapters/system-clock.ts'
import { createAdmission } from './admit/admit.ts'
import { hideRevoked } from './admit/hide-revoked.ts'
import { createApi } from './api/create-api.ts'
import type { Deps } from './deps.ts'
import { NodeError } from './errors.ts'
import { migrations, tables } from './layout.ts'
import { createLedger } from './ledger/ledger.ts'
import { createHeadFile } from './log/head-file.ts'
import { createStatementSigner, keyFault, logKeyChanges } from './log/own-keys.ts'
import { createPadding, defaultPadTo } from './log/padding.ts'
import { publishedLog } from './log/published-log.ts'
import { createPublisher, type Publisher } from './log/publisher.ts'
import { createReleaseLog, type ReleaseLog } from './log/release-log.ts'
import { createStartGuard } from './log/start-guard.ts'
import { createWitness } from './log/witness.ts'
import { createPartnerLinks, type PartnerLinks } from './network/partner-links.ts'
import type { NodeApi } from './node-api.ts'
import { partnerOf, partnersOf } from './partners.ts'
import type { Clock } from './ports/clock.ts'
import type { Transport } from './ports/transport.ts'
import { createPolicyStore } from './release/policy-store.ts'
import { createReleaser } from './release/releaser.ts'
import { noteSubscription } from './release/subscribe.ts'
import { loadNodeFolder } from './setup/index.ts'
import type { OnStep } from './steps.ts'
import { isFull, refillView } from './view/refill-view.ts'
import { createView } from './view/view.ts'

export interface NodeOptions {
  readonly folder: string
  /** False: act on the folder only, without listening, dialling or publishing. */
  readonly network: boolean
  /** Serve without asking anybody whether the log is whole. */
  readonly alone?: boolean | undefined
  readonly clock?: Clock
  /** Told of every named step; tests cut the process off there. */
  readonly onStep?: OnStep
  /** Another transport than libp2p, for the seeded simulation. */
  readonly transport?: (seed: Uint8Array) => Promise<Transport>
}

export type RunningNode = NodeApi &
  AsyncDisposable & { readonly addresses: () => readonly string[] }

const sha256 = (bytes: Uint8Array): Uint8Array => hash('sha256', bytes, 'buffer')

/**
 * Opens a node: the one place where clock, keys, storage and network are made and handed down.
 * @throws SetupError, RosterError, DatabaseError, {NodeError} `NO_ROSTER`, `NOT_IN_ROSTER`
 */
export async function openNode(options: NodeOptions): Promise<RunningNode> {
  await using stack = new AsyncDisposableStack()
  const folder = loadNodeFolder(options.folder)
  const { config, keys, roster } = folder
  if (roster === null)
    throw new NodeError(
      'NO_ROSTER',
      'this node has been told of no partners yet: `entente roster install FILE`',
    )
  const me = roster.members.get(config.nation)
  if (me === undefined)
    throw new NodeError(
      'NOT_IN_ROSTER',
      `the roster does not name ${config.nation}: build it with this node's certificate`,
    )
  const clock = options.clock ?? systemClock
  const journal = createFileJournal(join(options.folder, 'journal.jsonl'), clock)
  const db = stack.use(openDatabase(folder.databasePath, tables, migrations))
  const deps: Deps = {
    db,
    clock,
    journal,
    roster,
    randomBytes: (size) => new Uint8Array(randomBytes(size)),
    hash: sha256,
    verify: verifyEd25519,
    nation: config.nation,
    origin: config.origin,
    partners: partnersOf(roster, config.nation),
    self: partnerOf(me),
    signStatement: createStatementSigner(me, config.origin, keys.statements, () => log.head().size),
    logSigner: folder.logSigner,
    cosigner: folder.cosigner,
    fragmentKey: keys.fragmentKey,
    onStep: options.onStep ?? (() => {}),
  }
  const headFile = createHeadFile(folder.headPath)
  const log = createReleaseLog({
    db,
    clock,
    headFile,
    origin: config.origin,
    signer: folder.logSigner,
    hash: sha256,
    padding: createPadding(deps, config.log?.padTo ?? defaultPadTo),
  })
  const view = createView(db)
  const ledger = stack.use(
    await createLedger({
      db,
      clock,
      nation: config.nation,
      // Stays with the oldest key: after a rotation this is still the same writer.
      actor: toHex((keys.statements[0] ?? keys.statement).publicKey),
      randomBytes: deps.randomBytes,
      onProjected: view.projectOwn,
      onStep: deps.onStep,
    }),
  )
  const transport = options.network
    ? stack.use(
        await (
          options.transport ??
          ((seed) =>
            createLibp2pTransport({
              privateKey: seed,
              listen: config.listen,
              peers: [...deps.partners.values()].map(({ certificate }) => ({
                peerId: certificate.peerId,
                addresses: certificate.endpoints,
              })),
            }))
        )(keys.identitySeed),
      )
    : null
  const unfit = keyFault(me, config.origin, keys.statements, log.head().size)
  const guard = createStartGuard(deps, log, headFile, transport, options.alone ?? false, unfit)
  const serving = () => guard.state().state === 'serving'
  // Without a network nobody can contradict us, so nothing is signed: `serve` does that.
  const maySeal = serving

  const policies = createPolicyStore(deps, log)
  let publisher: Publisher | null = null
  const published = () => publisher?.published() ?? publishedLog(db)
  const publishedSize = () => published().size
  const releaser = stack.use(createReleaser(deps, log, policies, { maySeal, publishedSize }))
  publisher = transport === null ? null : stack.use(createPublisher(deps, log, transport, serving))
  const witness = createWitness(deps, () => !serving())

  // The view follows the ledger within its transactions; only a rebuild that was cut off leaves it behind.
  if (!isFull(db)) await refillView(db, view)
  const news = new Set<() => void>()
  const tell = () => {
    for (const listener of news) listener()
  }
  const sealedSomething = () => {
    publisher?.wake()
    tell()
  }
  releaser.on(sealedSomething)
  publisher?.on(() => {
    tell()
    releaser.wake()
  })
  ledger.on(releaser.wake)
  const begin = (): void => {
    if (!maySeal()) return
    if (log.head().size === 0) sealGenesis(deps, log, folder.genesisSeal)
    log.noteHead()
    logKeyChanges(deps, log)
    renewAcknowledgements(deps, keyBytes(me.node.key))
    sealedSomething()
    releaser.wake()
  }
  guard.on(begin)

  let links: PartnerLinks | null = null
  hideRevoked(deps, view)
  if (transport !== null && publisher !== null) {
    const admission = createAdmission(deps, view, {
      onSubscribe: (nation, dataset, subscribed) =>
        noteSubscription(deps, nation, dataset, subscribed),
    })
    links = stack.use(
      await createPartnerLinks({
        deps,
        transport,
        witness,
        admission,
        source: {
          deps,
          log,
          publisher,
          mayServe: serving,
          policyDigest: () => policies.at(clock.nowMs())?.digest ?? null,
          onNews: (listener) => {
            news.add(listener)
            return () => news.delete(listener)
          },
          onAcknowledged: tell,
        },
        onConnected: () => {
          void guard.ask()
          publisher?.wake()
        },
        onAdmitted: () => releaser.wake(),
        mayReceive: serving,
      }),
    )
    await guard.ask()
  }
  begin()
  const api = createApi({
    deps,
    log,
    publisher,
    policies,
    releaser,
    ledger,
    view,
    guard,
    exercise: config.exercise,
    folder: options.folder,
    headFile,
    published,
    witness,
    link: (nation: Nation) => links?.link(nation) ?? null,
    ports: () => transport?.addresses() ?? [],
    maySeal,
    sealed: sealedSomething,
    tell,
  })
  const owned = stack.move()
  return {
    ...api,
    addresses: () => transport?.addresses() ?? [],
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

/** @param seal the root's word on this log; a folder made before there were seals has none, which auditors report */
function sealGenesis(deps: Deps, log: ReleaseLog, seal: string | null): void {
  const at = deps.clock.nowMs()
  const jws = signJws(
    statementType('genesis'),
    { origin: deps.origin, at, nation: deps.nation, ...(seal !== null && { seal }) },
    deps.signStatement,
  )
  deps.db.transact(() => {
    log.append([
      { kind: 'genesis', jws, salt: deps.randomBytes(32), atMs: at, feed: null, seq: null },
    ])
  })
}
