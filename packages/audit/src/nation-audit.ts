import { type Inputs, isMainNode, type Nation } from '@entente/schema'
import { type BundleFiles, checkManifest, type Manifest } from './bundle/manifest.ts'
import { type Bundle, readBundle } from './bundle/read-bundle.ts'
import type { AddFinding } from './finding.ts'
import type { OpenNote } from './log/checkpoints.ts'
import { type LogHistory, openHistory } from './log/history.ts'
import { isDecided, openInputs } from './replay/inputs.ts'
import { replay } from './replay/replay-decisions.ts'
import { type Acks, openAcks } from './statements/acknowledgements.ts'
import { type Consents, checkConsentsOf, openConsents } from './statements/consents.ts'
import { type OpenEntries, openEntries } from './statements/entries.ts'
import { type Feed, openFeeds } from './statements/feeds.ts'
import { checkJoint } from './statements/joint.ts'
import { type Leaves, openLeaves } from './statements/leaves.ts'
import {
  checkRecallsNamed,
  type NationRecalls,
  openNationRecalls,
} from './statements/nation-recalls.ts'
import { checkRevokedPartners } from './statements/partners.ts'
import { checkPolicyOf, type LoggedPolicies, openPolicies } from './statements/policies.ts'
import { openRecalls, type Recalls } from './statements/recalls.ts'
import { checkRegisterOf, type LoggedRegisters, openRegisters } from './statements/registers.ts'
import { openSeals, type Signers } from './statements/seals.ts'
import { askedIn } from './statements/subscriptions.ts'
import { checkTimes } from './statements/times.ts'
import { checkVotes, type StrangersVotes } from './statements/votes.ts'
import { openWords, type Words } from './statements/words.ts'
import type { Trust, TrustedLog } from './trust.ts'
import type { Working } from './work/work.ts'

/** What one bundle alone has shown. */
export interface NationAudit {
  readonly nation: Nation
  readonly bundle: Bundle
  readonly trusted: TrustedLog
  readonly history: LogHistory
  readonly leaves: Leaves
  readonly feeds: ReadonlyMap<string, Feed>
  readonly policies: LoggedPolicies
  readonly registers: LoggedRegisters
  /** Who signed what a person must sign, by leaf index. */
  readonly signers: Signers
  /** What officers have said on fields. */
  readonly words: Words
  /** Consents of other nations that it held. */
  readonly consents: Consents
  readonly entries: OpenEntries
  readonly inputs: ReadonlyMap<number, Inputs>
  readonly acks: Acks
  readonly recalls: Recalls
  /** Those that roots have signed, of any nation. */
  readonly nationRecalls: NationRecalls
  /** Votes that nobody whom the roster names has sealed. */
  readonly strangersVotes: StrangersVotes
}

/** The steps of the audit, in order, for progress. */
export type Step = 'manifest' | 'log' | 'leaves' | 'policies' | 'replay' | 'join'

/** Told of each step, and of how many of its leaves are done. */
type OnStep = (step: Step, done?: number, total?: number) => void

/**
 * Steps 1 to 9 for one bundle. A step whose premise has failed is not taken: the finding at the root of it is enough.
 * @returns null when the bundle or its log cannot be gone on with
 */
export function* auditNation(
  manifest: Manifest,
  files: BundleFiles,
  trusted: TrustedLog,
  trust: Trust,
  openNote: OpenNote,
  add: AddFinding,
  begin: OnStep,
): Working<NationAudit | null> {
  let count = 0
  const found: AddFinding = (code, message, index) => {
    count++
    add(code, message, index)
  }
  begin('manifest')
  if (manifest.origin !== trusted.log.origin)
    found(
      'BUNDLE_ORIGIN',
      `the bundle is of ${manifest.origin}, certified is ${trusted.log.origin}`,
    )
  checkManifest(manifest, files, trust.hash, found)
  if (count > 0) return null
  const bundle = readBundle(manifest, files, found)
  if (count > 0) return null
  begin('log')
  const history = openHistory(bundle, trusted, trust, openNote, found)
  if (history === null) return null
  begin('leaves')
  const leaves = yield* openLeaves(bundle, history, trusted, trust, found, (done, total) =>
    begin('leaves', done, total),
  )
  const feeds = openFeeds(leaves, found, !trusted.member.nodes.every(isMainNode))
  if (history.complete) checkTimes(history, leaves, trust.roster.witnessPolicy, found)
  begin('policies')
  const policies = openPolicies(bundle, leaves, trusted, trust, found)
  for (const leaf of leaves.byIndex.values())
    if (leaf.kind === 'release' || leaf.kind === 'catalogue')
      checkPolicyOf(leaf, policies, leaves, history, found)
  checkRevokedPartners(leaves, found)
  const signers = openSeals(leaves, trusted, trust, found)
  const registers = openRegisters(bundle, leaves, signers, trusted, trust, found)
  const words = openWords(bundle, leaves, signers, trust, found)
  const consents = openConsents(bundle, trust, found)
  begin('replay')
  const entries = openEntries(bundle, leaves, trust, found)
  const inputs = openInputs(bundle, leaves, trust, found)
  for (const leaf of leaves.byIndex.values()) {
    const read = isDecided(leaf) ? inputs.get(leaf.index) : undefined
    if (!isDecided(leaf) || read === undefined) continue
    checkRegisterOf(leaf, read, registers, history, found)
    checkConsentsOf(leaf.index, read, consents, found)
  }
  const strangersVotes = checkVotes(leaves, trusted, trust, found)
  const { withContent } = manifest
  checkJoint({ bundle, leaves, policies, registers, history, trusted, trust, withContent }, found)
  const asked = askedIn(bundle, isMainNode(trusted.certificate))
  const recalls = openRecalls(leaves)
  const nationRecalls = openNationRecalls(bundle, trust, found)
  checkRecallsNamed(entries.byLeaf, nationRecalls, found)
  if (withContent)
    yield* replay(
      {
        bundle,
        trusted,
        trust,
        leaves,
        feeds,
        entries,
        inputs,
        policies,
        registers,
        words,
        consents,
        recalls,
        nationRecalls,
        asked,
      },
      found,
      (done, total) => begin('replay', done, total),
    )
  const acks = openAcks(bundle, leaves, trust, found)
  const { nation } = manifest
  return {
    nation,
    bundle,
    trusted,
    history,
    leaves,
    feeds,
    policies,
    registers,
    signers,
    words,
    consents,
    entries,
    inputs,
    acks,
    recalls,
    nationRecalls,
    strangersVotes,
  }
}
