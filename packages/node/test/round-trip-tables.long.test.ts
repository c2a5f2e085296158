import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Kind, Nation } from '@entente/schema'
import { describe, expect, test } from 'vitest'
import { openLoneNode } from './lone-node.ts'
import { importTable, roundTrip } from './round-trip.ts'

const root = new URL('../../../', import.meta.url)
const at = (path: string): string => fileURLToPath(new URL(path, root))

interface Imports {
  readonly file: string
  readonly mapping: string
}

/** Imports tables into a node of a nation and sends every kind of record round. */
async function tablesOf(nation: Nation, imports: readonly Imports[]): Promise<number> {
  await using lone = await openLoneNode(nation)
  for (const { file, mapping } of imports)
    await importTable(lone.node, file, readFileSync(mapping, 'utf8'))
  let records = 0
  for (const kind of Kind.options)
    if ((await lone.node.recordList({ kind, limit: 1 })).length > 0)
      records += await roundTrip(lone, kind)
  return records
}

describe('the example tables come back as they were', () => {
  const manifest = JSON.parse(readFileSync(at('examples/manifest.json'), 'utf8')) as {
    readonly imports: Readonly<Record<string, readonly Imports[]>>
  }
  test.each(Object.entries(manifest.imports))(
    'of %s',
    async (nation, imports) => {
      const files = imports.map(({ file, mapping }) => ({
        file: at(`examples/${file}`),
        mapping: at(`examples/${mapping}`),
      }))
      const records = await tablesOf(Nation.parse(nation), files)
      expect(records).toBeGreaterThan(30)
      process.stdout.write(`${records} example records of ${nation} came back as they were\n`)
    },
    240_000,
  )
})

describe('the published tables come back as they were', () => {
  const shared = new URL('../shared/data/', root)
  const present = existsSync(shared) && existsSync(at('examples/public-data/manifest.json'))
  const manifest = present
    ? (JSON.parse(readFileSync(at('examples/public-data/manifest.json'), 'utf8')) as Readonly<
        Record<string, { readonly imports: readonly Imports[] }>
      >)
    : { none: { imports: [] } }
  if (!present)
    process.stdout.write('skipped: 3 nations’ published tables, ../shared/data is absent\n')

  test.skipIf(!present).each(Object.entries(manifest))(
    'of %s',
    async (nation, { imports }) => {
      const files = imports.map(({ file, mapping }) => ({
        file: fileURLToPath(new URL(file, shared)),
        mapping: at(`examples/public-data/${mapping}`),
      }))
      const records = await tablesOf(Nation.parse(nation), files)
      process.stdout.write(`${records} published records of ${nation} came back as they were\n`)
    },
    300_000,
  )
})
