import type { Answer } from '@entente/node'
import type { Io } from './io.ts'
import { standing } from './rows.ts'
import { clean, formatTable } from './text.ts'

/** An answer: the question, the answer in words, then its rows, those that are marked but not counted last. */
export function formatAnswer(
  { question, words, rows }: Answer,
  io: Pick<Io, 'colour' | 'columns' | 'nowMs'>,
): string {
  const names = [...new Set(rows.flatMap(({ cells }) => Object.keys(cells)))]
  const ordered = [...rows.filter((row) => row.counted), ...rows.filter((row) => !row.counted)]
  const table = formatTable(
    ['counts', 'title', 'originator', ...names, 'marks', 'status', 'as of', 'authority', 'proven'],
    ordered.map((row) => [
      row.counted ? 'yes' : 'no',
      row.title,
      row.originator,
      ...names.map((name) => row.cells[name] ?? ''),
      row.marks.join(', '),
      ...standing(row, io),
    ]),
    io,
  )
  return `${clean(question)}\n${clean(words)}\n\n${table}`
}
