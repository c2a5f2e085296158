import { readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { expect } from 'vitest'
import type { RunningNode } from '../src/node.ts'
import type { LoneNode } from './lone-node.ts'

const said = { author: 'planner', reason: 'a round trip' }
let files = 0

/** More rows than this are read back from CSV alone: a workbook takes its time and is no different. */
const bookRows = 600

/** Exports all records of a kind, twice as CSV and once as a workbook, and reads them back. */
export async function roundTrip(
  { node, base }: Pick<LoneNode, 'node' | 'base'>,
  kind: string,
  dataset?: string,
): Promise<number> {
  const path = (ending: string) => join(base, `back-${++files}.${ending}`)
  const write = (ending: string) =>
    node.exportTable({ kind, path: path(ending), ...(dataset && { dataset }) })
  const csv = await write('csv')
  const tables = [csv, ...(csv.records > bookRows ? [] : [await write('xlsx')])]
  for (const { path: file } of tables) {
    const back = await node.importStage({ file, path: file, ...said })
    const { id, read, unchanged } = back
    const other = await Promise.all(
      (['changed', 'refused', 'flagged'] as const).map((section) =>
        node.importRows({ id, section }),
      ),
    )
    expect(other.flat(), file).toEqual([])
    expect({ read, unchanged }).toEqual({ read: csv.records, unchanged: csv.records })
  }
  expect(readFileSync((await write('csv')).path, 'utf8')).toBe(readFileSync(csv.path, 'utf8'))
  return csv.records
}

export async function importTable(
  node: RunningNode,
  path: string,
  mapping: string,
): Promise<number> {
  const { id, created } = await node.importStage({
    file: basename(path),
    path,
    mapping: { file: 'mapping.yaml', text: mapping },
    ...said,
  })
  await node.importApply({ id, author: said.author })
  return created
}
