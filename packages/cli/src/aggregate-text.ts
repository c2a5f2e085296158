import type { AggregateAnswer, AggregateCell } from '@entente/node'
import { Aggregate, formatLabel, type Json } from '@entente/schema'
import type { Io } from './io.ts'
import { count, formatTable } from './text.ts'
import { formatValue } from './value.ts'

/** Aggregates cell by cell. @param words what each outcome is called here */
export function formatAggregates(
  { edition, aggregates }: AggregateAnswer,
  words: Readonly<Record<AggregateCell['outcome'], string>>,
  io: Io,
): string {
  if (aggregates.length === 0)
    return `Edition ${edition} of the policy defines no aggregates: write them under aggregates (docs/policy.md).`
  return aggregates
    .map(({ id, title, cells }) => {
      const rows = cells.map((each) => [
        each.cell,
        words[each.outcome],
        each.contributors,
        each.value === null ? '-' : formatAggregate(each.value),
        each.label === null ? '-' : formatLabel(each.label),
        each.left === 0 ? each.because : `${each.because}; ${sayLeft(each.left)}`,
      ])
      const head = ['cell', '', 'contributors', 'value', 'label', 'because']
      return `${id}: ${title}\n${formatTable(head, rows, io)}`
    })
    .join('\n\n')
}

const sayLeft = (left: number): string =>
  `${count(left, 'record')} left out: not active, not valid today, silent on it, or edited apart`

/** The published band in words: `300 to below 1000 each per year`. */
export function formatAggregate(value: Json): string {
  const parsed = Aggregate.safeParse(value)
  if (!parsed.success) return formatValue(value)
  const { value: band, unit } = parsed.data
  return band.to === undefined
    ? `${band.from} or more ${unit}`
    : `${band.from} to below ${band.to} ${unit}`
}
