import { explain, explainStanding } from '@entente/policy'
import type { Json, Nation } from '@entente/schema'
import { closeAckPeriod, hasFreshAcks } from '../acknowledge/ack-period.ts'
import type { Aggregates } from '../aggregate/aggregates.ts'
import { askMakersAbroad, askOneMaker } from '../answer/makers.ts'
import { askSecondSources } from '../answer/second-sources.ts'
import { askSources } from '../answer/sources.ts'
import { type StatusContext, statusOf } from '../answer/status/status.ts'
import { syncOf } from '../answer/status/sync.ts'
import { explainApproved } from '../approvals/explain-approved.ts'
import type { ConsentStore } from '../consents/consent-store.ts'
import { type CourierContext, createCourier } from '../courier/courier.ts'
import { NodeError } from '../errors.ts'
import { collectEvidence } from '../export/collect-evidence.ts'
import { exportBundle } from '../export/export-bundle.ts'
import type { HandedOver, HandOverRequest } from '../handover/hand-over-dataset.ts'
import type { JointDocuments } from '../joint/joint.ts'
import type { Revocations } from '../keys/revocations.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { eraseLeaves } from '../log/erase-leaves.ts'
import type { StartGuard } from '../log/start-guard.ts'
import type { NationRecalls } from '../nation-recalls/nation-recalls.ts'
import { sealNationRecall } from '../nation-recalls/seal-nation-recall.ts'
import type { NodeApi } from '../node-api.ts'
import { listPartners, showPartner } from '../pairing/list-partners.ts'
import type { Pairing } from '../pairing/pairing.ts'
import { successionsIn } from '../pairing/root-forks.ts'
import { partyOfIn } from '../parties/party-decisions.ts'
import type { Transport } from '../ports/transport.ts'
import { mustNotBeContained } from '../release/asked-by-us.ts'
import { forgetDecisions } from '../release/forget-decisions.ts'
import { previewOf } from '../release/preview.ts'
import type { Releaser } from '../release/releaser.ts'
import { resetFeed } from '../release/reset-feed.ts'
import { allowAgain, sealRecall } from '../release/seal-recall.ts'
import { sealSubscribe } from '../release/subscribe.ts'
import type { RequestStore } from '../requests/request-store.ts'
import { exportEnded } from '../retire/export-ended.ts'
import { isHandedOver, sealHandover } from '../retire/hand-over.ts'
import type { RetransferStore } from '../retransfer/retransfer-store.ts'
import { installRoster, type Self } from '../setup/roster-store.ts'
import type { ReceivedLink } from '../siblings/received/received-links.ts'
import type { SiblingLink } from '../siblings/sibling-links.ts'
import { plainRow, titleOf, type View } from '../view/view.ts'
import { createAggregateApi } from './aggregate-api.ts'
import { createAliasApi } from './alias-api.ts'
import { createApprovalApi } from './approval-api.ts'
import { createCatalogueApi } from './catalogue-api.ts'
import { createConsentApi } from './consent-api.ts'
import { createDatasetApi, defaultLabelIn } from './dataset-api.ts'
import { createExportApi } from './export-api.ts'
import { createImportApi } from './import-api.ts'
import { createJointApi } from './joint-api.ts'
import { createKeyApi } from './key-api.ts'
import { createLedgerApi } from './ledger-api.ts'
import { createLogApi, type LogContext } from './log-api.ts'
import type { PairingApi } from './pairing-api.ts'
import { createPolicyApi } from './policy-api.ts'
import { createQuarantineApi } from './quarantine-api.ts'
import { createRecordApi, ownRecord } from './record-api.ts'
import { createRecoverApi, type RecoverContext } from './recover-api.ts'
import { createRequestApi } from './request-api.ts'
import { createRetransferApi } from './retransfer-api.ts'

