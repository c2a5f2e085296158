import { type Finding, type FindingCode, findingMeanings } from '../finding.ts'
import type {
  AuditReport,
  NationReport,
  PolicyReport,
  Signer,
  TrustReport,
} from './audit-report.ts'
import { Html, html, nothing, table } from './html.ts'
import { formatAge, formatDate, formatInstant, statementsOf } from './render-parts.ts'
import { verdictOf } from './render-text.ts'
import { auditSteps, stepOf } from './steps.ts'
import { style } from './style.ts'
import { whatToDo } from './what-to-do.ts'

/** Places shown of one finding; the JSON report has all. */
const SHOWN = 50

/**
 * The report as one printable page of HTML, without scripts or links; everything from bundles is escaped. The same report
 * gives the same bytes.
 * @param signedBy verifier key of the auditor under whose signature the page is handed on
 */
export function renderReport(report: AuditReport, signedBy?: string): string {
  const { atMs, exercise, nations, remarks, trust } = report
  const names = Object.keys(nations)
  const page = html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Audit of ${names.join(', ') || 'nothing'}, ${formatDate(atMs)}</title><style>${new Html(style)}</style></head>
<body>
${exercise === null ? nothing : html`<p class="exercise">${exercise}</p>`}
<h1>Audit of ${names.join(', ') || 'nothing'}</h1>
<p class="when">Made ${formatInstant(atMs)} from files alone.</p>
${verdict(report)}
${findingsOf(report)}
${remarks.length === 0 ? nothing : html`<h2>Remarks</h2><p>No findings, but worth knowing.</p><ul>${remarks.map((one) => html`<li>${one}</li>`)}</ul>`}
${Object.entries(nations).map(([nation, one]) => section(nation, one))}
${trustOf(trust)}
<h2>This page</h2>
<p>${
    signedBy === undefined
      ? 'This page is not signed. What it says counts as much as the way it came to you.'
      : html`A signed note goes with this page. It names the SHA-256 of this page and of the report as JSON, the logs and the verdict, under the auditor’s key <code>${signedBy}</code>. Check all three with <code>entente audit report check FILE.note --key VKEY</code>, the key taken from the auditor, not from here.`
  }</p>
</body></html>
`
  return page.text
}

function verdict(report: AuditReport): Html {
  const { ok, nations, findings } = report
  const all = Object.values(nations)
  const leaves = all.reduce((sum, one) => sum + one.leaves, 0)
  const releases = all.reduce((sum, one) => sum + (one.statements['release'] ?? 0), 0)
  const replayed = all.every((one) => one.checkedContent)
  const words = ok
    ? `${leaves} log entries were opened and verified, among them ${releases} releases. ${replayed ? 'Every decision and every released value was made again and is the same.' : 'Not every bundle has content, so not every decision was made again.'}`
    : findings.length === 0
      ? 'No bundle of a nation in the roster could be read.'
      : `Found against ${[...new Set(findings.map(({ nation }) => nation ?? 'an unknown nation'))].join(', ')}. Each finding below says what it means and what to do.`
  return html`<div class="verdict ${ok ? 'ok' : 'bad'}"><strong>Verdict: ${verdictOf(report)}</strong><p>${words}</p></div>`
}

function findingsOf({ findings }: AuditReport): Html {
  if (findings.length === 0) return nothing
  const groups = Map.groupBy(findings, ({ code, nation }) => `${nation ?? '?'} ${code}`)
  return html`<h2>Findings</h2>
${[...groups.values()].map(findingGroup)}`
}

/** Findings of one code against one nation: said once what it means, then each place. */
function findingGroup(group: readonly Finding[]): Html {
  const [{ code, nation } = { code: 'BUNDLE_FORM' as FindingCode, nation: null }] = group
  const step = auditSteps.find((one) => one.step === stepOf(code))
  const more = group.length - SHOWN
  return html`<div class="finding"><h3>${nation ?? 'Unknown nation'}: ${findingMeanings[code]}</h3>
<ul>${group.slice(0, SHOWN).map(({ index, message }) => html`<li>${placeOf(index, message)}${message}</li>`)}${more > 0 ? html`<li>and ${more} more; the JSON report has all</li>` : nothing}</ul>
<p><strong>What to do.</strong> ${whatToDo(code)}</p>
<p class="note">Step ${step?.step ?? ''}, ${step?.title.toLowerCase() ?? ''} · <code>${code}</code> · ${group.length}</p></div>
`
}

/** Names the leaf where the message does not. */
const placeOf = (index: number | undefined, message: string): string =>
  index === undefined || /^(leaf|release) \d/.test(message) ? '' : `leaf ${index}: `

function section(nation: string, one: NationReport): Html {
  const facts: (readonly [string, string | Html])[] = [
    ['Log', one.origin],
    ['Entries', `${one.leaves} of ${one.size} opened and verified`],
    ['Root', one.root === '' ? 'unknown' : html`<code>${one.root}</code>`],
    ['Statements', statementsOf(one) || 'none'],
    [
      'Cosigned by',
      `${one.cosignatures.join(', ') || 'nobody'}${one.ageMs === null ? '' : `, ${formatAge(one.ageMs)} before the audit`}`,
    ],
    ['Replayed', one.checkedContent ? 'every decision and every fragment' : 'no: no content'],
    ['Releases run by', signer(one.node)],
  ]
  return html`<h2>${nation}</h2>
${table([], facts, 'facts')}
<h3>What was checked</h3>
${table(
  ['', 'Step', 'What was done', 'Outcome'],
  one.steps.map(({ step, title, what, findings, notTaken }) => [
    step,
    title,
    what,
    findings > 0
      ? html`<span class="fail">${findings} ${findings === 1 ? 'finding' : 'findings'}</span>`
      : notTaken === null
        ? html`<span class="pass">nothing found</span>`
        : html`<span class="skip">not done: ${notTaken}</span>`,
  ]),
  'steps',
)}
${exchange(one)}
${policies(one)}`
}

function exchange({ released, received }: NationReport): Html {
  const partners = [...new Set([...Object.keys(released), ...Object.keys(received)])].sort()
  if (partners.length === 0) return nothing
  const rows = partners.map((partner) => {
    const { records = 0, fields = 0, puts = 0, drops = 0 } = released[partner] ?? {}
    return [partner, records, fields, puts, drops, received[partner]?.records ?? 0]
  })
  return html`<h3>Released and received</h3>
${table(
  [
    'Partner',
    'Records it may hold now',
    'Fields of these',
    'Given, ever',
    'Taken back, ever',
    'Records held from it',
  ],
  rows,
  'counts',
)}`
}

function policies({ policies: list, node }: NationReport): Html {
  if (list.length === 0) return nothing
  const authorities = (policy: PolicyReport) =>
    policy.authorities.length === 0
      ? 'nobody'
      : policy.authorities.map((one) => html`<div>${signer(one)}</div>`)
  return html`<h3>Policies in force</h3>
${table(
  ['Edition', 'From, until', 'Signed by', 'Releases', 'Run by', 'Digest'],
  list.map((policy) => [
    policy.edition,
    `${formatDate(policy.from)} to ${formatDate(policy.until)}`,
    authorities(policy),
    policy.releases,
    `${node.name}, certificate ${node.serial}`,
    html`<code>${policy.digest}</code>`,
  ]),
)}`
}

const signer = ({ name, serial, key }: Signer): Html =>
  html`${name}, certificate ${serial}, key <code>${key}</code>`

function trustOf({ nations, witnesses, witnessPolicy, quorum }: TrustReport): Html {
  return html`<h2>The trust used</h2>
<p>Keys come from the roster that the auditor holds; none is taken from a bundle. A published state of a log needs ${quorum} ${quorum === 1 ? 'cosignature' : 'cosignatures'} of witnesses of other nations (witness policy ${witnessPolicy}). Compare these keys with those you were given in person.</p>
${table(
  ['Nation', 'Root key', 'Log', 'Log key'],
  nations.map(({ nation, root, origin, logKey }) => [
    nation,
    html`<code>${root}</code>`,
    origin,
    html`<code>${logKey}</code>`,
  ]),
)}
${table(
  ['Witness of', 'Witness key'],
  witnesses.map(({ nation, key }) => [nation, html`<code>${key}</code>`]),
)}`
}
