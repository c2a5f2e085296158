import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { ImportSummary, NodeApi } from '@entente/node'
import type { Json, Nation } from '@entente/schema'
import { plainCsv } from './plain-csv.ts'

const dataUrl = new URL('../../../shared/data/', import.meta.url)
const mappingsUrl = new URL('../../examples/public-data/', import.meta.url)

/** Whether the real files lie beside the repository; they are no part of it. */
export const present = existsSync(new URL('README.md', dataUrl))

/** Says how many checks do not run for want of the files. */
export function sayIfAbsent(checks: number): void {
  if (!present)
    process.stdout.write(`skipped: ${checks} checks of real files, ../shared/data is absent\n`)
}

const dataPath = (file: string): string => fileURLToPath(new URL(file, dataUrl))
export const dataText = (file: string): string => readFileSync(new URL(file, dataUrl), 'utf8')

/** Rows of a real CSV, read without the importer. */
export const plainRows = (file: string): Record<string, string>[] => plainCsv(dataText(file))

interface Manifest {
  readonly [nation: Nation]: {
    readonly imports: readonly { readonly file: string; readonly mapping: string }[]
  }
}
export const manifest = JSON.parse(
  readFileSync(new URL('manifest.json', mappingsUrl), 'utf8'),
) as Manifest

export const mappingText = (name: string): string =>
  readFileSync(new URL(`${name}.yaml`, mappingsUrl), 'utf8')

/** Imports a real file, or another, through a mapping of `examples/public-data`, or through the text of one. */
export async function importReal(
  api: NodeApi,
  file: string,
  mapping: string,
): Promise<ImportSummary> {
  const text = mapping.includes('\n') ? mapping : mappingText(mapping)
  const path = file.startsWith('/') ? file : dataPath(file)
  const draft = await api.importStage({
    file,
    path,
    mapping: { file: 'mapping.yaml', text },
    author: 'analyst',
    reason: 'a test on real files',
  })
  return api.importApply({ id: draft.id, author: 'analyst' })
}

/** A row of an import that stands as a record: the place of the row among the rows of the file, and its values. */
export interface StandingRow {
  /** From 0, as in `plainRows`. */
  readonly at: number
  readonly fields: Readonly<Record<string, Json>>
}

/** What the node holds of an import, row by row. */
export async function standingRows(
  api: NodeApi,
  { id }: ImportSummary,
): Promise<readonly StandingRow[]> {
  const rows = await api.importRows({ id, section: 'created', limit: 1_000_000 })
  return Promise.all(
    rows.map(async ({ seq, record }) => ({
      at: seq - 1,
      fields: await fieldsOf(api, record ?? ''),
    })),
  )
}

export async function fieldsOf(api: NodeApi, id: string): Promise<Record<string, Json>> {
  const { fields } = await api.recordShow(id)
  return Object.fromEntries(Object.entries(fields).map(([name, { value }]) => [name, value]))
}

/** Codes with their counts, as an object. */
export const tally = (
  counts: readonly { readonly code: string; readonly count: number }[],
): Record<string, number> => Object.fromEntries(counts.map(({ code, count }) => [code, count]))