export interface ApiContext extends Omit<StatusContext, 'guard'>, LogContext, RecoverContext {
  readonly releaser: Releaser
  readonly aggregates: Aggregates
  readonly consents: ConsentStore
  readonly requests: RequestStore
  readonly retransfers: RetransferStore
  /** The next answer to a request may be due at another time. */
  readonly answersChanged: () => void
  readonly joint: JointDocuments
  readonly ledger: Ledger
  readonly view: View
  readonly guard: StartGuard
  readonly folder: string
  readonly revocations: Revocations
  readonly nationRecalls: NationRecalls
  /** Null: this node is open without a network. */
  readonly transport: Transport | null
  readonly maySeal: () => boolean
  /** Null: this node is open without a network, and has not been told that it has none. */
  readonly courier: Omit<CourierContext, 'partner'> | null
  /** A checkpoint is out with a courier to be cosigned: what widens waits for the answer. */
  readonly atCourier: () => boolean
  /** Whether this node only drafts. */
  readonly drafts: boolean
  readonly handOver: (request: HandOverRequest) => HandedOver
  /** The nation's other nodes. */
  readonly siblings: () => readonly SiblingLink[]
  readonly received: () => ReceivedLink | null
  /** Told which partners somebody has found in sync. */
  readonly foundInSync: (inSync: readonly Nation[]) => void
  /** Something was sealed. */
  readonly sealed: () => void
  /** Something may have become sendable. */
  readonly tell: () => void
  /** How this node finds itself in a roster. */
  readonly self: () => Self
  readonly rosterPath: string
  readonly pairing: Pairing
  /** What this node was opened with has changed on disk. */
  readonly reopen: () => void
}

/** Without what only the network has. */
function pairingApi(context: ApiContext): PairingApi {
  const { deps, pairing, guard } = context
  const { compared, begin: _begin, [Symbol.asyncDispose]: _dispose, ...verbs } = pairing
  const listed = (nation: Nation) => showPartner(deps, nation, undefined)
  return {
    ...verbs,
    partnerCompared: async ({ nation }) => {
      compared(nation)
      return listed(nation)
    },
    partnerList: async () => listPartners(deps),
    partnerShow: async ({ nation }) => {
      const { partners } = statusOf({ ...context, guard: guard.state })
      return showPartner(
        deps,
        nation,
        partners.find((each) => each.nation === nation),
      )
    },
  }
}

