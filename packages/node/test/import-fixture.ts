import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Label } from '@entente/schema'
import { afterAll } from 'vitest'
import { parseMapping } from '../src/import/mapping/parse-mapping.ts'
import { readDrafts } from '../src/import/read-drafts.ts'
import type { RowResult } from '../src/import/row-result.ts'
import { openTable } from '../src/import/table/open-table.ts'
import { fileSource, type TableSource } from '../src/import/table/table.ts'

export const shareable: Label = {
  classification: 'UNCLASSIFIED',
  releasableTo: ['PARTNERS'],
  caveats: [],
}

export const mapping = `
mapping: test
edition: 1
kind: capability
dataset: production
originator: nation
source: { document: { const: a test }, row: id }
key: [id]
asOf: { column: date, as: date }
dates: M/D/YYYY
handling: { originator_control: false, onward_release: ask }
missing: [NA, "NULL"]
labels:
  P: UNCLASSIFIED//REL TO PARTNERS
  G: UNCLASSIFIED//REL TO PARTNERS
  R: UNCLASSIFIED//REL TO PARTNERS
  B: SECRET
labelsOf:
  NOR: { B: "CONFIDENTIAL//REL TO NOR,USA" }
fields:
  title: title
  supplier: { column: maker, as: party }
  place: { column: place, as: place, home: USA, values: { "MONTREAL, CN": CAN } }
  rate_max:
    object:
      number: { column: rate, as: decimal, missing: ["0"] }
      unit: { const: each }
      per: { column: per, values: { Monthly: month, Yearly: year } }
    require: [number]
  unit_cost:
    object:
      amount:
        column: cost
        as: decimal
        shift: { column: cost_unit, values: { Dollars: 0, Thousands: 3, Millions: 6 } }
      currency: { const: USD }
    require: [amount]
  owner_contact: contact
  trl: { column: trl, as: integer }
`

export const header = 'id,nation,date,title,maker,place,rate,per,cost,cost_unit,contact,trl'
export const good = '1,NOR,3/31/2017,Beacon,Works,Oslo,15,Monthly,0.56,Thousands,Desk 1,7'

/** A folder of the test file's own. */
export function testFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'import-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

export interface ReadOptions {
  readonly name?: string
  readonly as?: string
  /** Bytes handed over at a time. */
  readonly chunk?: number
}

/** Reads a table through a mapping; what spoils the whole file is thrown. */
export async function readFrom(
  folder: string,
  content: string | Uint8Array,
  { name = 'table.csv', as = mapping, chunk }: ReadOptions = {},
): Promise<readonly RowResult[]> {
  const path = join(folder, name)
  writeFileSync(path, content)
  const whole = fileSource(path, name)
  const source: TableSource =
    chunk === undefined ? whole : { ...whole, open: () => cut(whole, chunk) }
  const { mapping: parsed } = parseMapping(as, 'test.yaml')
  return await Array.fromAsync(readDrafts(await openTable(source, parsed.table), parsed))
}

async function* cut(source: TableSource, size: number): AsyncGenerator<Uint8Array> {
  for await (const part of source.open())
    for (let at = 0; at < part.length; at += size) yield part.slice(at, at + size)
}

/** Values of a row's draft by field. */
export const valuesOf = (result: RowResult | undefined): Record<string, unknown> =>
  result?.ok
    ? Object.fromEntries(
        Object.entries(result.draft.fields).map(([name, { value }]) => [name, value]),
      )
    : {}
