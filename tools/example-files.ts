// Reading ../shared/data and writing examples/.
import { mkdirSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { openTable } from '../packages/node/src/import/table/open-table.ts'
import { fileSource } from '../packages/node/src/import/table/table.ts'

const data = new URL('../../shared/data/', import.meta.url)
const out = new URL('../examples/', import.meta.url)

/** A row by column name. */
export type Row = Record<string, string>

/** A source table; `source_row` is the line a reader finds the row on. */
export async function table(path: string): Promise<readonly Row[]> {
  const rows: Row[] = []
  const file = await openTable(fileSource(fileURLToPath(new URL(path, data))))
  for await (const row of file.rows()) {
    if ('error' in row) throw row.error
    const cells = [...row.cells].map(([name, cell]) => [
      name,
      typeof cell === 'string' ? cell : Array.isArray(cell) ? cell.join('; ') : '',
    ])
    rows.push({ ...Object.fromEntries(cells), source_row: String(row.row) })
  }
  return rows
}

/** A small number that depends on the row alone, so that a second run writes the same bytes. */
export const pick = (key: string, below: number): number =>
  [...key].reduce((hash, c) => Math.imul(hash ^ c.charCodeAt(0), 16777619) >>> 0, 2166136261) %
  below

const csvCell = (text: string): string =>
  /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text

export function writeCsv(path: string, rows: readonly Row[]): void {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))]
  const lines = [columns, ...rows.map((row) => columns.map((c) => row[c] ?? ''))].map((line) =>
    line.map(csvCell).join(','),
  )
  write(path, `${lines.join('\n')}\n`, rows.length)
}

export function write(path: string, text: string, rows: number): void {
  const file = new URL(path, out)
  mkdirSync(new URL('.', file), { recursive: true })
  writeFileSync(file, text)
  process.stdout.write(`${String(rows).padStart(5)}  ${path}\n`)
}
