import type { PartnerStatus, Status, Todo } from '../../node-api.ts'
import { ago } from './ago.ts'

type Known = Omit<Status, 'todo' | 'firstSteps'>

/** What needs a person, the most urgent first: what it is, and what to do about it. */
export function todoOf(status: Known): readonly Todo[] {
  const { state, running, words, log, witness, needs, datasets, partners } = status
  const out: Todo[] = []
  const add = (is: boolean, urgent: boolean, words: string, command: string | null): void => {
    if (is) out.push({ urgent, words, command })
  }
  add(state === 'frozen', true, `this node is frozen: ${words}`, 'entente log recover')
  add(
    witness.lost !== null,
    true,
    'this node’s witness cosigns nothing: give it a new key',
    'entente witness rotate --root FILE',
  )
  for (const partner of partners) addPartner(partner, running, add)
  for (const { name, unpurged = [] } of status.siblings ?? [])
    add(
      unpurged.length > 0,
      true,
      `${name} may still hold what was recalled by ${unpurged.map(({ nation }) => nation).join(', ')}: it purges that once it is reached`,
      null,
    )
  const { received } = status
  add(
    received != null && received.trouble !== null && received.isRefused,
    true,
    `what ${received?.from} passes on of partners is refused here: ${received?.trouble}`,
    null,
  )
  const missing = log.missing.map(({ nation }) => nation).join(', ')
  add(
    log.published < log.size && state === 'serving' && missing !== '',
    false,
    `${many(log.size - log.published, 'leaf', 'leaves')} of the log, cosigned by ${many(log.quorum, 'witness', 'witnesses')} at least before they go out; missing: ${missing}`,
    null,
  )
  const { approvals } = needs
  add(
    approvals.waiting > 0,
    approvals.overdue > 0,
    `${approvals.waiting} values wait for a release officer${approvals.overdue > 0 ? `, ${approvals.overdue} overdue` : ''}`,
    'entente release queue',
  )
  for (const { dataset, mode, waiting } of datasets)
    add(
      mode === 'manual' && waiting > 0,
      false,
      `${waiting} changes of ${dataset} wait for an officer to let them go`,
      `entente release preview --dataset ${dataset}`,
    )
  add(
    needs.conflicts > 0,
    false,
    `${needs.conflicts} records were edited apart`,
    'entente record conflicts',
  )
  add(needs.imports > 0, false, `${needs.imports} imports are not applied`, 'entente import list')
  add(
    needs.stale > 0,
    false,
    `${needs.stale} records are due for review`,
    'entente record list --stale',
  )
  const { open, late, awaited } = needs.requests
  add(open > 0, false, `${many(open, 'request')} of partners to be decided`, 'entente request list')
  add(late > 0, true, `${many(late, 'answer')} to partners late`, 'entente request list')
  add(awaited > 0, false, `${many(awaited, 'answer')} of partners late`, 'entente request list')
  add(needs.aggregates, false, 'aggregates are to be run', 'entente aggregate preview')
  return out
}

const many = (n: number, one: string, more = `${one}s`): string => `${n} ${n === 1 ? one : more}`

function addPartner(
  { nation, standing, amber, inSyncAtMs, words, clockOffMs, sent, received }: PartnerStatus,
  running: boolean,
  add: (is: boolean, urgent: boolean, words: string, command: string | null) => void,
): void {
  add(standing === 'forked', true, `${nation}: its log has two histories`, 'entente log evidence')
  add(
    sent.agreed === false,
    true,
    `${nation} counts other entries than we have sealed for it`,
    'entente audit collect',
  )
  add(
    sent.unproven > 0,
    true,
    `${nation} has not proven yet that it purged what ${many(sent.unproven, 'recall')} named; it does so by itself once it is reached`,
    null,
  )
  add(
    amber,
    true,
    `${nation} was last proven in sync at ${new Date(inSyncAtMs ?? 0).toISOString().slice(0, 19)}Z: ${running ? words : 'this node is not running'}`,
    running ? null : 'entente serve',
  )
  add(
    received.quarantined > 0,
    false,
    `${received.quarantined} entries of ${nation} are in quarantine`,
    'entente feed quarantine',
  )
  add(sent.refused > 0, false, `${nation} refused ${sent.refused} of our entries: ask why`, null)
  add(
    clockOffMs !== null,
    true,
    `the clocks of ${nation} and this node are ${ago(Math.abs(clockOffMs ?? 0))} apart (${(clockOffMs ?? 0) > 0 ? nation : 'this node'} is ahead): set them right, or what widens is refused`,
    null,
  )
}
