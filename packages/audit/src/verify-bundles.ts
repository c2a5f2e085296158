import { type Hash, type Nation, sha256, toBase64url } from '@entente/schema'
import {
  type BundleFiles,
  type EvidenceManifest,
  type Manifest,
  readManifest,
} from './bundle/manifest.ts'
import { type AddFinding, type Finding, findingsOf } from './finding.ts'
import { checkAnswers } from './join/answers.ts'
import { type Evidence, openEvidence } from './join/evidence.ts'
import { checkHandedOn } from './join/handed-on.ts'
import { joinPair } from './join/join-pair.ts'
import { checkNodeRecalls } from './join/nation-recalls.ts'
import { checkReceived } from './join/received.ts'
import { checkReleasers } from './join/releasers.ts'
import { createOpenNote } from './log/checkpoints.ts'
import {
  checkEarlierCheckpoints,
  checkPartnerCheckpoints,
  createHeldCheckpoints,
} from './log/held-checkpoints.ts'
import { checkSuccession, countLost, type LogEnd, type Succession } from './log/succession.ts'
import { auditNation, type NationAudit, type Step } from './nation-audit.ts'
import {
  type AuditReport,
  EXERCISE,
  type NationReport,
  type TrustReport,
} from './report/audit-report.ts'
import { reportNation } from './report/nation-report.ts'
import { followRoots } from './roots.ts'
import { unprovenBy } from './statements/nation-recalls.ts'
import { unprovenRecalls } from './statements/recalls.ts'
import { checkSecondSigner } from './statements/second-signer.ts'
import { remarksOnVotes } from './statements/votes.ts'
import { type AuditTrust, openTrust, type Trust, type TrustedLog } from './trust.ts'
import { type Workforce, type Working, workAlone, workWith } from './work/work.ts'

export interface AuditOptions {
  /** Checkpoints that an earlier audit has seen: the logs must still begin with what they commit to. */
  readonly since?: readonly string[]
  /** Faster SHA-256; must give the same bytes. */
  readonly hash?: Hash
  /** Told before each step, and within one of how many of its leaves are done. */
  readonly onProgress?: (nation: Nation, step: Step, done?: number, total?: number) => void
}

/** What an audit leaves: its report, and what was opened and verified on the way, for questions. */
export interface Audited {
  readonly report: AuditReport
  /**
   * Bundles that could be gone through to the end; they may have findings all the same. That of the log that goes on by its nation,
   * those of logs that have ended by their origins.
   */
  readonly audits: ReadonlyMap<string, NationAudit>
}

/** The report of `auditBundles`. */
export const verifyBundles = (
  bundles: readonly BundleFiles[],
  trust: AuditTrust,
  options?: AuditOptions,
): AuditReport => auditBundles(bundles, trust, options).report

/**
 * Audits the bundles of one or several nations, each by itself and all of them joined. Whatever a bundle holds becomes a
 * finding, never an exception; no key is taken from it.
 * @throws {VerificationError} when the roster itself holds a key that is none
 */
export function auditBundles(
  bundles: readonly BundleFiles[],
  trust: AuditTrust,
  options: AuditOptions = {},
): Audited {
  const { hash = sha256 } = options
  return workAlone(auditing(bundles, trust, options), { verify: trust.verify, hash })
}

/** The same audit, its costly part done by others, such as threads: the same findings in the same order. */
export function auditBundlesWith(
  workforce: Workforce,
  bundles: readonly BundleFiles[],
  trust: AuditTrust,
  options: AuditOptions = {},
): Promise<Audited> {
  return workWith(auditing(bundles, trust, options), workforce)
}

