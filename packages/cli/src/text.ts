import Table from 'cli-table3'
import type { Io } from './io.ts'

/** Characters that steer a terminal or turn the direction of writing. */
const STEERING = /[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu

/** One line of others' text made safe for a terminal: it cannot draw over what stands beside it. */
export function clean(text: string): string {
  return text.replace(STEERING, '\ufffd')
}

/** Every character that is not seen where it stands: controls, formats, separators of lines. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu

/** One field of others' text, as part of a line that a person decides by: it neither ends the line nor pushes what follows out of it. */
export function cleanField(text: string): string {
  return text.replace(UNSEEN, '\ufffd').replace(/\s{2,}/gu, ' ')
}

const BOLD = '\u001b[1m'
const PLAIN = '\u001b[22m'
const RED = '\u001b[31m'
const UNCOLOURED = '\u001b[39m'
const ours = [BOLD, PLAIN, RED, UNCOLOURED]

/** A whole answer, about to be written: only line ends and our own bold and red are left of what steers. */
export function cleanAnswer(text: string): string {
  const cleaned = (part: string, [mark, ...more]: readonly string[]): string =>
    mark === undefined
      ? clean(part)
      : part
          .split(mark)
          .map((each) => cleaned(each, more))
          .join(mark)
  return text
    .split('\n')
    .map((line) => cleaned(line, ours))
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

type Cells = readonly (readonly string[])[]

/**
 * A table without rules. On a terminal that is too narrow long texts wrap, and what still has no room stands below its row
 * with its column's name; nothing is cut, so that what is read can be copied.
 */
export function formatTable(
  heads: readonly string[],
  rows: readonly (readonly (string | number)[])[],
  io: Pick<Io, 'colour' | 'columns'>,
): string {
  if (rows.length === 0) return 'nothing'
  const cells = rows.map((row) => row.map((cell) => clean(String(cell))))
  const widths = io.columns === undefined ? null : fit(heads, cells, io.columns)
  if (widths === null) return draw([heads.map((head) => bold(head, io)), ...cells]).join('\n')
  const wrap = (row: readonly string[]) =>
    widths.map((width, i) => flow(wordsOf(row[i] ?? ''), width, ' '))
  const table = [
    wrap(heads).map((lines) => lines.map((line) => bold(line, io))),
    ...cells.map(wrap),
  ]
  const lines = draw(table.map((row) => row.map((cell) => cell.join('\n'))))
  return table
    .flatMap((row, i) => {
      const below = (cells[i - 1] ?? []).map((text, at) => text && `${heads[at]} ${text}`)
      const drawn = lines.splice(0, Math.max(1, ...row.map((cell) => cell.length)))
      const parts = below.slice(widths.length).filter((part) => part !== '')
      return [...drawn, ...flow(parts, (io.columns ?? 0) - 3, '  ').map((line) => `   ${line}`)]
    })
    .join('\n')
}

function draw(rows: Cells): string[] {
  const table = new Table({
    chars: bare,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  })
  table.push(...rows.map((row) => [...row]))
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
}

/** Narrower than this a text is hard to read; columns from the right go below their rows instead. */
const LEAST = 20

/** Widths of the columns that have room beside each other, from the left; null when all have it as they are. */
function fit(heads: readonly string[], rows: Cells, columns: number): readonly number[] | null {
  const sizes = heads.map((head, i) => sizeOf([head, ...rows.map((row) => row[i] ?? '')]))
  const needs = (widths: readonly number[]) =>
    widths.reduce((a, b) => a + b, 0) + 2 * (widths.length - 1)
  if (needs(sizes.map(({ natural }) => natural)) <= columns) return null
  let kept = sizes
  while (kept.length > 1 && needs(kept.map(({ least }) => least)) > columns)
    kept = kept.slice(0, -1)
  const widths = kept.map(({ natural }) => natural)
  while (needs(widths) > columns) {
    const slack = widths.map((width, i) => (width > (kept[i]?.least ?? 0) ? width : 0))
    const widest = slack.indexOf(Math.max(...slack))
    if (slack[widest] === 0) break
    widths[widest] = (widths[widest] ?? 0) - 1
  }
  return widths
}

/** How wide a column is, and how narrow it may get: words, ids, dates and times stay whole. */
function sizeOf(texts: readonly string[]): { readonly natural: number; readonly least: number } {
  const natural = Math.max(...texts.map(widthOf))
  const words = texts.flatMap(wordsOf)
  return { natural, least: Math.max(...words.map(widthOf), Math.min(natural, LEAST)) }
}

/** What stays on one line: a word, or a time. */
const wordsOf = (text: string): readonly string[] => (TIME.test(text) ? [text] : text.split(/\s+/))

const TIME = /^\d{4}-\d{2}-\d{2} \d{2}:\d{2}Z$/
/** Characters that a terminal gives two places. @see Unicode Standard Annex 11, wide and fullwidth */
const WIDE =
  /[\p{Extended_Pictographic}\u1100-\u115f\u2329\u232a\u2e80-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{1f1e6}-\u{1f251}\u{20000}-\u{3fffd}]/u
const widthOf = (text: string): number =>
  [...text].reduce((sum, char) => sum + (WIDE.test(char) ? 2 : 1), 0)

/** Parts side by side, on as many lines as they need. */
function flow(parts: readonly string[], columns: number, gap: string): readonly string[] {
  const lines: string[] = []
  for (const part of parts) {
    const last = lines.at(-1)
    if (last !== undefined && widthOf(last + gap + part) <= columns)
      lines[lines.length - 1] = last + gap + part
    else lines.push(part)
  }
  return lines
}

/** A sentence on lines that fit the terminal, each behind an indent; on one line where nobody looks. */
export function wrap(text: string, { columns }: Pick<Io, 'columns'>, indent = ''): string {
  if (columns === undefined) return `${indent}${text}`
  return flow(text.split(' '), Math.max(LEAST, columns - indent.length), ' ')
    .map((line) => `${indent}${line}`)
    .join('\n')
}

export function bold(text: string, { colour }: Pick<Io, 'colour'>): string {
  return colour ? `${BOLD}${text}${PLAIN}` : text
}

/** What is late or wrong, where the terminal has colours; the words must say it too. */
export function red(text: string, { colour }: Pick<Io, 'colour'>): string {
  return colour ? `${RED}${text}${UNCOLOURED}` : text
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
