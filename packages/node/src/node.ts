import { hash, randomBytes } from 'node:crypto'
import { join } from 'node:path'
import type { Member } from '@entente/schema'
import { isMainNode, keyBytes, toBase64url, toHex } from '@entente/schema'
import { formatVerifierKey } from '@entente/tlog'
import { ackBeat, closeAckPeriod, hasFreshAcks } from './acknowledge/ack-period.ts'
import { renewAcknowledgements } from './acknowledge/renew-acknowledgements.ts'
import { verifyEd25519 } from './adapters/ed25519.ts'
import { createFileJournal } from './adapters/file-journal.ts'
import { openDatabase } from './adapters/sqlite-database.ts'
import { systemClock } from './adapters/system-clock.ts'
import { type Admission, type AdmissionEvents, createAdmission } from './admit/admit.ts'
import { closeEnded } from './admit/close-ended.ts'
import { mustAskWhere, noteWhere } from './admit/closed-view.ts'
import { createConsented } from './admit/consented.ts'
import { hideRevoked } from './admit/hide-revoked.ts'
import { createHoldings } from './admit/holdings.ts'
import { type Aggregates, createAggregates } from './aggregate/aggregates.ts'
import { createAlarm } from './alarm.ts'
import type { SyncContext } from './answer/status/sync.ts'
import { watchInSync } from './answer/watch-in-sync.ts'
import { createApi } from './api/create-api.ts'
import { createOpeningBackup } from './backup/opening-backup.ts'
import { createConsentStore } from './consents/consent-store.ts'
import { takeConsent } from './consents/take-consent.ts'
import { sizeAsked } from './courier/courier-tables.ts'
import type { Deps } from './deps.ts'
import { NodeError } from './errors.ts'
import { pairEvidence } from './export/pair-evidence.ts'
import { createGossip, type Gossip } from './gossip/gossip.ts'
import { knownAt, largestKnown } from './gossip/known.ts'
import { releasesAt } from './handover/duty.ts'
import {
  type HandOverRequest,
  handOverDataset,
  noteAsked,
  tellNewcomers,
} from './handover/hand-over-dataset.ts'
import { createHandoverLinks, type HandoverLinks } from './handover/handover-links.ts'
import { passPurge } from './handover/purge-word.ts'
import { createJointDocuments } from './joint/joint.ts'
import { createKeyExchange, type KeyExchange } from './keys/key-exchange.ts'
import { createRevocations } from './keys/revocations.ts'
import { migrations, tables } from './layout.ts'
import { createLedger } from './ledger/ledger.ts'
import { createHeadFile } from './log/head-file.ts'
import { createStatementSigner, keyFault, logKeyChanges } from './log/own-keys.ts'
import { createPadding, defaultPadTo } from './log/padding.ts'
import { publishedLog } from './log/published-log.ts'
import { createPublisher, type Publisher } from './log/publisher.ts'
import { createReleaseLog } from './log/release-log.ts'
import { cadenceBeat, createRhythm } from './log/rhythm.ts'
import { sealGenesis } from './log/seal-genesis.ts'
import { ALONE, createStartGuard, OFFLINE } from './log/start-guard.ts'
import { sealNationPurges } from './nation-recalls/nation-purges.ts'
import { createNationRecalls, deleteRecalled } from './nation-recalls/nation-recalls.ts'
import { noteNationPurge } from './nation-recalls/note-nation-purge.ts'
import { clockWords, createClockStanding } from './network/clock-standing.ts'
import { createJointLinks } from './network/joint-links.ts'
import { openNetwork } from './network/open-network.ts'
import { createPartnerLinks, type PartnerLinks } from './network/partner-links.ts'
import type { NodeApi } from './node-api.ts'
import { createPairing, listedPeers } from './pairing/pairing.ts'
import { pairingRows, revokedPartners } from './pairing/pairing-store.ts'
import { sealPartnerChanges } from './pairing/seal-partner-changes.ts'
import {
  furtherPartnersOf,
  partnerOf,
  partnersOf,
  siblingPartnersOf,
  siblingsOf,
} from './partners.ts'
import type { Clock } from './ports/clock.ts'
import type { Transport } from './ports/transport.ts'
import { askPartner } from './recover/ask-partner.ts'
import { createCatalogues, noteCatalogueRequest } from './release/catalogue/catalogues.ts'
import { createPolicyStore } from './release/policy-store.ts'
import { createReleaser } from './release/releaser.ts'
import { resetDue, resetRevoked } from './release/reset-feed.ts'
import { notePurge, sealPurges } from './release/seal-recall.ts'
import { nextLateWord, noteSubscription, takeLateWords } from './release/subscribe.ts'
import { createRequestStore } from './requests/request-store.ts'
import { sealAnswers } from './requests/seal-request.ts'
import { isHandedOver } from './retire/hand-over.ts'
import { noteRecalled, recallDownstream } from './retransfer/recall-downstream.ts'
import { createRetransferStore } from './retransfer/retransfer-store.ts'
import {
  loadNodeFolder,
  type NodeFolder,
  parseRosterFile,
  readRosterJson,
  selfOf,
  soloRoster,
} from './setup/index.ts'
import { ownNationFile } from './setup/own-nation-file.ts'
import { ledgerName } from './siblings/copies.ts'
import { notePassing } from './siblings/received/passing.ts'
import { createReceivedLinks, type ReceivedLinks } from './siblings/received/received-links.ts'
import { createSiblingLinks, type SiblingLinks } from './siblings/sibling-links.ts'
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
  /** This node has no network, and signs all the same: bundles carry what goes and comes. */
  readonly offline?: boolean | undefined
  readonly clock?: Clock
  /** Told of every named step; tests cut the process off there. */
  readonly onStep?: OnStep
  /** Told when a commit failed, so that nobody knows what is on disk: end the process. */
  readonly onUncertain?: (error: Error) => void
  /** Another transport than libp2p, for the seeded simulation. */
  readonly transport?: (seed: Uint8Array) => Promise<Transport>
  /** Versions of the protocol between nodes that it speaks; tests let a node be a later one. */
  readonly wireVersions?: readonly number[]
  /** This process had the node open before, and it did not serve: neither `alone` nor `offline` lets it serve now. */
  readonly stood?: boolean | undefined
  /** Leaves of the log when this process closed the node, which was serving, under its lock. */
  readonly resumedAt?: number | undefined
  /** Told that what this node was opened with has changed on disk, its roster for one: close it and open it again. */
  readonly onReopen?: (() => void) | undefined
}

