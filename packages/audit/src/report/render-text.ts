import { type Finding, findingMeanings } from '../finding.ts'
import type { AuditReport, NationReport } from './audit-report.ts'
import { formatAge, formatDate, released, statementsOf } from './render-parts.ts'

/** The report for a terminal: verdict first, then each nation, then findings and remarks. */
export function renderText(report: AuditReport): string {
  const lines = [
    ...(report.exercise === null ? [] : [report.exercise, '']),
    `Audit of ${Object.keys(report.nations).join(', ') || 'nothing'}: ${verdictOf(report)}`,
  ]
  for (const [nation, one] of Object.entries(report.nations))
    lines.push('', ...nationLines(nation, one))
  if (report.findings.length > 0) lines.push('', 'Findings', ...report.findings.map(findingLine))
  if (report.remarks.length > 0)
    lines.push('', 'Remarks', ...report.remarks.map((one) => `  ${one}`))
  return `${lines.join('\n')}\n`
}

/** In words: what the audit comes to. */
export function verdictOf({ findings, ok }: AuditReport): string {
  if (ok) return 'no findings'
  if (findings.length === 0) return 'nothing was audited'
  return findings.length === 1 ? '1 finding' : `${findings.length} findings`
}

function nationLines(nation: string, one: NationReport): string[] {
  const lines = [
    `${nation}  ${one.origin}`,
    `  log: ${one.size} leaves, ${one.leaves} opened${one.erased > 0 ? `, ${one.erased} erased as declared` : ''}; root ${one.root || 'unknown'}`,
    `  statements: ${statementsOf(one) || 'none'}`,
    `  cosigned by: ${one.cosignatures.join(', ') || 'nobody'}${one.ageMs === null ? '' : `, ${formatAge(one.ageMs)} ago`}`,
    `  replayed: ${one.checkedContent ? 'every decision and fragment' : 'no (the bundle has no content)'}`,
    `  releases run by: ${one.node.name}, certificate ${one.node.serial}, key ${one.node.key}`,
  ]
  for (const policy of one.policies) {
    const by = policy.authorities.map(({ name, serial }) => `${name} (certificate ${serial})`)
    lines.push(
      `  policy ${policy.edition}, ${formatDate(policy.from)} to ${formatDate(policy.until)}, signed by ${by.join(', ') || 'nobody'}: ${policy.releases} releases`,
    )
  }
  for (const [to, counts] of Object.entries(one.released))
    lines.push(`  to ${to}: ${released(counts)}`)
  for (const [from, { records }] of Object.entries(one.received))
    lines.push(`  from ${from}: ${records} records held`)
  return lines
}

const findingLine = ({ code, nation, index, message }: Finding) =>
  `  ${code}  ${nation ?? '?'}${index === undefined ? '' : ` leaf ${index}`}: ${plain(message)} (${findingMeanings[code]})`

// Messages quote bundles: control characters could steer a terminal.
const plain = (text: string) => text.replace(/[\p{Cc}\p{Cf}]+/gu, ' ')
