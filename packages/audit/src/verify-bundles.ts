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
import { joinPair } from './join/join-pair.ts'
import { checkReceived } from './join/received.ts'
import { createOpenNote } from './log/checkpoints.ts'
import {
  checkEarlierCheckpoints,
  checkPartnerCheckpoints,
  createHeldCheckpoints,
} from './log/held-checkpoints.ts'
import { auditNation, type NationAudit, type Step } from './nation-audit.ts'
import {
  type AuditReport,
  EXERCISE,
  type NationReport,
  type TrustReport,
} from './report/audit-report.ts'
import { reportNation } from './report/nation-report.ts'
import { type AuditTrust, openTrust, type Trust } from './trust.ts'
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
  /** Bundles that could be gone through to the end; they may have findings all the same. */
  readonly audits: ReadonlyMap<Nation, NationAudit>
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
  const trust = openTrust(auditTrust, hash)
  const findings: Finding[] = []
  const found = (nation: Nation | null): AddFinding => findingsOf(nation, findings)
  const openNote = createOpenNote(trust)
  const { manifests, evidences } = openManifests(bundles, trust, findings)
  const audits = new Map<Nation, NationAudit>()
  for (const [nation, { manifest, files }] of manifests) {
    const trusted = trust.logs.get(nation)
    if (trusted === undefined) continue
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
    if (audit !== null) audits.set(nation, audit)
  }

  const evidence: Evidence[] = []
  for (const { manifest, files } of evidences) {
    const { nation } = manifest
    const trusted = trust.logs.get(nation)
    if (trusted === undefined) continue
    const opened = openEvidence(manifest, files, trusted, trust, openNote, found(nation))
    if (opened !== null) evidence.push(opened)
  }

  const checkpoints = createHeldCheckpoints(audits, found)
  checkEarlierCheckpoints(since, trust, openNote, checkpoints, found)
  for (const [nation, audit] of audits) {
    onProgress?.(nation, 'join')
    checkPartnerCheckpoints(audit, trust, openNote, checkpoints, found(nation))
    checkReceived(audit, { audits, trust, openNote, checkpoints, findings: found })
  }
  for (const one of evidence) {
    const of = trust.logs.get(one.nation)
    if (of !== undefined) checkpoints.compare(one.history.head, of, 'evidence')
    checkPartnerCheckpoints(one, trust, openNote, checkpoints, found(one.nation))
    checkReceived(one, { audits, trust, openNote, checkpoints, findings: found })
    const sender = audits.get(one.about)
    // All that a nation shows says more than what it has shown of one pair.
    if (sender !== undefined && !audits.has(one.nation) && !checkpoints.contested.has(one.about))
      joinPair(sender, one, trust.atMs, found, true)
  }
  for (const sender of audits.values())
    for (const recipient of audits.values())
      if (sender !== recipient && !checkpoints.contested.has(sender.nation)) {
        joinPair(sender, recipient, trust.atMs, found)
        checkAnswers(sender, recipient, found(recipient.nation))
      }
  return { report: report(manifests, audits, evidence, findings, trust), audits }
}

interface Named<M = Manifest> {
  readonly manifest: M
  readonly files: BundleFiles
}

function openManifests(
  bundles: readonly BundleFiles[],
  trust: Trust,
  findings: Finding[],
): {
  readonly manifests: ReadonlyMap<Nation, Named>
  readonly evidences: readonly Named<EvidenceManifest>[]
} {
  const manifests = new Map<Nation, Named>()
  const evidences = new Map<string, Named<EvidenceManifest>>()
  for (const files of bundles) {
    const manifest = readManifest(files)
    if (typeof manifest === 'string') findingsOf(null, findings)('MANIFEST_FORM', manifest)
    else {
      const { nation } = manifest
      const found = findingsOf(nation, findings)
      if (!trust.logs.has(nation)) found('BUNDLE_NATION', `there are no keys of ${nation}`)
      else if (manifest.format === 'entente-evidence/1') {
        const pair = `${nation} about ${manifest.about}`
        if (evidences.has(pair)) found('BUNDLE_DUPLICATE', `second evidence of ${pair}`)
        else evidences.set(pair, { manifest, files })
      } else if (manifests.has(nation)) found('BUNDLE_DUPLICATE', `a second bundle of ${nation}`)
      else manifests.set(nation, { manifest, files })
    }
  }
  return { manifests, evidences: [...evidences.values()] }
}

function report(
  manifests: ReadonlyMap<Nation, Named>,
  audits: ReadonlyMap<Nation, NationAudit>,
  evidence: readonly Evidence[],
  findings: readonly Finding[],
  trust: Trust,
): AuditReport {
  const nations: Record<Nation, NationReport> = {}
  const remarks: string[] = []
  const { freshnessMs } = trust.roster.witnessPolicy
  for (const [nation, { manifest }] of manifests) {
    const trusted = trust.logs.get(nation)
    if (trusted === undefined) continue
    const own = findings.filter((finding) => finding.nation === nation)
    const audit = audits.get(nation) ?? null
    const shown = evidence.filter(({ about }) => about === nation).length
    const joined = audits.size - (audit === null ? 0 : 1) + shown
    const one = reportNation(manifest, trusted, audit, own, trust.atMs, joined)
    nations[nation] = one
    if (one.stoppedAt !== null) remarks.push(`${nation}: not audited past the ${one.stoppedAt}`)
    else if (!one.checkedContent)
      remarks.push(
        `${nation}: the bundle has no content; decisions and fragments were not replayed`,
      )
    if (one.ageMs !== null && one.ageMs > freshnessMs)
      remarks.push(`${nation}: the newest cosignature is ${Math.floor(one.ageMs / 60_000)} min old`)
  }
  const isExercise = [...manifests.values()].some(({ manifest }) => manifest.exercise !== undefined)
  for (const nation of trust.logs.keys())
    if (!manifests.has(nation)) {
      const about = evidence.filter((one) => one.nation === nation).map((one) => one.about)
      remarks.push(
        about.length === 0
          ? `${nation}: no bundle; its side was not joined`
          : `${nation}: no bundle; joined by what it has shown about ${about.join(', ')}`,
      )
    }
  return {
    atMs: trust.atMs,
    exercise: isExercise ? EXERCISE : null,
    trust: reportTrust(trust),
    nations,
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

function reportTrust({ roster: { members, witnessPolicy } }: Trust): TrustReport {
  return {
    nations: [...members.values()].map(({ nation, root, node: { origin, logKey } }) => ({
      nation,
      root: toBase64url(root),
      origin,
      logKey,
    })),
    witnesses: witnessPolicy.witnesses.map(({ nation, key }) => ({ nation, key })),
    witnessPolicy: witnessPolicy.number,
    quorum: witnessPolicy.quorum,
  }
}
