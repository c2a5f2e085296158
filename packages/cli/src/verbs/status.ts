import type { Status } from '@entente/node'
import { z } from 'zod'
import { EXIT } from '../exit-codes.ts'
import type { Io } from '../io.ts'
import { count, formatTable, formatTime, red } from '../text.ts'
import { defineVerb } from '../verb.ts'

export const statusVerb = defineVerb({
  name: 'status',
  purpose: 'Say in words how the node is: log, quorum, ports, and each partner since when.',
  options: [{ flags: '--check', purpose: 'exit with 6 unless all is well, for scripts' }],
  example: 'status --check',
  next: 'entente release preview, if a dataset has something waiting',
  input: z.strictObject({ check: z.boolean().default(false) }),
  run: async ({ atNode, io }, { check }) => {
    const status = await atNode((api) => api.status())
    return {
      json: { ...status },
      text: [
        sayNode(status, io),
        ...(status.pairing.length === 0 ? [] : [`Pairing:\n  ${status.pairing.join('\n  ')}`]),
        datasets(status, io),
        partners(status, io),
      ].join('\n\n'),
      exit: check && !status.ok ? EXIT.outOfSync : EXIT.done,
    }
  },
})

function sayNode(status: Status, io: Io): string {
  const { nation, state, words, ports, records, needs, policy, log, witness } = status
  const cosigned = log.cosignatures.length === 0 ? 'nobody' : log.cosignatures.join(', ')
  const lacking = log.missing.map(({ nation: witness, lastAtMs }) =>
    lastAtMs === null ? `${witness} (never)` : `${witness} since ${formatTime(lastAtMs)}`,
  )
  const missing = lacking.length === 0 ? '' : `; missing: ${lacking.join(', ')}`
  return [
    `${nation}, ${state}: ${words}`,
    `Ports:    ${ports.length === 0 ? 'none open' : ports.join(', ')}`,
    `Records:  ${records}${sayNeeds(needs)}`,
    ...sayApprovals(needs.approvals, io),
    `Policy:   ${policy === null ? 'none in force: nothing is released' : `edition ${policy.edition}, ${policy.digest}`}`,
    `Log:      ${log.origin}, ${log.size} leaves, ${log.published} published, root ${log.root}`,
    `Quorum:   ${log.quorum} needed; cosigned by ${cosigned}${missing}`,
    ...(log.split === 'detected'
      ? [
          '          with so few witnesses a split is detected, not prevented: consider a neutral one',
        ]
      : []),
    ...(witness.lost === null
      ? []
      : [
          `Witness:  cosigns nothing: ${witness.lost}. Make it a new key: entente witness rotate --root FILE`,
        ]),
  ].join('\n')
}

function sayApprovals(
  { waiting, sinceMs, overdue, ending, endsMs }: Status['needs']['approvals'],
  io: Io,
): readonly string[] {
  const late = overdue > 0 ? `, ${red(`${overdue} overdue`, io)}` : ''
  return [
    ...(waiting === 0 || sinceMs === null
      ? []
      : [
          `Waiting:  ${count(waiting, 'value')} for a release officer since ${formatTime(sinceMs)}${late} (release queue)`,
        ]),
    ...(endsMs === null
      ? []
      : [
          `Ending:   ${count(ending, 'approval')}, the first on ${formatTime(endsMs)}: then what goes by ${ending === 1 ? 'it' : 'them'} is taken back (release queue --approved)`,
        ]),
  ]
}

function sayNeeds({ stale, conflicts, imports, aggregates }: Status['needs']): string {
  const parts = [
    ...(stale > 0 ? [`${stale} stale (record list --stale)`] : []),
    ...(conflicts > 0 ? [`${conflicts} edited apart (record conflicts)`] : []),
    ...(imports > 0 ? [`${count(imports, 'import')} not applied (import list)`] : []),
    ...(aggregates ? ['aggregates to be run (aggregate preview)'] : []),
  ]
  return parts.length === 0 ? '' : `; ${parts.join(', ')}`
}

function datasets({ datasets }: Status, io: Io): string {
  return formatTable(
    ['dataset', 'mode', 'waiting'],
    datasets.map(({ dataset, mode, waiting }) => [dataset, mode, waiting]),
    io,
  )
}

function partners({ partners }: Status, io: Io): string {
  return formatTable(
    ['partner', 'how it is', 'sent', 'fields', 'withheld', 'acknowledged', 'received', 'held back'],
    partners.map(({ nation, words, sent, received }) => [
      nation,
      words,
      sent.records,
      sent.fields,
      sent.withheld,
      sent.refused > 0 ? `${sent.refused} refused` : sent.acknowledged ? 'all' : 'not yet',
      received.records,
      received.quarantined,
    ]),
    io,
  )
}
