import { type Hash, type Nation, sha256, toBase64url } from '@entente/schema'
import { type BundleFiles, type Manifest, readManifest } from './bundle/manifest.ts'
import { type AddFinding, type Finding, findingsOf } from './finding.ts'
import { checkAnswers } from './join/answers.ts'
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

export interface AuditOptions {
  /** Checkpoints that an earlier audit has seen: the logs must still begin with what they commit to. */
  readonly since?: readonly string[]
  /** Faster SHA-256; must give the same bytes. */
  readonly hash?: Hash
  /** Told before each step. */
  readonly onProgress?: (nation: Nation, step: Step) => void
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
  auditTrust: AuditTrust,
  { since = [], hash = sha256, onProgress }: AuditOptions = {},
): Audited {
  const trust = openTrust(auditTrust, hash)
  const findings: Finding[] = []
  const found = (nation: Nation | null): AddFinding => findingsOf(nation, findings)
  const openNote = createOpenNote(trust)
  const manifests = openManifests(bundles, trust, findings)
  const audits = new Map<Nation, NationAudit>()
  for (const [nation, { manifest, files }] of manifests) {
    const trusted = trust.logs.get(nation)
    if (trusted === undefined) continue
    const begin = (step: Step) => onProgress?.(nation, step)
    const audit = auditNation(manifest, files, trusted, trust, openNote, found(nation), begin)
    if (audit !== null) audits.set(nation, audit)
  }

  const checkpoints = createHeldCheckpoints(audits, found)
  checkEarlierCheckpoints(since, trust, openNote, checkpoints, found)
  for (const [nation, audit] of audits) {
    onProgress?.(nation, 'join')
    checkPartnerCheckpoints(audit, trust, openNote, checkpoints, found(nation))
    checkReceived(audit, { audits, trust, openNote, checkpoints, findings: found })
  }
  for (const sender of audits.values())
    for (const recipient of audits.values())
      if (sender !== recipient && !checkpoints.contested.has(sender.nation)) {
        joinPair(sender, recipient, trust.atMs, found)
        checkAnswers(sender, recipient, found(recipient.nation))
      }
  return { report: report(manifests, audits, findings, trust), audits }
}

interface Named {
  readonly manifest: Manifest
  readonly files: BundleFiles
}

function openManifests(
  bundles: readonly BundleFiles[],
  trust: Trust,
  findings: Finding[],
): ReadonlyMap<Nation, Named> {
  const manifests = new Map<Nation, Named>()
  for (const files of bundles) {
    const manifest = readManifest(files)
    if (typeof manifest === 'string') findingsOf(null, findings)('MANIFEST_FORM', manifest)
    else {
      const { nation } = manifest
      const found = findingsOf(nation, findings)
      if (!trust.logs.has(nation)) found('BUNDLE_NATION', `there are no keys of ${nation}`)
      else if (manifests.has(nation)) found('BUNDLE_DUPLICATE', `a second bundle of ${nation}`)
      else manifests.set(nation, { manifest, files })
    }
  }
  return manifests
}

function report(
  manifests: ReadonlyMap<Nation, Named>,
  audits: ReadonlyMap<Nation, NationAudit>,
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
    const joined = audits.size - (audit === null ? 0 : 1)
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
    if (!manifests.has(nation)) remarks.push(`${nation}: no bundle; its side was not joined`)
  return {
    atMs: trust.atMs,
    exercise: isExercise ? EXERCISE : null,
    trust: reportTrust(trust),
    nations,
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
