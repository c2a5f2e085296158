import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { ImportError } from '../src/import/import-error.ts'
import { openTable } from '../src/import/table/open-table.ts'
import {
  type Cell,
  fileSource,
  type TableInfo,
  type TableOptions,
  type TableSource,
} from '../src/import/table/table.ts'

/** Text or bytes as a file that is handed out in parts of that size. */
export function sourceOf(content: string | Uint8Array, name = 'table.csv', size = 1 << 16) {
  const bytes = Buffer.from(content)
  return {
    name,
    path: '',
    open: async function* () {
      for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
    },
  } satisfies TableSource
}

/** A folder that goes when the tests of the file have run. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'entente-table-'))
  afterAll(() => rmSync(folder, { recursive: true }))
  return folder
}

/** Writes bytes as a file into a folder. */
export function fileOf(folder: string, bytes: Uint8Array, name: string): TableSource {
  const path = join(folder, name)
  writeFileSync(path, bytes)
  return fileSource(path, name)
}

export interface Reading {
  readonly info: TableInfo
  /** Rows that could be read. */
  readonly rows: readonly { readonly row: number; readonly cells: Record<string, Cell> }[]
  readonly errors: readonly {
    readonly row: number
    readonly code: string
    readonly message: string
  }[]
}

export async function read(source: TableSource, options?: TableOptions): Promise<Reading> {
  const table = await openTable(source, options)
  const rows: Reading['rows'][number][] = []
  const errors: Reading['errors'][number][] = []
  for await (const row of table.rows())
    if ('error' in row)
      errors.push({ row: row.row, code: row.error.code, message: row.error.message })
    else rows.push({ row: row.row, cells: Object.fromEntries(row.cells) })
  return { info: table.info, rows, errors }
}

/** Why a file as a whole is refused; fails for one that is not, or with another error. */
export async function refusal(source: TableSource, options?: TableOptions): Promise<ImportError> {
  const error: unknown = await read(source, options).catch((thrown: unknown) => thrown)
  if (error instanceof ImportError) return error
  throw new Error('the file was not refused by a code', { cause: error })
}

/** Cells of the rows in order, by the columns of the table. */
export const grid = ({ rows }: Reading): readonly (readonly Cell[])[] =>
  rows.map(({ cells }) => Object.values(cells))

/** Text in an encoding of one or two bytes a character; the platform only decodes those. */
export function encode(text: string, encoding: string): Uint8Array {
  const bytes = codesOf(encoding)
  return Uint8Array.from(
    [...text].flatMap((character) => {
      const code = bytes.get(character)
      if (!code) throw new Error(`${encoding} has no ${character}`)
      return code
    }),
  )
}

function codesOf(encoding: string): ReadonlyMap<string, readonly number[]> {
  const decoder = new TextDecoder(encoding)
  const bytes = new Map<string, readonly number[]>()
  const learn = (...code: readonly number[]) => {
    const character = decoder.decode(Uint8Array.from(code))
    if ([...character].length === 1 && character !== '\ufffd' && !bytes.has(character))
      bytes.set(character, code)
  }
  for (let one = 0; one < 0x100; one += 1) learn(one)
  for (let lead = 0x81; lead < 0xff; lead += 1)
    for (let trail = 0x40; trail < 0xff; trail += 1) learn(lead, trail)
  return bytes
}
