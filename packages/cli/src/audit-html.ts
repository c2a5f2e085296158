import type { AuditReport } from '@entente/audit'
import {
  findingHeads,
  findingRows,
  logHeads,
  logRows,
  policyHeads,
  policyRows,
  sayVerdict,
} from './audit-text.ts'
import { clean } from './text.ts'

const STYLE = `body{font:15px/1.5 system-ui,sans-serif;margin:2rem;max-width:80rem}
table{border-collapse:collapse;margin:1rem 0}td,th{border-bottom:1px solid #bbb;padding:.3rem .6rem;text-align:left;vertical-align:top;overflow-wrap:anywhere}
.banner{background:#fd6;color:#000;padding:.4rem .8rem;font-weight:bold}`

/** The report as one page that needs nothing else: no script, no font, no picture. */
export function formatReportHtml(report: AuditReport): string {
  const { exercise, findings, remarks } = report
  const banner = exercise === null ? '' : `<p class="banner">${escapeHtml(exercise)}</p>\n`
  return `${banner === '' ? '' : `<!-- ${escapeHtml(exercise ?? '')} -->\n`}<!doctype html>
<html lang="en"><meta charset="utf-8"><title>${escapeHtml(sayVerdict(report))}</title>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<style>${STYLE}</style>
${banner}<h1>${escapeHtml(sayVerdict(report))}</h1>
<h2>Logs, and the key that signed each release</h2>
${table(logHeads, logRows(report))}
<h2>Policies, and who put them in force</h2>
${table(policyHeads, policyRows(report))}
<h2>Findings</h2>
${findings.length === 0 ? '<p>None.</p>' : table(findingHeads, findingRows(report))}
<h2>Not checked, or worth knowing</h2>
<ul>${remarks.map((remark) => `<li>${escapeHtml(remark)}</li>`).join('')}</ul>
</html>
`
}

function table(heads: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const row = (cells: readonly (string | number)[], tag: 'td' | 'th') =>
    `<tr>${cells.map((cell) => `<${tag}>${escapeHtml(String(cell))}</${tag}>`).join('')}</tr>`
  return `<table>${row(heads, 'th')}\n${rows.map((cells) => row(cells, 'td')).join('\n')}</table>`
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}
const escapeHtml = (text: string): string =>
  clean(text).replace(/[&<>"']/g, (c) => entities[c] ?? c)
