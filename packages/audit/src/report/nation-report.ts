import type { AuthorityCertificate, Nation, NodeCertificate } from '@entente/schema'
import { formatBase64 } from '@entente/tlog'
import type { Manifest } from '../bundle/manifest.ts'
import type { Finding } from '../finding.ts'
import type { NationAudit } from '../nation-audit.ts'
import { historyOf, type Standing, standingAt } from '../replay/released.ts'
import { takingBack } from '../statements/nation-recalls.ts'
import type { TrustedLog } from '../trust.ts'
import type { NationReport, PolicyReport, ReleasedReport, Signer } from './audit-report.ts'
import { reportSteps } from './steps.ts'

/**
 * Counts one nation's part.
 * @param audit null when the bundle could not be gone on with
 * @param joined bundles of other nations that it was joined with
 */
export function reportNation(
  manifest: Manifest,
  { member }: TrustedLog,
  audit: NationAudit | null,
  findings: readonly Finding[],
  atMs: number,
  joined: number,
): NationReport {
  const stoppedAt = audit === null ? stopOf(findings) : null
  const checkedContent = audit !== null && manifest.withContent
  const head = audit?.history.head
  const newest = head?.cosignatures.at(-1)?.atMs
  return {
    origin: member.node.origin,
    stoppedAt,
    size: head?.size ?? 0,
    root: head === undefined ? '' : formatBase64(head.root),
    leaves: audit?.leaves.byIndex.size ?? 0,
    erased: audit?.leaves.erased.size ?? 0,
    statements: audit === null ? {} : countKinds(audit),
    released: audit === null ? {} : countReleased(audit),
    received: audit === null ? {} : countReceived(audit),
    cosignatures: (head?.cosignatures ?? []).map(({ nation }) => nation).sort(),
    ageMs: newest === undefined ? null : Math.max(0, atMs - newest),
    node: signerOf(member.node),
    policies: audit === null ? [] : countPolicies(audit),
    checkedContent,
    steps: reportSteps(findings, stoppedAt, checkedContent, joined),
    findings,
  }
}

const signerOf = ({ name, serial, key }: AuthorityCertificate | NodeCertificate): Signer => ({
  name,
  serial,
  key,
})

function stopOf(findings: readonly Finding[]): 'bundle' | 'log' {
  const early = /^(MANIFEST|BUNDLE)_/
  return findings.some(({ code }) => early.test(code)) ? 'bundle' : 'log'
}

function countKinds({ leaves }: NationAudit): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { kind } of leaves.byIndex.values()) counts[kind] = (counts[kind] ?? 0) + 1
  return counts
}

function countReleased(audit: NationAudit): Record<Nation, ReleasedReport> {
  const { feeds, entries, recalls, nationRecalls } = audit
  const isRecalled = (feed: string, { seq, digest, entry }: Standing['put']): boolean =>
    recalls.of(feed, seq, digest).length > 0 ||
    takingBack(nationRecalls, audit, entry).some(({ isRevoked }) => !isRevoked)
  const counts: Record<Nation, ReleasedReport> = {}
  for (const feed of feeds.values()) {
    if (feed.subject.of !== 'dataset') continue
    let { records, fields, puts, drops } = counts[feed.recipient] ?? none
    for (const history of historyOf(feed, entries).values()) {
      const last = standingAt(history, Infinity)
      const gone =
        feed.replacedBy !== null ||
        feed.isHandedOver ||
        (last !== null && isRecalled(feed.id, last.put))
      const standing = gone ? null : last
      records += standing === null ? 0 : 1
      fields += standing?.fields.length ?? 0
      puts += history.puts.length
      drops += history.drops.length
    }
    counts[feed.recipient] = { records, fields, puts, drops }
  }
  return counts
}
const none: ReleasedReport = { records: 0, fields: 0, puts: 0, drops: 0 }

function countReceived({ bundle }: NationAudit): NationReport['received'] {
  const counts: Record<Nation, { records: number }> = {}
  for (const { from } of bundle.held) counts[from] = { records: (counts[from]?.records ?? 0) + 1 }
  return counts
}

function countPolicies({ policies, leaves }: NationAudit): PolicyReport[] {
  const releases = new Map<number, number>()
  for (const leaf of leaves.byIndex.values())
    if (leaf.kind === 'release')
      releases.set(leaf.statement.policy, (releases.get(leaf.statement.policy) ?? 0) + 1)
  return [...policies.values()].map(({ leaf: { index, statement }, authorities }) => ({
    index,
    edition: statement.edition,
    digest: statement.digest,
    from: statement.from,
    until: statement.until,
    authorities: authorities.map(signerOf),
    releases: releases.get(index) ?? 0,
  }))
}
