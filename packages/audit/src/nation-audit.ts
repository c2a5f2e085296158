import type { Inputs, Nation } from '@entente/schema'
import { type Acks, openAcks } from './acknowledgements.ts'
import { type Bundle, readBundle } from './bundle.ts'
import type { OpenNote } from './checkpoints.ts'
import { type OpenEntries, openEntries } from './entries.ts'
import { type Feed, openFeeds } from './feeds.ts'
import type { AddFinding } from './finding.ts'
import { type LogHistory, openHistory } from './history.ts'
import { openInputs } from './inputs.ts'
import { type Leaves, openLeaves } from './leaves.ts'
import { type BundleFiles, checkManifest, type Manifest } from './manifest.ts'
import { checkPolicyOf, type LoggedPolicies, openPolicies } from './policies.ts'
import { openRecalls, type Recalls } from './recalls.ts'
import { replay } from './replay.ts'
import { unsubscribedIn } from './subscriptions.ts'
import { checkTimes } from './times.ts'
import type { Trust, TrustedLog } from './trust.ts'

/** What one bundle alone has shown. */
export interface NationAudit {
  readonly nation: Nation
  readonly bundle: Bundle
  readonly trusted: TrustedLog
  readonly history: LogHistory
  readonly leaves: Leaves
  readonly feeds: ReadonlyMap<string, Feed>
  readonly policies: LoggedPolicies
  readonly entries: OpenEntries
  readonly inputs: ReadonlyMap<number, Inputs>
  readonly acks: Acks
  readonly recalls: Recalls
}

/** The steps of the audit, in order, for progress. */
export type Step = 'manifest' | 'log' | 'leaves' | 'policies' | 'replay' | 'join'

/**
 * Steps 1 to 9 for one bundle. A step whose premise has failed is not taken: the finding at the root of it is enough.
 * @returns null when the bundle or its log cannot be gone on with
 */
export function auditNation(
  manifest: Manifest,
  files: BundleFiles,
  trusted: TrustedLog,
  trust: Trust,
  openNote: OpenNote,
  add: AddFinding,
  begin: (step: Step) => void,
): NationAudit | null {
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
  const leaves = openLeaves(bundle, history, trusted, trust, found)
  const feeds = openFeeds(leaves, found)
  if (history.complete) checkTimes(history, leaves, trust.roster.witnessPolicy.toleranceMs, found)
  begin('policies')
  const policies = openPolicies(bundle, leaves, trusted, trust, found)
  for (const leaf of leaves.byIndex.values())
    if (leaf.kind === 'release') checkPolicyOf(leaf, policies, leaves, history, found)
  begin('replay')
  const entries = openEntries(bundle, leaves, trust, found)
  const inputs = openInputs(bundle, leaves, found)
  const unsubscribed = unsubscribedIn(bundle)
  if (manifest.withContent)
    replay(
      { bundle, trusted, trust, leaves, feeds, entries, inputs, policies, unsubscribed },
      found,
    )
  const acks = openAcks(bundle, leaves, trust, found)
  const { nation } = manifest
  const recalls = openRecalls(leaves)
  return {
    nation,
    bundle,
    trusted,
    history,
    leaves,
    feeds,
    policies,
    entries,
    inputs,
    acks,
    recalls,
  }
}
