import type { Answer } from '@entente/node'
import type { Nation } from '@entente/schema'
import { summaryText } from '../import-summary.ts'
import type { Io } from '../io.ts'
import { bold, formatTable } from '../text.ts'
import type { DemoFederation } from './federation.ts'
import type { DemoResult } from './run-demo.ts'

/** The demo's one JSON document. */
export function demoJson(
  { ok, problems, statuses, answers, approved, ended, audit, byHand, imported }: DemoResult,
  seconds: number,
): Record<string, unknown> {
  const nations = Object.fromEntries(
    [...statuses].map(([nation, status]) => [
      nation,
      {
        records: status.records,
        released: Object.fromEntries(
          status.partners.map(({ nation: to, sent: { records, fields, withheld } }) => [
            to,
            { records, fields, withheld },
          ]),
        ),
        received: Object.fromEntries(
          status.partners.map(({ nation: from, received: { records, fields } }) => [
            from,
            { records, fields },
          ]),
        ),
        log: {
          origin: status.log.origin,
          size: status.log.size,
          cosignatures: status.log.cosignatures.length,
        },
        audit: {
          leaves: audit.nations[nation]?.leaves ?? 0,
          findings: audit.findings.filter((finding) => finding.nation === nation),
        },
      },
    ]),
  )
  return {
    ok,
    seconds,
    exercise: audit.exercise,
    problems,
    nations,
    answers: [
      answers.sources,
      answers.secondSources,
      {
        question: 'Why does NOR not get what GBR gets of the AN/ASQ-235 record?',
        ...(answers.why as object | null),
      },
    ],
    approved,
    ended,
    byHand,
    ...(imported !== null && { imported }),
  }
}

/** Nation by nation: what went, what was withheld as the originator sees it, and how far it is proven. */
export function renderDemo(result: DemoResult, seconds: number, io: Io): string {
  const rows = [...result.statuses].flatMap(([nation, { partners, log }]) =>
    partners.map(({ nation: to, sent, inSync }) => [
      `${nation} → ${to}`,
      sent.records,
      sent.fields,
      sent.withheld,
      sent.acknowledged ? 'yes' : 'no',
      inSync
        ? `proven, ${log.cosignatures.length} of ${result.statuses.size - 1} cosigned`
        : 'not proven',
    ]),
  )
  return [
    bold('Who holds what of whom', io),
    formatTable(['release', 'records', 'fields', 'withheld', 'acknowledged', 'proof'], rows, io),
    ...[result.answers.sources, result.answers.secondSources].flatMap((answer) => [
      renderAnswer(answer, io),
    ]),
    renderWhy(result, io),
    renderEnded(result, io),
    ...(result.imported === null
      ? []
      : [
          'The example tables’ answers are worked out by hand; these are of the real files, and not compared.',
        ]),
    bold('Joint audit of all bundles', io),
    auditTable(result, io),
    `One release of ${result.byHand.nation} by the recipe of docs/audit-by-hand.md, with openssl, sha256sum, jq and a shell alone`,
    result.byHand.steps.join('\n') || result.byHand.words,
    ...(result.imported === null
      ? []
      : [bold('Real files imported', io), summaryText(result.imported, io)]),
    ...result.problems.map((problem) => `PROBLEM: ${problem}`),
    `${verdict(result)} ${seconds.toFixed(1)} s.`,
  ].join('\n\n')
}

function renderEnded({ ended }: DemoResult, io: Io): string {
  const { agreement, from, to, values, gone, acknowledged } = ended
  const title = `An agreement ended while this ran: ${agreement}, of ${from} with ${to}`
  return `${bold(title, io)}\n${to} lost ${values} values ${gone} ms after its last moment, and had acknowledged that after ${acknowledged} ms.`
}

/** Every log, verified from its files. */
function auditTable({ audit, statuses }: DemoResult, io: Io): string {
  const { nations, findings } = audit
  const rows = [...statuses].map(([nation, { log }]) => [
    log.origin,
    nations[nation]?.leaves ?? 0,
    nations[nation]?.stoppedAt ?? 'every decision replayed',
    findings.filter((finding) => finding.nation === nation).length,
  ])
  const leaves = Object.values(nations).reduce((sum, each) => sum + each.leaves, 0)
  const table = formatTable(['log', 'leaves opened', 'verified', 'findings'], rows, io)
  return `${table}\n\n${leaves} leaves of ${statuses.size} logs opened, replayed and joined: ${findings.length} findings`
}

function verdict({ ok, imported }: DemoResult): string {
  if (!ok) return 'Not as it should be.'
  return imported === null
    ? 'All as worked out by hand.'
    : 'Every pair verified, and the audit is clean.'
}

const shown = 12

function renderAnswer({ question, words, rows }: Answer, io: Io): string {
  const columns = [...new Set(rows.flatMap(({ cells }) => Object.keys(cells)))]
  const table = formatTable(
    ['whose', ...columns, 'mark', 'as of', 'authority'],
    rows
      .slice(0, shown)
      .map((row) => [
        row.originator,
        ...columns.map((column) => row.cells[column] ?? ''),
        row.counted ? 'counted' : row.marks.join(', '),
        row.asOf,
        row.authority,
      ]),
    io,
  )
  const more =
    rows.length > shown ? `\n… ${rows.length - shown} more; \`entente ask\` shows all` : ''
  return `${bold(question, io)}\n${words}\n${table}${more}`
}

interface Why {
  readonly differences: readonly { readonly field: string; readonly words: string }[]
}

function renderWhy({ answers }: DemoResult, io: Io): string {
  const { differences } = (answers.why ?? { differences: [] }) as unknown as Why
  return [
    bold(
      'Why does NOR not get what GBR gets of the AN/ASQ-235 record? (asked at the USA’s node)',
      io,
    ),
    ...(answers.why === null ? ['the record is not at the node'] : []),
    ...differences.map(({ field, words }) => `${field}: ${words}`),
  ].join('\n')
}

/** What the reader can try while the demo stays up. */
export function invitation(federation: DemoFederation, roster: string, audit: string): string {
  const run = (nation: Nation, verb: string) =>
    `  npx --yes pnpm@12 entente ${verb} --folder ${federation.folderOf(nation)}`
  return [
    'The five nodes stay up; Ctrl-C ends them. In another terminal:',
    'See how a node stands:',
    run('USA', 'status'),
    'Edit a field and watch it arrive (the dataset needs is live, so it goes at once):',
    run('USA', 'record edit "Import reliance: cobalt" --set severity:=4 --reason "try it"'),
    run('GBR', 'record show "Import reliance: cobalt"'),
    'Pause a partner: nothing new goes to it, drops still do:',
    run('USA', 'partner pause NOR'),
    'Break a byte and run the audit:',
    `  printf X | dd of=${audit}/usa/log/tile/entries/000.p/${'$'}(ls ${audit}/usa/log/tile/entries/000.p | head -1) bs=1 seek=40 conv=notrunc`,
    `  npx --yes pnpm@12 entente audit verify ${audit}/* --trust ${roster}`,
  ].join('\n')
}