function* auditing(
  bundles: readonly BundleFiles[],
  auditTrust: AuditTrust,
  { since = [], hash = sha256, onProgress }: AuditOptions,
): Working<Audited> {
  const findings: Finding[] = []
  const found = (nation: Nation | null): AddFinding => findingsOf(nation, findings)
  const roots = followRoots(auditTrust.roster, bundles, auditTrust.verify, found)
  const trust = openTrust({ ...auditTrust, roster: roots.roster }, hash)
  const openNote = createOpenNote(trust)
  const { manifests, evidences } = openManifests(bundles, trust, findings)
  const logs = new Map<string, NationAudit>()
  for (const [origin, { manifest, files, trusted }] of manifests) {
    const { nation } = manifest
    const begin = (step: Step, done?: number, total?: number) =>
      onProgress?.(nation, step, done, total)
    const audit = yield* auditNation(
      manifest,
      files,
      trusted,
      trust,
      openNote,
      found(nation),
      begin,
    )
    if (audit !== null) logs.set(origin, audit)
  }
  for (const audit of logs.values()) checkSecondSigner(audit, logs, found(audit.nation))
  const audits = new Map<Nation, NationAudit>()
  for (const audit of logs.values()) if (isGoingOn(audit.trusted)) audits.set(audit.nation, audit)

  const evidence: Evidence[] = []
  for (const { manifest, files, trusted } of evidences) {
    const { nation } = manifest
    const opened = openEvidence(manifest, files, trusted, trust, openNote, found(nation))
    if (opened !== null) evidence.push(opened)
  }

  const succession = checkSuccession(logs, trust, found)
  const { members, witnessPolicy } = trust.roster
  checkReleasers(logs, members.values(), witnessPolicy.toleranceMs, found)
  const checkpoints = createHeldCheckpoints(logs, succession, found)
  checkEarlierCheckpoints(since, trust, openNote, checkpoints, found)
  for (const [nation, audit] of audits) {
    onProgress?.(nation, 'join')
    checkPartnerCheckpoints(audit, trust, openNote, checkpoints, found(nation))
    checkReceived(audit, { audits: logs, trust, openNote, checkpoints, findings: found })
  }
  for (const one of evidence) {
    checkpoints.compare(one.history.head, one.trusted, 'evidence')
    checkPartnerCheckpoints(one, trust, openNote, checkpoints, found(one.nation))
    checkReceived(one, { audits: logs, trust, openNote, checkpoints, findings: found })
    const sender = audits.get(one.about)
    // All that a nation shows says more than what it has shown of one pair.
    if (sender === undefined || audits.has(one.nation)) continue
    if (!checkpoints.contested.has(sender.trusted.log.origin))
      joinPair(sender, one, trust, found, undefined, true)
  }
  for (const [origin, sender] of logs)
    for (const recipient of audits.values())
      if (sender.nation !== recipient.nation && !checkpoints.contested.has(origin)) {
        joinPair(sender, recipient, trust, found, succession.get(origin))
        if (isGoingOn(sender.trusted))
          checkAnswers(sender, recipient, trust, found(recipient.nation))
      }
  checkNodeRecalls(logs, hash, found)
  checkHandedOn(audits, trust, found)
  const all = new Map<string, NationAudit>(audits)
  for (const [origin, audit] of logs) if (!isGoingOn(audit.trusted)) all.set(origin, audit)
  return {
    report: report(manifests, logs, evidence, succession, findings, trust, roots.remarks),
    audits: all,
  }
}

const isGoingOn = ({ member, log }: TrustedLog): boolean => member.node.origin === log.origin

interface Named<M = Manifest> {
  readonly manifest: M
  readonly files: BundleFiles
  readonly trusted: TrustedLog
}

/** @returns bundles by origin of their log */
function openManifests(
  bundles: readonly BundleFiles[],
  trust: Trust,
  findings: Finding[],
): {
  readonly manifests: ReadonlyMap<string, Named>
  readonly evidences: readonly Named<EvidenceManifest>[]
} {
  const manifests = new Map<string, Named>()
  const evidences = new Map<string, Named<EvidenceManifest>>()
  for (const files of bundles) {
    const manifest = readManifest(files)
    if (typeof manifest === 'string') findingsOf(null, findings)('MANIFEST_FORM', manifest)
    else {
      const { nation } = manifest
      const found = findingsOf(nation, findings)
      const named = trust.byOrigin.get(manifest.origin)
      // One of another origin is compared with the log that goes on.
      const trusted = named?.member.nation === nation ? named : trust.logs.get(nation)
      const origin = trusted?.log.origin ?? ''
      if (trusted === undefined) found('BUNDLE_NATION', `there are no keys of ${nation}`)
      else if (manifest.format === 'entente-evidence/1') {
        const pair = `${nation} about ${manifest.about}`
        if (evidences.has(pair)) found('BUNDLE_DUPLICATE', `second evidence of ${pair}`)
        else evidences.set(pair, { manifest, files, trusted })
      } else if (manifests.has(origin)) found('BUNDLE_DUPLICATE', `a second bundle of ${nation}`)
      else manifests.set(origin, { manifest, files, trusted })
    }
  }
  return { manifests, evidences: [...evidences.values()] }
}

/** What of one log is no finding, and bounds what the audit can say. */
function* remarksOn(
  { nation, bundle, leaves, feeds, recalls, nationRecalls, trusted }: NationAudit,
  logs: ReadonlyMap<string, NationAudit>,
): Generator<string> {
  const present = (nation: Nation): NationAudit | undefined =>
    [...logs.values()].find((one) => one.nation === nation && isGoingOn(one.trusted))
  if (leaves.erased.size > 0)
    yield `${nation}: ${leaves.erased.size} leaves have been erased, as the leaves ${[...new Set(leaves.erased.values())].join(', ')} declare; what they said is not audited`
  for (const { id, erasedTo, recipient } of feeds.values())
    if (erasedTo >= 0)
      yield `${nation}: statements of feed ${id} to ${recipient} have been erased up to ${erasedTo}; the chain across them is not checked`
  const unread = bundle.joint.filter(({ change }) => change === undefined).length
  if (unread > 0)
    yield `${nation}: of ${unread} changes of joint documents the bundle has no content; that they write no other fields than those they were decided on for is not checked`
  for (const { index, statement } of unprovenRecalls(recalls, present))
    yield `${nation}: ${statement.recipient} has not said that it purged what recall ${index} names`
  // A root's once, at the log that goes on.
  const own = isGoingOn(trusted) ? [null, trusted.log.origin] : [trusted.log.origin]
  const words = nationRecalls.all.filter(
    ({ recall, origin }) => recall.nation === nation && own.includes(origin),
  )
  for (const other of logs.values())
    if (other.nation !== nation && isGoingOn(other.trusted))
      for (const { digest } of unprovenBy(words, other))
        yield `${nation}: ${other.nation} has not said that it purged what was recalled by the word ${digest}`
}