/** The verbs of one open node. */
export function createApi(context: ApiContext): NodeApi {
  const { deps, log, policies, releaser, ledger, view, guard } = context
  const { db } = deps
  const mustSeal = () => {
    if (context.maySeal()) return
    if (context.drafts)
      throw new NodeError(
        'DRAFTS_ONLY',
        'this node only drafts: another node of the nation decides and signs; do it there',
      )
    if (isHandedOver(db))
      throw new NodeError(
        'HANDED_OVER',
        'this log has had its last leaf: stop the node and run `entente log retire --root FILE`, which begins the log that follows',
      )
    if (context.publisher === null)
      throw new NodeError(
        'ASKING',
        'this verb signs, and only a serving node signs, whose partners can tell it what it has signed before: start it with `entente serve`, then run this again',
      )
    const { state, words } = guard.state()
    throw new NodeError(state === 'frozen' ? 'FROZEN' : 'ASKING', words)
  }
  const partner = (nation: Nation): Nation => {
    if (!deps.partners.has(nation))
      throw new NodeError(
        'PARTNER_UNKNOWN',
        `${nation} is not in the roster; besides ${deps.nation} it names ${[...deps.partners.keys()].sort().join(', ') || 'nobody'}`,
      )
    return nation
  }
  const own = ownRecord(ledger)
  /** What it takes away is taken back at once, not when a quorum has seen it. */
  const installed = () => {
    context.sealed()
    releaser.wake()
  }

  return {
    nation: deps.nation,
    ...createExportApi(context),
    ...createKeyApi(context.revocations, context.nationRecalls),
    ...createLedgerApi(deps, ledger, view),
    ...createLogApi(context),
    ...createRecoverApi(context),
    ...createImportApi(deps, ledger, view, defaultLabelIn(deps, policies)),
    ...createQuarantineApi(deps),
    ...createRecordApi(deps, ledger, view, defaultLabelIn(deps, policies)),
    ...createPolicyApi(deps, policies),
    ...createAliasApi(deps, ledger, view),
    ...createAggregateApi(context.aggregates, ledger),
    ...createApprovalApi(context, mustSeal),
    ...createCatalogueApi(deps, log, { mustSeal, sealed: context.sealed }),
    ...createDatasetApi(deps, policies),
    ...createConsentApi(deps, context.consents, () => {
      context.retransfers.refresh()
      installed()
    }),
    ...createCourier(context.courier && { ...context.courier, partner }),
    ...createRequestApi(context, mustSeal),
    ...createRetransferApi(context, mustSeal, installed),
    ...createJointApi(context.joint, mustSeal),
    rosterInstall: async ({ roster, allowRoots = [] }) => {
      const { members, witnessPolicy } = installRoster(context.rosterPath, roster, context.self(), {
        words: successionsIn(deps.db),
        allowed: new Set(allowRoots),
      })
      context.reopen()
      const { number, quorum } = witnessPolicy
      return { nations: [...members.keys()], number, quorum }
    },
    policyInstall: async (signed) => {
      mustSeal()
      const { edition, digest, index } = policies.install(signed)
      installed()
      context.aggregates.tidy()
      return { edition, digest, index }
    },
    registerInstall: async (signed) => {
      mustSeal()
      const { edition, digest, index } = policies.registers.install(signed)
      installed()
      return { edition, digest, index }
    },
    registerShow: async () => (policies.registers.all().at(-1)?.signed ?? null) as Json,
    policyShow: async () => (policies.latest(deps.clock.nowMs())?.signed ?? null) as Json,
    preview: async (request) => {
      await settle(context)
      const plan = releaser.plan(request)
      const withheldRecords = (nation: Nation): number =>
        db
          .prepare(
            'SELECT COUNT(*) AS n FROM record JOIN subscription USING (dataset) WHERE nation = ? AND NOT EXISTS (SELECT 1 FROM held WHERE recipient = nation AND held.record = id) AND NOT EXISTS (SELECT 1 FROM waiting WHERE recipient = nation AND waiting.record = id)',
          )
          .get(nation)?.['n'] as number
      return previewOf(
        plan,
        ({ id, source }) =>
          source === null ? id : titleOf(source.record.kind, source.record.fields),
        withheldRecords,
      )
    },
    run: async ({ plan }, progress) => {
      mustSeal()
      if (context.atCourier())
        throw new NodeError(
          'NOT_SETTLED',
          'a checkpoint of this log is out to be cosigned by courier, and what is released before the answer would be refused as dated before it: import the bundle that brings it, then look at the preview again',
        )
      await settle(context)
      return releaser.run(plan, progress)
    },
    why: async ({ record, nation, field, compare }) => {
      const policy = policies.latest(deps.clock.nowMs())
      if (policy === null)
        throw new NodeError(
          'NO_POLICY',
          'no signed policy is in force, so nothing goes to anybody: `entente policy install FILE`',
        )
      const atMs = deps.clock.nowMs()
      const explanation = explain(
        {
          record: own(record),
          recipient: partner(nation),
          atMs,
          ...(field === undefined ? {} : { field }),
          ...(compare === undefined ? {} : { compare: partner(compare) }),
        },
        policy.compiled,
      )
      const { composition } = releaser.planner.plan(record, nation, policy, atMs)
      const { words } = releaser.approvals.store.saidOn(nation, record, atMs)
      const stood = explainStanding(explanation, own(record), composition, policy.compiled)
      return explainApproved(stood, composition, words) as unknown as Json
    },
    subscribe: async (request) => {
      mustSeal()
      partner(request.from)
      mustNotBeContained(db, request)
      const seq = sealSubscribe(deps, log, request)
      context.sealed()
      return { seq }
    },
    recall: async (request) => {
      mustSeal()
      const { index, recipient, records } = sealRecall(deps, log, request)
      context.sealed()
      // An older value may have to be dropped.
      releaser.wake()
      return { index, recipient, records }
    },
    nationRecall: async (request) => {
      mustSeal()
      const said = sealNationRecall(deps, log, context.nationRecalls, request)
      context.sealed()
      releaser.wake()
      return { ...said, nations: [...deps.partners.keys()] }
    },
    allowAgain: async ({ record, nation }) => {
      allowAgain(deps, partner(nation), record)
      releaser.wake()
    },
    logErase: async (request) => {
      mustSeal()
      const forget = (leaves: readonly number[]) => forgetDecisions(deps, leaves)
      const index = eraseLeaves(deps, log, request, forget)
      releaser.approvals.store.reload()
      releaser.wake()
      context.sealed()
      return { index }
    },
    feedReset: async ({ nation, dataset, reason }) => {
      mustSeal()
      const index = resetFeed(deps, log, { recipient: partner(nation), dataset, reason })
      context.sealed()
      releaser.wake()
      return { index }
    },
    releaserHandOver: async (request) => {
      mustSeal()
      const made = context.handOver(request)
      context.sealed()
      releaser.wake()
      return made
    },
    ...pairingApi(context),
    partnerPause: async ({ nation, paused }) => {
      db.prepare(
        paused
          ? 'INSERT OR IGNORE INTO paused(nation) VALUES (?)'
          : 'DELETE FROM paused WHERE nation = ?',
      ).run(partner(nation))
      context.tell()
      releaser.wake()
    },
    status: async () => {
      const status = statusOf({ ...context, guard: guard.state })
      context.foundInSync(status.partners.flatMap(({ nation, inSync }) => (inSync ? nation : [])))
      return status
    },
    search: async ({ text, limit }) => view.search(text, limit ?? 20).map(plainRow),
    askSources: async ({ material }) => askSources(view, deps.nation, material),
    askSecondSources: async () => askSecondSources(view, deps.nation),
    askOneMaker: async () => askOneMaker(view, deps.nation, partyOfIn(view, deps.nation)),
    askMakersAbroad: async () => askMakersAbroad(view, deps.nation),
    auditCollect: async ({ directory }, progress) => {
      if (context.transport === null)
        throw new NodeError(
          'NOT_SETTLED',
          'evidence is collected by the running node, which reaches its partners: `entente serve`',
        )
      const partners = await collectEvidence(deps, context.transport, directory, progress)
      return { partners }
    },
    logHandover: async (planned) => {
      mustSeal()
      await releaser.idle()
      const index = sealHandover(deps, log, planned)
      context.sealed()
      return { index }
    },
    auditExport: async ({ directory, withContent, log: ended }, progress) => {
      const { exercise } = context
      if (ended !== undefined)
        return exportEnded(deps, { log: ended, directory, withContent, exercise }, progress)
      const { publisher } = context
      if (publisher === null)
        throw new NodeError(
          'NOT_SETTLED',
          'an audit is exported by the running node, which can have its log cosigned: `entente serve`',
        )
      mustSeal()
      await releaser.idle()
      await answered(context)
      const isOffline = context.transport === null
      // By courier every leaf takes a round: one that commits to nothing is not made.
      if (!isOffline || hasFreshAcks(deps)) closeAckPeriod(deps, log)
      context.sealed()
      try {
        await publisher.settled(AbortSignal.timeout(isOffline ? 0 : 30_000))
      } catch (error) {
        throw new NodeError(
          'NOT_SETTLED',
          `the log is not cosigned up to its head; missing: ${publisher.missing().join(', ')}${isOffline ? '. Carry a bundle to them, import what they answer, and export again' : ''}`,
          { cause: error },
        )
      }
      return exportBundle(
        deps,
        log,
        publisher,
        { directory, withContent, exercise: context.exercise },
        progress,
      )
    },
  }
}

/** Partners that are there get this long to acknowledge what has just gone, so that both bundles show the same word. */
const answerMs = 5_000

async function answered(context: ApiContext): Promise<void> {
  const isOpen = () =>
    [...context.deps.partners.keys()]
      .map((nation) => syncOf(context, nation))
      .some(({ connected, paused, acknowledged }) => connected && !paused && !acknowledged)
  for (const signal = AbortSignal.timeout(answerMs); isOpen() && !signal.aborted; )
    await new Promise((resolve) => setTimeout(resolve, 25))
}

/** Waits until everything that changed has been decided, and the newest policy is published if it can be. */
async function settle({ deps, releaser, policies, publisher }: ApiContext): Promise<void> {
  const policy = policies.latest(deps.clock.nowMs())
  const signal = AbortSignal.timeout(10_000)
  while (
    publisher !== null &&
    policy !== null &&
    publisher.published().size <= policy.committedAt &&
    !signal.aborted
  )
    await new Promise((resolve) => setTimeout(resolve, 20))
  await releaser.idle()
}
