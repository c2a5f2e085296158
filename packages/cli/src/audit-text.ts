import { type AuditReport, findingMeanings } from '@entente/audit'
import type { Io } from './io.ts'
import { bold, clean, count, formatTable, formatTime } from './text.ts'

type Look = Pick<Io, 'colour' | 'columns'>

/** The report for a terminal: verdict, nations, who put which policy in force, findings, remarks. */
export function formatReport(report: AuditReport, io: Look): string {
  const { findings, remarks } = report
  return [
    bold(sayVerdict(report), io),
    formatTable(logHeads, logRows(report), io),
    formatTable(policyHeads, policyRows(report), io),
    ...(findings.length === 0 ? [] : [formatTable(findingHeads, findingRows(report), io)]),
    ...(remarks.length === 0
      ? []
      : [`Not checked, or worth knowing:\n${remarks.map((r) => `  ${clean(r)}`).join('\n')}`]),
  ].join('\n\n')
}

export function sayVerdict({ findings, nations, ok, atMs }: AuditReport): string {
  const names = Object.keys(nations).join(', ')
  const verdict = ok ? 'nothing found' : count(findings.length, 'finding')
  return `Audit of ${names === '' ? 'no nation' : names} at ${formatTime(atMs)}: ${verdict}`
}

export const logHeads = [
  'nation',
  'leaves',
  'root',
  'cosigned by',
  'released',
  'content',
  'releases signed by',
  'findings',
]

export function logRows({ nations }: AuditReport): readonly (readonly (string | number)[])[] {
  return Object.entries(nations).map(([nation, n]) => [
    nation,
    `${n.leaves} of ${n.size}`,
    n.root,
    n.cosignatures.join(', '),
    Object.entries(n.released)
      .map(([to, r]) => `${to} ${count(r.records, 'record')}, ${count(r.fields, 'field')}`)
      .join('; '),
    n.checkedContent ? 'replayed' : 'not replayed',
    `${n.node.name} (${n.node.serial}) ${n.node.key}`,
    n.findings.length,
  ])
}

export const policyHeads = [
  'nation',
  'leaf',
  'edition',
  'from',
  'until',
  'releases',
  'put in force by',
]

export function policyRows({ nations }: AuditReport): readonly (readonly (string | number)[])[] {
  return Object.entries(nations).flatMap(([nation, { policies }]) =>
    policies.map((p) => [
      nation,
      p.index,
      p.edition,
      formatTime(p.from),
      formatTime(p.until),
      p.releases,
      p.authorities.map(({ name, serial, key }) => `${name} (${serial}) ${key}`).join('; '),
    ]),
  )
}

export const findingHeads = ['nation', 'leaf', 'code', 'what it is', 'where']

export function findingRows({ findings }: AuditReport): readonly (readonly (string | number)[])[] {
  return findings.map(({ nation, index, code, message }) => [
    nation ?? '-',
    index ?? '-',
    code,
    findingMeanings[code],
    message,
  ])
}
