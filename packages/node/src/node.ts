import { hash, randomBytes } from 'node:crypto'
import { join } from 'node:path'
import type { Nation } from '@entente/schema'
import { keyBytes, signJws, statementType, toHex } from '@entente/schema'
import { ackBeat } from './acknowledge/ack-period.ts'
import { renewAcknowledgements } from './acknowledge/renew-acknowledgements.ts'
import { verifyEd25519 } from './adapters/ed25519.ts'
import { createFileJournal } from './adapters/file-journal.ts'
import { createLibp2pTransport } from './adapters/libp2p-transport.ts'
import { openDatabase } from './adapters/sqlite-database.ts'
import { systemClock } from './adapters/system-clock.ts'
import { type Admission, createAdmission } from './admit/admit.ts'
import { closeEnded } from './admit/close-ended.ts'
import { mustAskWhere, noteWhere } from './admit/closed-view.ts'
import { hideRevoked } from './admit/hide-revoked.ts'
import { type Aggregates, createAggregates } from './aggregate/aggregates.ts'
import { createApi } from './api/create-api.ts'
import { createOpeningBackup } from './backup/opening-backup.ts'
import { createConsentStore } from './consents/consent-store.ts'
import type { Deps } from './deps.ts'
import { NodeError } from './errors.ts'
import { pairEvidence } from './export/pair-evidence.ts'
import { createGossip, type Gossip } from './gossip/gossip.ts'
import { knownAt, largestKnown } from './gossip/known.ts'
import { createJointDocuments } from './joint/joint.ts'
import { migrations, tables } from './layout.ts'
import { createLedger } from './ledger/ledger.ts'
import { createHeadFile } from './log/head-file.ts'
import { createStatementSigner, keyFault, logKeyChanges } from './log/own-keys.ts'
import { createPadding, defaultPadTo } from './log/padding.ts'
import { publishedLog } from './log/published-log.ts'
import { createPublisher, type Publisher } from './log/publisher.ts'
import { createReleaseLog, type ReleaseLog } from './log/release-log.ts'
import { cadenceBeat, createRhythm } from './log/rhythm.ts'
import { createStartGuard } from './log/start-guard.ts'
import { clockWords, createClockStanding } from './network/clock-standing.ts'
import { createJointLinks } from './network/joint-links.ts'
import { createPartnerLinks, type PartnerLinks } from './network/partner-links.ts'
import type { NodeApi } from './node-api.ts'
import { partnerOf, partnersOf } from './partners.ts'
import type { Clock } from './ports/clock.ts'
import type { Transport } from './ports/transport.ts'
import { askPartner } from './recover/ask-partner.ts'
import { createPolicyStore } from './release/policy-store.ts'
import { createReleaser } from './release/releaser.ts'
import { resetDue, resetRevoked } from './release/reset-feed.ts'
import { notePurge, sealPurges } from './release/seal-recall.ts'
import { noteSubscription } from './release/subscribe.ts'
import { isHandedOver } from './retire/hand-over.ts'
import { loadNodeFolder } from './setup/index.ts'
import type { OnStep } from './steps.ts'
import { isFull, refillView } from './view/refill-view.ts'
import { createView } from './view/view.ts'
import { sealWitnessPolicy } from './witness/seal-witness-policy.ts'
import { createWitness } from './witness/witness.ts'
import { createWitnessCountFile } from './witness/witness-count.ts'
import { createWitnessState } from './witness/witness-state.ts'

