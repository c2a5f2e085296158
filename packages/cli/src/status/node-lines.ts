import type { Status } from '@entente/node'
import type { Io } from '../io.ts'
import { count, formatTime, red } from '../text.ts'

/** Ports, records, policy, log, quorum, witness: the figures behind the page. */
export function sayNode(status: Status, io: Io): string {
  const { ports, running, records, needs, policy, log, witness } = status
  const cosigned = log.cosignatures.length === 0 ? 'nobody' : log.cosignatures.join(', ')
  const lacking = log.missing.map(({ nation: witness, lastAtMs }) =>
    lastAtMs === null ? `${witness} (never)` : `${witness} since ${formatTime(lastAtMs)}`,
  )
  const missing = lacking.length === 0 ? '' : `; missing: ${lacking.join(', ')}`
  return [
    `Ports:    ${ports.length === 0 ? `none open${running ? '' : ': this node is not running'}` : ports.join(', ')}`,
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
