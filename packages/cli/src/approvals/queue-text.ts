import type { QueueItem, QueueShown, TakenWord } from '@entente/node'
import type { Io } from '../io.ts'
import { count, formatTable, formatTime, red } from '../text.ts'

/** What waits as a table: what, for whom, as what, why, who has signed of how many, since and until when. */
export function formatItems(items: readonly QueueItem[], io: Io): string {
  return formatTable(
    ['id', 'record', 'field', 'value', 'for', 'as', 'why', 'signed', 'since', 'state'],
    items.map((item) => [
      item.id,
      item.title,
      item.subject.field,
      JSON.stringify(item.disclosure[2]),
      item.subject.recipient,
      item.classification === null
        ? item.subject.level
        : `${item.subject.level}, ${item.classification}`,
      item.because.join('; '),
      signed(item),
      item.sinceMs === null ? '-' : formatTime(item.sinceMs),
      stateOf(item),
    ]),
    io,
  )
}

const signed = ({ signed, needed }: QueueItem): string =>
  `${signed.length} of ${needed}${signed.length === 0 ? '' : `: ${signed.map(({ name }) => name).join(', ')}`}`

function stateOf(item: QueueItem): string {
  const until = item.signed.flatMap(({ untilMs }) => untilMs ?? [])
  const state =
    item.state === 'held' && item.heldUntilMs !== null
      ? `put aside until ${formatTime(item.heldUntilMs)}: ${item.holdReason ?? ''}`
      : item.state === 'approved'
        ? `approved until ${formatTime(Math.min(...until))}`
        : item.overdue
          ? 'OVERDUE'
          : item.state
  return item.standing ? `${state}; the value approved before goes meanwhile` : state
}

/** How much waits, since when, and who may sign. */
export function sayQueue({ items, officers, edition, untilMs }: QueueShown, io: Io): string {
  if (edition === null) return 'No policy is in force, so nothing waits.'
  const waits = items.filter(({ state }) => state === 'waiting')
  const overdue = waits.filter((item) => item.overdue).length
  const line = `${count(waits.length, 'value')} waiting${overdue > 0 ? `, ${red(`${overdue} overdue`, io)}` : ''}; by edition ${edition}, for no longer than ${untilMs === null ? '-' : formatTime(untilMs)}`
  return `${line}\nMay sign: ${officers.join(', ') || 'nobody: certify an officer with entente key officer'}`
}

/** What became of signed words. */
export function formatTaken(words: readonly TakenWord[], io: Io): string {
  return formatTable(
    ['id', 'field', 'for', 'word', 'by', 'outcome', 'leaf'],
    words.map(({ id, field, recipient, decision, by, outcome, index, reason }) => [
      id,
      field,
      recipient,
      decision,
      by ?? '-',
      reason === undefined ? outcome : `${outcome}: ${reason}`,
      index ?? '-',
    ]),
    io,
  )
}