export interface NodeOptions {
  readonly folder: string
  /** False: act on the folder only, without listening, dialling or publishing. */
  readonly network: boolean
  /** Serve without asking anybody whether the log is whole. */
  readonly alone?: boolean | undefined
  readonly clock?: Clock
  /** Told of every named step; tests cut the process off there. */
  readonly onStep?: OnStep
  /** Told when a commit failed, so that nobody knows what is on disk: end the process. */
  readonly onUncertain?: (error: Error) => void
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
  const db = stack.use(
    openDatabase(folder.databasePath, tables, migrations, (error) => {
      journal.fault({ where: 'commit', code: error.code, message: error.message })
      options.onUncertain?.(error)
    }),
  )
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
  const clocks = createClockStanding(
    clock,
    () => deps.partners.keys(),
    roster.witnessPolicy.toleranceMs,
  )
  const headFile = createHeadFile(folder.headPath)
  const log = createReleaseLog({
    db,
    clock,
    headFile,
    origin: config.origin,
    signer: folder.logSigner,
    hash: sha256,
    padding: createPadding(deps, config.log?.padTo ?? defaultPadTo),
    clockFault: () => clockWords(clocks.off()),
  })
  const view = createView(db)
  let aggregates: Aggregates | null = null
  const ledger = stack.use(
    await createLedger({
      db,
      clock,
      nation: config.nation,
      // Stays with the oldest key: after a rotation this is still the same writer.
      actor: toHex((keys.statements[0] ?? keys.statement).publicKey),
      randomBytes: deps.randomBytes,
      onProjected: (records, removed) => {
        view.projectOwn(records, removed)
        aggregates?.noteChanged(records, removed)
      },
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
  const maySeal = () => serving() && !isHandedOver(db)

  const consents = createConsentStore(deps)
  const policies = createPolicyStore(deps, log, consents)
  let publisher: Publisher | null = null
  const published = () => publisher?.published() ?? publishedLog(db)
  const publishedSize = () => published().size
  const { ackPeriodMs, cadenceMs } = config.log ?? {}
  const hasCadence = cadenceMs !== undefined
  const context = { maySeal, publishedSize, hasCadence }
  const releaser = stack.use(createReleaser(deps, log, policies, consents, context))
  const backup = config.backup && createOpeningBackup(deps, log, openBackupPlace(config.backup))
  const mayPublish = (): boolean => {
    if (!serving()) return false
    if (backup === undefined || backup.keepUp()) return true
    setTimeout(() => publisher?.wake(), backupRetryMs).unref()
    return false
  }
  publisher =
    transport === null ? null : stack.use(createPublisher(deps, log, transport, mayPublish))
  const witnessState = createWitnessState(
    db,
    createWitnessCountFile(folder.witnessCountPath),
    folder.cosigner.key,
  )
  let gossip: Gossip | null = null
  const noticed = (origin: string) => gossip?.noticed(origin)
  const witness = createWitness({
    ...deps,
    state: witnessState,
    logs: new Map([...deps.partners.values()].map(({ log }) => [log.origin, log])),
    own: deps.origin,
    waits: () =>
      serving()
        ? null
        : 'this witness does not know yet whether its state is whole, and cosigns nothing',
    knownAt: (origin, size) => knownAt(db, origin, size)?.note ?? null,
    largest: (origin) => largestKnown(db, origin)?.note ?? null,
    onSeen: noticed,
  })

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
  const joint = stack.use(
    createJointDocuments({
      deps,
      door: { deps, log, policies, publishedSize },
      published,
      sealed: sealedSomething,
      maySeal,
      onCheckpoint: (writer, note) => gossip?.shown(writer, note),
    }),
  )
  releaser.on(sealedSomething)
  publisher?.on(() => {
    tell()
    joint.notePublished()
    releaser.wake()
  })
  ledger.on(releaser.wake)
  aggregates = stack.use(createAggregates(deps, ledger, view, policies))
  const answerRecalls = (): void => {
    if (maySeal() && sealPurges(deps, log)) sealedSomething()
  }
  // At the start nobody has said yet whether the clock is right; who reaches nobody goes on without.
  let isClockKnown = false
  const rhythm = stack.use(
    createRhythm(
      clock,
      log.firstAtMs,
      () => maySeal() && isClockKnown && log.clockFault() === null,
      [
        ackBeat(deps, log, sealedSomething, ackPeriodMs),
        ...(cadenceMs === undefined ? [] : [cadenceBeat(clock, cadenceMs, releaser.tick)]),
      ],
      (error) => journal.fault({ where: 'rhythm', code: 'RHYTHM', message: String(error) }),
    ),
  )
  const clockKnown = (): void => {
    const message = log.clockFault()
    if (message !== null) {
      journal.fault({ where: 'clock', code: 'CLOCK_OFF', message })
      // A machine that slept finds its clock ahead of what it heard before: ask again at once.
      for (const nation of deps.partners.keys()) gossip?.connected(nation)
    }
    isClockKnown = true
    releaser.wake()
    void rhythm.wake()
  }
  clocks.on(clockKnown)
  const clockTimer = setTimeout(clockKnown, transport === null ? 0 : clockWithinMs).unref()
  const clockLook = setInterval(clocks.look, clockLookMs).unref()
  stack.defer(() => {
    clearTimeout(clockTimer)
    clearInterval(clockLook)
  })
  const begin = (): void => {
    if (!maySeal()) return
    if (log.head().size === 0) sealGenesis(deps, log, folder.genesisSeal)
    log.noteHead()
    // First: what comes under one checkpoint is signed by one key, and a key may begin at the next leaves.
    logKeyChanges(deps, log)
    sealWitnessPolicy(deps, log)
    policies.commitAgain()
    renewAcknowledgements(deps, keyBytes(me.node.key))
    resetDue(deps, log)
    resetRevoked(deps, log)
    answerRecalls()
    sealedSomething()
    releaser.wake()
    void askWhere()
    void rhythm.wake()
    joint.notePublished()
    void joint.tidy()
  }
  guard.on(begin)

  let links: PartnerLinks | null = null
  let admission: Admission | null = null
  /** After a recovery: asks partners how far we had acknowledged what they gave us. */
  const askWhere = async (): Promise<void> => {
    for (const partner of deps.partners.values()) {
      if (transport === null || !serving() || !mustAskWhere(deps, partner.nation)) continue
      try {
        const signal = AbortSignal.timeout(askWhereMs)
        const from = Number.MAX_SAFE_INTEGER
        const { acknowledgements } = await askPartner(deps, transport, partner, from, { signal })
        noteWhere(deps, partner, acknowledgements)
        admission?.reopen(partner)
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error)
        journal.fault({ where: 'recover', code: 'PARTNER', message })
      }
    }
  }
  closeEnded(deps, view)
  hideRevoked(deps, view)
  if (transport !== null && publisher !== null) {
    admission = createAdmission(deps, view, {
      onSubscribe: (nation, dataset, subscribed) =>
        noteSubscription(deps, nation, dataset, subscribed),
      onCheckpoint: noticed,
      onPurge: (nation, purge) => notePurge(deps, nation, purge),
    })
    gossip = stack.use(
      createGossip({ deps, log, witnessState, transport, clocks, onOwnFork: guard.freeze }),
    )
    links = stack.use(
      await createPartnerLinks({
        deps,
        transport,
        witness,
        gossip,
        admission,
        source: {
          deps,
          log,
          publisher,
          mayServe: serving,
          ground: () => policies.at(clock.nowMs())?.ground ?? null,
          onNews: (listener) => {
            news.add(listener)
            return () => news.delete(listener)
          },
          onAcknowledged: tell,
        },
        evidence: (about) => pairEvidence(deps, log, published(), about),
        onConnected: () => {
          void guard.ask()
          void askWhere()
          publisher?.wake()
        },
        onAdmitted: () => {
          answerRecalls()
          releaser.wake()
        },
        mayReceive: serving,
      }),
    )
    stack.use(await createJointLinks({ deps, transport, joint, mayReceive: serving }))
    await guard.ask()
  }
  begin()
  const api = createApi({
    deps,
    log,
    publisher,
    policies,
    consents,
    joint,
    releaser,
    aggregates,
    ledger,
    view,
    guard,
    exercise: config.exercise,
    folder: options.folder,
    headFile,
    transport,
    backupTrouble: () => backup?.trouble() ?? null,
    published,
    witness,
    policyOf: (nation) => gossip?.policyOf(nation) ?? null,
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
/** So long what has its time waits for a partner to say what time it is. */
const clockWithinMs = 5_000
/** How soon it is seen that somebody has set the clock. */
const clockLookMs = 2_000

/** A partner that does not answer is asked again when it comes back. */
const askWhereMs = 30_000

/** A folder that cannot be written, such as a disk that is not mounted, is tried again this often. */
const backupRetryMs = 5_000

const openBackupPlace = ({ folder, key }: { readonly folder: string; readonly key: string }) => ({
  folder,
  key: keyBytes(key),
})

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
