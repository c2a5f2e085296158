import Table from 'cli-table3'
import type { Io } from './io.ts'

/** Characters that steer a terminal or turn the direction of writing. */
const STEERING = /[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu

/** One line of others' text made safe for a terminal: it cannot draw over what stands beside it. */
export function clean(text: string): string {
  return text.replace(STEERING, '\ufffd')
}

const BOLD = '\u001b[1m'
const PLAIN = '\u001b[22m'

/** A whole answer, about to be written: only line ends and our own bold are left of what steers. */
export function cleanAnswer(text: string): string {
  return text
    .split('\n')
    .map((line) =>
      line
        .split(BOLD)
        .map((bolded) => bolded.split(PLAIN).map(clean).join(PLAIN))
        .join(BOLD),
    )
    .join('\n')
}

const bare = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '  ',
} as const

/** A table without rules; long cells are cut only when the terminal is too narrow for them. */
export function formatTable(
  heads: readonly string[],
  rows: readonly (readonly (string | number)[])[],
  io: Pick<Io, 'colour' | 'columns'>,
): string {
  if (rows.length === 0) return 'nothing'
  const cells = rows.map((row) => row.map((cell) => clean(String(cell))))
  const widths = fit([heads, ...cells], io.columns)
  const table = new Table({
    chars: bare,
    head: heads.map((head) => bold(head, io)),
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
    ...(widths === null ? {} : { colWidths: widths }),
  })
  table.push(...cells.map((row) => [...row]))
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
}

/** Column widths when the natural ones are too wide: the widest columns give way. */
function fit(rows: readonly (readonly string[])[], columns: number | undefined): number[] | null {
  if (columns === undefined) return null
  const widths = (rows[0] ?? []).map((_, i) =>
    Math.max(...rows.map((row) => (row[i] ?? '').length)),
  )
  const room = columns - 2 * (widths.length - 1)
  if (sum(widths) <= room) return null
  while (sum(widths) > room) {
    const widest = widths.indexOf(Math.max(...widths))
    if ((widths[widest] ?? 0) <= 8) break
    widths[widest] = (widths[widest] ?? 0) - 1
  }
  return widths
}

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0)

export function bold(text: string, { colour }: Pick<Io, 'colour'>): string {
  return colour ? `${BOLD}${text}${PLAIN}` : text
}

/** Instant, UTC, to the minute. */
export function formatTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')}Z`
}

/** `1 record`, `2 records`. */
export function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`
}

/** Any JSON value as indented text, for answers whose shape the node chooses. */
export function formatTree(value: unknown, indent = ''): string {
  if (Array.isArray(value)) {
    if (value.every((item) => typeof item !== 'object' || item === null))
      return `${indent}${value.length === 0 ? '-' : value.map(leaf).join(', ')}`
    return value
      .map((item) => formatTree(item, `${indent}  `).replace(`${indent} `, `${indent}-`))
      .join('\n')
  }
  if (typeof value !== 'object' || value === null) return `${indent}${leaf(value)}`
  return Object.entries(value)
    .map(([key, item]) => {
      const flat = formatTree(item)
      return flat.includes('\n')
        ? `${indent}${key}:\n${formatTree(item, `${indent}  `)}`
        : `${indent}${key}: ${flat}`
    })
    .join('\n')
}

const leaf = (value: unknown): string =>
  value === null ? '-' : clean(typeof value === 'string' ? value : JSON.stringify(value))
