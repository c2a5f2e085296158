import { type Finding, findingMeanings } from '../finding.ts'
import type { AuditReport, NationReport, PolicyReport } from './audit-report.ts'
import { formatAge, formatDate, formatInstant } from './render-parts.ts'
import { verdictOf } from './render-text.ts'

/** Findings shown in full; the JSON report has all. */
const SHOWN = 500

/** The report as one printable page of HTML, without scripts or links; everything from bundles is escaped. */
export function renderReport(report: AuditReport): string {
  const { atMs, exercise, findings, nations, remarks, ok } = report
  const body = [
    exercise === null ? '' : html`<p class="exercise">${exercise}</p>`,
    html`<h1>Audit of ${Object.keys(nations).join(', ') || 'nothing'}</h1>`,
    html`<p class="${ok ? 'ok' : 'bad'}"><strong>${verdictOf(report)}</strong>, ${formatInstant(atMs)}</p>`,
    findings.length === 0 ? '' : findingsTable(findings),
    ...Object.entries(nations).map(([nation, one]) => section(nation, one)),
    remarks.length === 0
      ? ''
      : `<h2>Remarks</h2><ul>${remarks.map((one) => html`<li>${one}</li>`).join('')}</ul>`,
  ]
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Audit</title><style>${style}</style></head>
<body>
${body.filter((part) => part !== '').join('\n')}
</body></html>
`
}

function section(nation: string, one: NationReport): string {
  const facts: [string, string][] = [
    ['Log', one.origin],
    ['Leaves', `${one.leaves} of ${one.size} opened and verified`],
    ['Root', one.root || 'unknown'],
    [
      'Statements',
      Object.entries(one.statements)
        .map(([kind, count]) => `${count} ${kind}`)
        .join(', ') || 'none',
    ],
    [
      'Cosigned by',
      `${one.cosignatures.join(', ') || 'nobody'}${one.ageMs === null ? '' : `, ${formatAge(one.ageMs)} before the audit`}`,
    ],
    [
      'Replayed',
      one.checkedContent ? 'every decision and every fragment' : 'no: the bundle has no content',
    ],
    ['Releases run by', `${one.node.name}, certificate ${one.node.serial}, key ${one.node.key}`],
  ]
  const rows = facts.map(
    ([name, value]) => html`<tr><th scope="row">${name}</th><td>${value}</td></tr>`,
  )
  return `${html`<h2>${nation}</h2>`}
<table>${rows.join('')}</table>
${exchange(one)}
${policies(one)}`
}

function exchange({ released, received }: NationReport): string {
  const partners = [...new Set([...Object.keys(released), ...Object.keys(received)])].sort()
  const rows = partners.map((partner) => {
    const { records = 0, fields = 0, puts = 0, drops = 0 } = released[partner] ?? {}
    return html`<tr><th scope="row">${partner}</th><td>${records}</td><td>${fields}</td><td>${puts}</td><td>${drops}</td><td>${received[partner]?.records ?? 0}</td></tr>`
  })
  return table(['Partner', 'Records out', 'Fields out', 'Puts', 'Drops', 'Records held from'], rows)
}

function policies({ policies: list, node }: NationReport): string {
  const authorities = (policy: PolicyReport) =>
    policy.authorities
      .map(({ name, serial, key }) => `${name}, certificate ${serial}, key ${key}`)
      .join('; ') || 'nobody'
  const rows = list.map(
    (policy) =>
      html`<tr><th scope="row">${policy.edition}</th><td>${formatDate(policy.from)} to ${formatDate(policy.until)}</td><td>${authorities(policy)}</td><td>${policy.releases}</td><td>${node.name}, certificate ${node.serial}</td><td>${policy.digest}</td></tr>`,
  )
  return table(['Policy', 'In force', 'Signed by', 'Releases', 'Run by', 'Digest'], rows)
}

function findingsTable(findings: readonly Finding[]): string {
  const rows = findings
    .slice(0, SHOWN)
    .map(
      ({ code, nation, index, message }) =>
        html`<tr><th scope="row">${code}</th><td>${nation ?? 'unknown'}</td><td>${index ?? ''}</td><td>${message}</td><td>${findingMeanings[code]}</td></tr>`,
    )
  const more = findings.length - rows.length
  return `<h2>Findings</h2>
${table(['Code', 'Nation', 'Leaf', 'What was found', 'What it means'], rows)}${more > 0 ? html`<p>and ${more} more</p>` : ''}`
}

function table(heads: readonly string[], rows: readonly string[]): string {
  if (rows.length === 0) return ''
  const head = heads.map((name) => html`<th scope="col">${name}</th>`).join('')
  return `<table><thead><tr>${head}</tr></thead><tbody>${rows.join('')}</tbody></table>`
}

/** Fills in text: every value is escaped. */
function html(parts: TemplateStringsArray, ...values: readonly (string | number)[]): string {
  return parts.reduce((out, part, i) => `${out}${escapeHtml(String(values[i - 1] ?? ''))}${part}`)
}

const escapeHtml = (text: string) => text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`)

const style = `
body { font: 11pt/1.4 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #111; }
table { border-collapse: collapse; margin: 0.5rem 0 1rem; width: 100%; }
th, td { border-bottom: 1px solid #bbb; padding: 0.2rem 0.5rem; text-align: left; vertical-align: top; overflow-wrap: anywhere; }
thead th { border-bottom: 2px solid #444; }
.exercise { border: 2px solid #111; padding: 0.3rem; text-align: center; font-weight: bold; }
.ok { color: #0a5c2b; } .bad { color: #a11212; }
h2 { margin-top: 1.5rem; break-after: avoid; } tr { break-inside: avoid; }
@media print { body { margin: 0; max-width: none; font-size: 9pt; } }
`
