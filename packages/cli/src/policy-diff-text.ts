import { type BoundaryChange, formatIsoDate, gainOf, type HeldChange } from '@entente/policy'
import { formatLabel } from '@entente/schema'
import type { Io } from './io.ts'
import type { Comparison } from './policy-compare.ts'
import { bold, clean, count, formatTable, wrap } from './text.ts'

/** Rows of each table that are shown where not all are asked for. */
const shown = 10

/** Who gains and who loses what: counts first, then examples. */
export function formatDiff({ answer, offline }: Comparison, io: Io, all: boolean): string {
  const { held, boundary } = answer
  const limit = all ? Number.POSITIVE_INFINITY : shown
  const over =
    offline === null
      ? `Over ${count(held.records, 'record')} held`
      : `Not over what is held, since ${offline}: over ${count(held.records, 'record')} of the tests`
  const nothing = held.changes.length + boundary.changes.length === 0
  return [
    wrap(
      `${over}${saidWhen(answer)}, and ${count(boundary.questions, 'sort')} of questions that can be told apart.`,
      io,
    ),
    ...(nothing ? ['Nothing moves.'] : [totals(answer, io)]),
    ...section('Fields of records', held.changes, limit, (rows) => heldTable(rows, answer, io), io),
    ...section(
      'Any record of such a sort',
      boundary.changes,
      limit,
      (rows) => sortTable(rows, io),
      io,
    ),
  ].join('\n\n')
}

function saidWhen({ at }: Comparison['answer']): string {
  if (at === null) return ''
  const [before, after] = [formatIsoDate(at.beforeMs), formatIsoDate(at.afterMs)]
  return before === after ? ` on ${after}` : `, from ${before} to ${after}`
}

function totals({ held, boundary }: Comparison['answer'], io: Io): string {
  const nations = new Set([
    ...held.changes.map(({ nation }) => nation),
    ...boundary.changes.flatMap((change) => change.nations),
  ])
  const rows = [...nations].sort().map((nation) => {
    const mine = held.changes.filter((change) => change.nation === nation)
    const sorts = boundary.changes.filter((change) => change.nations.includes(nation))
    return [
      nation,
      fieldsIn(mine.filter(isGain)),
      fieldsIn(mine.filter((change) => !isGain(change))),
      sorts.filter(isGain).length,
      sorts.filter((change) => !isGain(change)).length,
    ]
  })
  return formatTable(
    ['nation', 'gains fields', 'loses fields', 'gains sorts', 'loses sorts'],
    rows,
    io,
  )
}

type Move = Pick<HeldChange, 'before' | 'after' | 'roles'>
const isGain = ({ before, after, roles }: Move) => gainOf(before, after, roles) > 0
/** What goes, and to whom there where that moves. */
function saidOf({ roles, ...move }: Move, when: 'before' | 'after'): string {
  if (roles === undefined) return move[when]
  return `${move[when]} for ${roles[when]?.join(', ') ?? 'every role'}`
}
const fieldsIn = (changes: readonly HeldChange[]) =>
  changes.reduce((sum, { records }) => sum + records, 0)

function section<T>(
  title: string,
  rows: readonly T[],
  limit: number,
  format: (rows: readonly T[]) => string,
  io: Io,
): readonly string[] {
  if (rows.length === 0) return []
  const first = rows.slice(0, limit)
  const more = rows.length - first.length
  const rest = more === 0 ? [] : [`… and ${more} more: --all names them, --json has them too`]
  return [[bold(title, io), format(first), ...rest].join('\n')]
}

const heldTable = (rows: readonly HeldChange[], { titles }: Comparison['answer'], io: Io): string =>
  formatTable(
    ['nation', 'field', 'was', 'becomes', 'records', 'such as'],
    rows.map(({ nation, kind, field, records, examples, ...move }) => [
      nation,
      `${kind}.${field}`,
      saidOf(move, 'before'),
      saidOf(move, 'after'),
      records,
      examples.map((id) => titles[id] ?? id).join('; '),
    ]),
    io,
  )

const sortTable = (rows: readonly BoundaryChange[], io: Io): string =>
  formatTable(
    ['nations', 'field', 'was', 'becomes', 'where it is', 'from'],
    rows.map((change) => [
      change.nations.join(', '),
      `${change.kind}.${change.field}${change.fields.length === 1 ? '' : ` and ${change.fields.length - 1} more`}`,
      saidOf(change, 'before'),
      saidOf(change, 'after'),
      sortOf(change),
      change.on,
    ]),
    io,
  )

function sortOf({ label, purpose, confidence, regimes, asOf }: BoundaryChange): string {
  return [
    formatLabel(label),
    ...(purpose === 'use' ? [] : [`to ${purpose}`]),
    ...(confidence === null ? [] : [`confidence ${confidence}`]),
    ...(regimes.length === 0 ? [] : [`tagged ${regimes.join(', ')}`]),
    ...(asOf === null ? [] : [`of ${asOf}`]),
  ].join('; ')
}

/** What signing needs of it, and how the two editions hang together. */
export function sayVerdict({ answer }: Comparison, io: Io): string {
  const { before, after, nation, widens, held, boundary } = answer
  const moves = held.losses + boundary.losses > 0
  const lines = [
    widens.length === 0
      ? `${moves ? 'It only narrows' : 'It lets nothing more go'}: one authority may sign it, unless the roster asks for more.`
      : `It lets more go (${widens.join('; ')}): where ${nation} has more than one authority, two must sign it.`,
  ]
  if (before !== null && after.edition <= before.edition)
    lines.push(`Raise the edition: ${after.edition} does not come after ${before.edition}.`)
  if (before !== null && after.supersedes === null)
    lines.push(`To bind it to edition ${before.edition}, write supersedes: ${before.digest}`)
  if (before !== null && after.supersedes !== null && after.supersedes !== before.digest)
    lines.push(
      `It says that it replaces another edition than this one: write supersedes: ${before.digest}`,
    )
  return lines.map((line) => wrap(clean(line), io)).join('\n')
}