export type RunningNode = NodeApi &
  AsyncDisposable & { readonly addresses: () => readonly string[] }

const sha256 = (bytes: Uint8Array): Uint8Array => hash('sha256', bytes, 'buffer')

/**
 * Opens a node: the one place where clock, keys, storage and network are made and handed down.
 * @throws SetupError, RosterError, DatabaseError, {NodeError} `NO_ROSTER` (no roster and no certificate), `NOT_IN_ROSTER`
 */
export async function openNode(options: NodeOptions): Promise<RunningNode> {
  await using stack = new AsyncDisposableStack()
  const folder = loadNodeFolder(options.folder)
  const { config, keys } = folder
  const roster = folder.roster ?? soloRoster(folder)
  const me = roster.members.get(config.nation)
  if (me === undefined)
    throw new NodeError(
      'NOT_IN_ROSTER',
      `the roster does not name ${config.nation}: build it with this node's certificate`,
    )
  const drafts = config.drafts === true
  const own = ownCertificate(me, folder)
  const clock = options.clock ?? systemClock
  const journal = createFileJournal(join(options.folder, 'journal.jsonl'), clock)
  const db = stack.use(
    openDatabase(folder.databasePath, tables, migrations, (error) => {
      journal.fault({ where: 'commit', code: error.code, message: error.message })
      options.onUncertain?.(error)
    }),
  )
  const revoked = revokedPartners(db)
  /** What nobody waits for: a rejection that nobody takes would end the process. */
  const letRun = (where: string, work: Promise<void>): void =>
    void work.catch((error: unknown) =>
      journal.fault({ where, code: 'FAILED', message: String(error) }),
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
    // A node that drafts has nothing to do with other nations.
    partners: drafts ? new Map() : partnersOf(roster, config.nation, revoked),
    further: drafts ? [] : furtherPartnersOf(roster, config.nation, revoked),
    siblings: siblingsOf(me, folder.peerId),
    self: partnerOf(me, own),
    isReceiver: !drafts && isMainNode(own),
    releases: drafts ? () => false : releasesAt(db, isMainNode(own)),
    signStatement: createStatementSigner(me, config.origin, keys.statements, () => log.head().size),
    logSigner: folder.logSigner,
    cosigner: folder.cosigner,
    fragmentKey: keys.fragmentKey,
    onStep: options.onStep ?? (() => {}),
  }
  /** What our receiver passes on is of all nations, also where this node only drafts. */
  const known: Deps = drafts
    ? {
        ...deps,
        partners: partnersOf(roster, config.nation, revoked),
        further: furtherPartnersOf(roster, config.nation, revoked),
      }
    : deps
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
      // Stays with the oldest key: after a rotation this is still the same writer. One restored from a copy is another.
      actor: `${toHex((keys.statements[0] ?? keys.statement).publicKey)}${ledgerName(db) ?? ''}`,
      randomBytes: deps.randomBytes,
      onProjected: (records, removed) => {
        view.projectOwn(records, removed)
        aggregates?.noteChanged(records, removed)
      },
      onStep: deps.onStep,
    }),
  )
  const network = options.network
    ? stack.use(await openNetwork({ deps, config, revoked, seed: keys.identitySeed, ...options }))
    : null
  const wire = network?.wire ?? null
  const transport = network?.transport ?? null
  const unfit = () => keyFault(me, config.origin, keys.statements, log.head().size)
  const isOffline = options.offline === true && transport === null
  const mayBeAlone = options.stood !== true && (isOffline || options.alone === true)
  const alone = mayBeAlone && (isOffline ? OFFLINE : ALONE)
  const guard = createStartGuard(
    deps,
    log,
    headFile,
    transport,
    alone,
    unfit(),
    options.resumedAt ?? null,
  )
  const serving = () => guard.state().state === 'serving'
  // Without a network nobody can contradict us, so nothing is signed: `serve` does that, or a node that is told that it has none.
  const maySeal = () => serving() && !isHandedOver(db) && !drafts

  const consents = createConsentStore(deps)
  const policies = createPolicyStore(deps, log, consents)
  const requests = createRequestStore(deps)
  const retransfers = createRetransferStore(deps, view, consents)
  const consented = createConsented(deps, createHoldings(deps, view))
  let publisher: Publisher | null = null
  const published = () => publisher?.published() ?? publishedLog(db)
  const publishedSize = () => published().size
  const { ackPeriodMs, cadenceMs } = config.log ?? {}
  const hasCadence = cadenceMs !== undefined
  const atCourier = () => sizeAsked(db, publishedSize()) > 0
  const context = { maySeal, publishedSize, hasCadence, atCourier }
  const releaser = stack.use(createReleaser(deps, log, policies, consents, context))
  const backup = config.backup && createOpeningBackup(deps, log, openBackupPlace(config.backup))
  const mayPublish = (): boolean => {
    if (!serving()) return false
    if (backup === undefined || backup.keepUp()) return true
    setTimeout(() => publisher?.wake(), backupRetryMs).unref()
    return false
  }
  publisher =
    transport === null && !isOffline
      ? null
      : stack.use(createPublisher(deps, log, transport, mayPublish))
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
    logs: new Map([...deps.partners.values(), ...deps.further].map(({ log }) => [log.origin, log])),
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
  const catalogues = stack.use(
    createCatalogues(deps, log, policies, releaser.planner, {
      maySeal,
      publishedSize,
      sealed: sealedSomething,
    }),
  )
  releaser.on(catalogues.wake)
  publisher?.on(() => {
    tell()
    joint.notePublished()
    releaser.wake()
  })
  ledger.on(releaser.wake)
  aggregates = stack.use(createAggregates(deps, ledger, view, policies))
  const answerRecalls = (): void => {
    if (!deps.isReceiver) deleteRecalled(deps)
    if (!maySeal()) return
    // What was handed on is recalled before it is decided again, which would only drop it.
    if (recallDownstream(deps, log, consents.recordsFrom)) sealedSomething()
    // The nation's word on it is that of the node that receives.
    if (!deps.isReceiver) return
    if (sealPurges(deps, log)) sealedSomething()
    if (sealNationPurges(deps, log)) sealedSomething()
  }
  const answers = stack.use(
    createAlarm(clock, requests.nextDue, () => {
      if (maySeal() && sealAnswers(deps, log, requests)) sealedSomething()
    }),
  )
  const lateWords = stack.use(
    createAlarm(
      clock,
      () => nextLateWord(deps),
      () => {
        if (takeLateWords(deps)) releaser.wake()
      },
    ),
  )
  /** What others' consents let us hold ends by our own clock. */
  const consentEnds = stack.use(createAlarm(clock, consented.nextEnd, consented.expire))
  let haveConsentsChanged = false
  /** Told when something of partners, or of roots, may have been taken in. */
  const heard = new Set<() => void>()
  const admitted = (): void => {
    answerRecalls()
    if (haveConsentsChanged) consents.reload()
    haveConsentsChanged = false
    retransfers.refresh()
    answers.wake()
    consentEnds.wake()
    lateWords.wake()
    if (maySeal() && tellNewcomers(deps, log)) sealedSomething()
    handovers?.wake()
    releaser.wake()
    for (const listener of heard) listener()
  }
  // At the start nobody has said yet whether the clock is right; who reaches nobody goes on without.
  let isClockKnown = false
  const rhythm = stack.use(
    createRhythm(
      clock,
      log.firstAtMs,
      () => maySeal() && isClockKnown && log.clockFault() === null,
      [
        // By courier every leaf takes a round to be published: one that names acknowledgements is made with a bundle.
        ...(isOffline ? [] : [ackBeat(deps, log, sealedSomething, ackPeriodMs)]),
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
    sealPartnerChanges(deps, log)
    policies.commitAgain()
    renewAcknowledgements(deps, keyBytes(own.key))
    resetDue(deps, log)
    resetRevoked(deps, log)
    admitted()
    sealedSomething()
    letRun('recover', askWhere())
    void rhythm.wake()
    joint.notePublished()
    letRun('joint', joint.tidy())
  }
  guard.on(begin)

  const newest = keys.statements.find(({ publicKey }) => toBase64url(publicKey) === me.node.key)
  const pairing = stack.use(
    createPairing({
      deps,
      transport: wire,
      self: () => selfOf(folder),
      rosterPath: folder.rosterPath,
      roster: folder.roster === null ? null : parseRosterFile(readRosterJson(folder.rosterPath)),
      exercise: config.exercise,
      ownFile: () =>
        ownNationFile({
          folder: options.folder,
          nation: config.nation,
          rosterPath: folder.rosterPath,
        }).file,
      sign: (newest ?? keys.statement).sign,
      reopen: options.onReopen ?? (() => {}),
      sealChanges: () => {
        if (maySeal() && sealPartnerChanges(deps, log)) sealedSomething()
      },
    }),
  )
  let links: PartnerLinks | null = null
  let handovers: HandoverLinks | null = null
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
  closeEnded(known, view)
  hideRevoked(known, view)
  consented.recheck()
  consentEnds.wake()
  lateWords.wake()
  const revocations = createRevocations(deps, folder.revocationsPath)
  const nationRecalls = createNationRecalls(deps, view)
  let exchange: KeyExchange | null = null
  revocations.on((taken, from) => {
    exchange?.changed(from)
    siblings?.revoked()
    received?.revoked()
    nationRecalls.recheck()
    for (const listener of heard) listener()
    hideRevoked(known, view)
    const fault = unfit()
    if (fault !== null) guard.freeze(fault)
    // It goes into the log, and feeds of which a statement no longer counts begin anew.
    else if (taken.some(({ nation }) => nation === deps.nation)) begin()
    // What had gone by a word of that key is told.
    else admitted()
    tell()
  })
  nationRecalls.on((from) => {
    exchange?.changed(from)
    admitted()
    tell()
  })
  const events: AdmissionEvents = {
    onSubscribe: (nation, dataset, asked) => {
      noteSubscription(deps, nation, dataset, asked)
      noteAsked(deps, dataset)
    },
    onCatalogueRequest: (nation, isAsked) => noteCatalogueRequest(deps, nation, isAsked),
    onCheckpoint: noticed,
    onPurge: (nation, purge) =>
      notePurge(deps, nation, purge) ||
      // Of what is recalled by our word each of our nodes asks for proof of what it gave.
      [noteNationPurge(deps, nation, purge), passPurge(deps, nation, purge)].includes(true),
    onRequest: requests.take,
    onAnswer: (nation, { about, decision }) => requests.takeAnswer(nation, about, decision),
    onConsent: (nation, statement, seal) => {
      if (seal === null || takeConsent(deps, consents, requests, nation, statement, seal))
        haveConsentsChanged = true
    },
    onRecalled: (nation, recall, records) => noteRecalled(deps, nation, recall, records),
    onTaken: notePassing(deps),
  }
  /** What partners say to the nation is for the node that receives; here it only stands in its feed. */
  const heardOf: AdmissionEvents = {
    onSubscribe: () => {},
    onPurge: () => true,
    onConsent: (_nation, _statement, seal) => {
      if (seal === null) haveConsentsChanged = true
    },
    onCheckpoint: noticed,
  }
  const siblings: SiblingLinks | null =
    transport === null
      ? null
      : stack.use(await createSiblingLinks({ deps, ledger, transport, decides: !drafts }))
  let received: ReceivedLinks | null = null
  let courier: Parameters<typeof createApi>[0]['courier'] = null
  if (publisher !== null) {
    admission = createAdmission(deps, view, events)
    const told = stack.use(
      createGossip({ deps, log, witnessState, transport, clocks, onOwnFork: guard.freeze }),
    )
    gossip = told
    const source = {
      deps,
      log,
      publisher,
      mayServe: serving,
      ground: () => policies.at(clock.nowMs())?.ground ?? null,
      onNews: (listener: () => void) => {
        news.add(listener)
        return () => news.delete(listener)
      },
      onAcknowledged: tell,
    }
    courier = {
      deps,
      log,
      source,
      publisher,
      witness,
      guard,
      gossip: told,
      revocations,
      nationRecalls,
      decryptionKey: keys.encryption,
      admissionFor: (freshnessMs) =>
        createAdmission(withFreshness(deps, freshnessMs), view, events),
      beforeExport: async () => {
        await releaser.idle()
        if (isOffline && maySeal() && hasFreshAcks(deps)) closeAckPeriod(deps, log)
      },
      afterImport: () => {
        admitted()
        sealedSomething()
      },
    }
    if (transport !== null) {
      const hangUp = () =>
        letRun(
          'revocations',
          transport.allow(listedPeers(deps, pairingRows(db), revokedPartners(db))),
        )
      const others = siblingPartnersOf(me, folder.peerId)
      exchange = stack.use(
        createKeyExchange({
          deps,
          transport,
          revocations,
          recalls: nationRecalls,
          siblings: others,
          hangUp,
        }),
      )
      links = stack.use(
        await createPartnerLinks({
          deps,
          transport,
          witness,
          gossip: told,
          keys: exchange,
          siblings: others,
          admission,
          source,
          evidence: (about) => pairEvidence(deps, log, published(), about),
          onConnected: () => {
            void guard.ask()
            letRun('recover', askWhere())
            publisher?.wake()
          },
          onAdmitted: admitted,
          mayReceive: serving,
          receives: isMainNode(own),
        }),
      )
      handovers = stack.use(
        await createHandoverLinks({
          deps,
          log,
          transport,
          hindrance: () =>
            !maySeal()
              ? `${own.name} signs nothing now: see its status`
              : policies.at(clock.nowMs()) === null
                ? `${own.name} has no policy in force: install it there first`
                : null,
          onTaken: () => {
            sealedSomething()
            releaser.wake()
          },
          onHanded: tell,
          onPurge: ({ nation, ...said }) => {
            if (!notePurge(deps, nation, said)) noteNationPurge(deps, nation, said)
            releaser.wake()
            tell()
          },
        }),
      )
      received = stack.use(
        await createReceivedLinks({
          deps,
          known,
          transport,
          // It came to our receiver in time: to this node it may come whenever that is.
          admission: createAdmission(withFreshness(known, Infinity), view, heardOf),
          source: {
            keys: () => ({ seals: revocations.seals(), recalls: nationRecalls.seals() }),
            mayPass: serving,
            prove: told.prove,
            onNews: (listener) => {
              heard.add(listener)
              return () => heard.delete(listener)
            },
          },
          revocations,
          nationRecalls,
          mayReceive: serving,
          onAdmitted: admitted,
        }),
      )
      stack.use(await createJointLinks({ deps, transport, joint, mayReceive: serving }))
      await pairing.begin()
      await guard.ask()
    }
  }
  begin()
  const syncContext: SyncContext = {
    ...{ deps, log, published, isOffline },
    policyOf: (nation) => gossip?.policyOf(nation) ?? null,
    link: (nation) => links?.link(nation) ?? null,
  }
  const sync =
    transport === null
      ? null
      : stack.use(
          watchInSync(syncContext, transport, serving, (error) =>
            journal.fault({ where: 'in-sync', code: 'FAILED', message: String(error) }),
          ),
        )
  const api = createApi({
    ...syncContext,
    foundInSync: (inSync) => sync?.found(inSync),
    publisher,
    policies,
    consents,
    requests,
    retransfers,
    answersChanged: answers.wake,
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
    courier,
    atCourier,
    witness,
    clockOffOf: clocks.offOf,
    siblings: () => siblings?.links() ?? [],
    received: () => received?.link() ?? null,
    handOver: (request: HandOverRequest) => {
      const made = handOverDataset(deps, log, deps.releases, request)
      handovers?.wake()
      return made
    },
    drafts,
    revocations,
    nationRecalls,
    ports: () => transport?.addresses() ?? [],
    maySeal,
    sealed: sealedSomething,
    tell,
    self: () => selfOf(folder),
    rosterPath: folder.rosterPath,
    pairing,
    reopen: options.onReopen ?? (() => {}),
  })
  const owned = stack.move()
  return {
    ...api,
    addresses: () => transport?.addresses() ?? [],
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

/** The certificate of this node; of one that drafts, what it would be if it had a log. */
function ownCertificate(member: Member, { config, peerId, keys, logSigner }: NodeFolder) {
  const { node, nodes } = member
  // One whose key is revoked is no further node any more, and still not the main one.
  const further = nodes.findLast((each) => each.peerId === peerId && !isMainNode(each))
  if (config.drafts !== true) return further ?? node
  const { origin, endpoints } = config
  const key = toBase64url(keys.statement.publicKey)
  return { ...node, key, peerId, origin, endpoints, logKey: formatVerifierKey(logSigner.key) }
}

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

/** By courier a checkpoint may be older than on a stream: by how much, the coalition has said. */
const withFreshness = (deps: Deps, freshnessMs: number): Deps => ({
  ...deps,
  roster: {
    ...deps.roster,
    witnessPolicy: { ...deps.roster.witnessPolicy, freshnessMs },
  },
})