function report(
  manifests: ReadonlyMap<string, Named>,
  audits: ReadonlyMap<string, NationAudit>,
  evidence: readonly Evidence[],
  succession: Succession,
  findings: readonly Finding[],
  trust: Trust,
  ofRoots: readonly string[],
): AuditReport {
  const nations: Record<Nation, NationReport> = {}
  const remarks: string[] = [...ofRoots]
  const { freshnessMs } = trust.roster.witnessPolicy
  const ended: Record<string, NationReport> = {}
  const byNation = new Map(
    [...audits.values()].filter((one) => isGoingOn(one.trusted)).map((one) => [one.nation, one]),
  )
  for (const [origin, { manifest, trusted }] of manifests) {
    const { nation } = manifest
    const own = findings.filter((finding) => finding.nation === nation)
    const audit = audits.get(origin) ?? null
    const shown = evidence.filter(({ about }) => about === nation).length
    const joined = audits.size - (audit === null ? 0 : 1) + shown
    const one = reportNation(manifest, trusted, audit, own, trust.atMs, joined)
    if (audit !== null) remarks.push(...remarksOnVotes(nation, origin, audit.strangersVotes))
    if (!isGoingOn(trusted)) {
      ended[origin] = one
      continue
    }
    nations[nation] = one
    if (one.stoppedAt !== null) remarks.push(`${nation}: not audited past the ${one.stoppedAt}`)
    else if (!one.checkedContent)
      remarks.push(
        `${nation}: the bundle has no content; decisions and fragments were not replayed`,
      )
    if (audit !== null) remarks.push(...remarksOn(audit, byNation))
    if (one.ageMs !== null && one.ageMs > freshnessMs)
      remarks.push(`${nation}: the newest cosignature is ${Math.floor(one.ageMs / 60_000)} min old`)
  }
  const isExercise = [...manifests.values()].some(({ manifest }) => manifest.exercise !== undefined)
  for (const nation of trust.logs.keys())
    if (!(nation in nations)) {
      const about = evidence.filter((one) => one.nation === nation).map((one) => one.about)
      remarks.push(
        about.length === 0
          ? `${nation}: no bundle; its side was not joined`
          : `${nation}: no bundle; joined by what it has shown about ${about.join(', ')}`,
      )
    }
  for (const [origin, { member }] of trust.byOrigin) {
    const remark = remarkOn(origin, member.nation, origin in ended, succession.get(origin))
    const isFurther = member.further.some((node) => node.origin === origin)
    if (isFurther && !(origin in ended))
      remarks.push(
        `${member.nation}: ${origin} releases what that node was handed; its bundle is not here, and its leaves were not audited`,
      )
    else if (member.node.origin !== origin && !isFurther) remarks.push(remark)
  }
  return {
    atMs: trust.atMs,
    exercise: isExercise ? EXERCISE : null,
    trust: reportTrust(trust),
    nations,
    ended,
    evidence: evidence.map(({ nation, about, history, bundle, acks }) => ({
      nation,
      about,
      size: history.size,
      statements: bundle.received.length,
      acknowledgements: acks.given.length,
      held: bundle.held.length,
    })),
    findings,
    remarks,
    ok: findings.length === 0 && audits.size > 0,
  }
}

/** What is to be known of a log that has ended. */
function remarkOn(
  origin: string,
  nation: Nation,
  isHere: boolean,
  end: LogEnd | undefined,
): string {
  const what = `${nation}: ${origin} has ended`
  if (end === undefined) return `${what}; the log that follows was not audited`
  const lost = countLost(end)
  const ranges = end.lost.map(([first, last]) => `${first} to ${last}`).join(', ')
  const how = lost === 0 ? 'none declared lost' : `${lost} declared lost: ${ranges}`
  const shown = isHere ? '' : '; its bundle is not here, and its leaves were not audited'
  return `${what} at ${end.size} leaves, ${how}; ${end.next} follows${shown}`
}

function reportTrust({ roster: { members, witnessPolicy } }: Trust): TrustReport {
  return {
    nations: [...members.values()].map(({ nation, root, node: { origin, logKey } }) => ({
      nation,
      root: toBase64url(root),
      origin,
      logKey,
    })),
    witnesses: witnessPolicy.witnesses.map((witness) => ({
      nation: 'nation' in witness ? witness.nation : witness.name,
      key: witness.key,
    })),
    witnessPolicy: witnessPolicy.number,
    quorum: witnessPolicy.quorum,
  }
}
