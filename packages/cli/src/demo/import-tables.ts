import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { ImportSummary } from '@entente/node'
import type { Nation } from '@entente/schema'
import { CliError } from '../cli-error.ts'
import { type SignableSummary, summarise } from '../import-summary.ts'
import { figuresOf } from '../import-text.ts'
import { examplePath, readManifest, readPublicData } from './examples.ts'
import type { DemoFederation } from './federation.ts'
import type { Talk } from './run-demo.ts'

const author = 'exercise analyst'
const goesOn: readonly string[] = ['ready', 'applying', 'applied']

/** A table of a nation: one of the examples, or a real file in full. */
export interface DemoTable {
  readonly nation: Nation
  readonly file: string
  readonly path: string
  readonly mapping: string
  readonly real: boolean
}

/**
 * What the nations import: the example tables; with a folder of real files those instead of the tables derived from them.
 * @throws {CliError} `FILE_MISSING` when the folder lacks a file
 */
export function tablesOf(
  nations: readonly Nation[],
  data: string | undefined,
): readonly DemoTable[] {
  const { imports } = readManifest()
  const full = data === undefined ? {} : readPublicData()
  return nations.flatMap((nation) => {
    const { imports: real = [], instead = [] } = full[nation] ?? {}
    return [
      ...(imports[nation] ?? [])
        .filter(({ file }) => !instead.includes(file))
        .map((each) => ({ ...each, nation, path: examplePath(each.file), real: false })),
      ...real.map(({ file, mapping }) => ({
        nation,
        file,
        path: found(resolve(data ?? '', file)),
        mapping: `public-data/${mapping}`,
        real: true,
      })),
    ]
  })
}

/** Imports the tables, each nation's one after the other. @returns what became of the real ones */
export async function importAll(
  federation: DemoFederation,
  tables: readonly DemoTable[],
  talk: Talk,
): Promise<SignableSummary['imports']> {
  let done = 0
  const lines = federation.nations.map(async (nation) => {
    const real: ImportSummary[] = []
    for (const table of tables.filter((each) => each.nation === nation)) {
      const summary = await importTable(federation, table, talk)
      if (table.real) real.push(summary)
      talk.progress({ stage: 'import', done: ++done, total: tables.length })
    }
    return summarise(nation, real)
  })
  return (await Promise.all(lines)).flat()
}

async function importTable(
  federation: DemoFederation,
  { nation, file, path, mapping, real }: DemoTable,
  talk: Talk,
): Promise<ImportSummary> {
  const node = federation.api(nation)
  const text = readFileSync(examplePath(mapping), 'utf8')
  const given = { file: mapping, text, signatures: federation.signMapping(nation, text) }
  const { name } = await node.mappingSave({ ...given, author })
  // Staged by an earlier run that was cut off: gone on with, not done again.
  const before = (await node.importList()).find(
    (each) => each.file === file && each.mapping === name && goesOn.includes(each.state),
  )
  const request = { file, path, mapping: { name }, author, reason: 'demo import' }
  const { id, state } = before ?? (await node.importStage(request))
  const summary =
    before !== undefined && state === 'applied' ? before : await node.importApply({ id, author })
  if (real) talk.say(`${nation}: ${figuresOf(summary)}`)
  else
    for (const { row, refusal } of await node.importRows({ id, section: 'refused' }))
      talk.say(`${file} row ${row}: ${refusal?.code}: ${refusal?.reason}`)
  return summary
}

function found(path: string): string {
  if (existsSync(path)) return path
  throw new CliError(
    'FILE_MISSING',
    `there is no file ${path}; examples/public-data/README.md says where it comes from`,
  )
}
