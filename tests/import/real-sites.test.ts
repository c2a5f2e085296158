import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { NodeApi } from '@entente/node'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createFederation, type Federation } from '../support/federation.ts'
import type { Plain } from './plain-makers.ts'
import {
  dataText,
  importReal,
  plainRows,
  present,
  type StandingRow,
  sayIfAbsent,
  standingRows,
  tally,
} from './real-data.ts'

sayIfAbsent(7)

describe.skipIf(!present)('in the real mines of Australia', () => {
  let federation: Federation
  const file = 'facilities-au/australian_operating_mines_2024.csv'
  let mines: readonly StandingRow[] = []
  let rows: readonly Plain[] = []

  beforeAll(async () => {
    federation = createFederation(['AUS'])
    const api = await federation.open('AUS', { network: false })
    mines = await standingRows(api, await importReal(api, file, 'au-mines'))
    rows = plainRows(file)
  })
  afterAll(() => federation[Symbol.asyncDispose]())

  const where = (column: string, text: string) =>
    mines.filter((mine) => rows[mine.at]?.[column] === text)

  test('a blank behind the state goes', () => {
    expect(where('State', 'QLD ').map(({ fields }) => fields['region'])).toEqual(['QLD', 'QLD'])
  })

  test('letter case of the status does not count, and is kept', () => {
    for (const status of ['Operating mine', 'Operating Mine'])
      for (const { fields } of where('Status', status))
        expect(fields).toMatchObject({ operating_status: 'operating', stage: status })
    expect(where('Status', 'Operating Mine')).toHaveLength(5)
  })

  test('IOT is Christmas Island’s territory, not the ISO code of another', () => {
    expect(where('State', 'IOT').map(({ fields }) => fields['address'])).toEqual([
      { text: 'IOT, Australia', nation: 'AUS' },
    ])
  })

  test('what a group may yield is not what a mine is said to yield', () => {
    const group = 'Battery/Alloy metals - Ni (Co, Cu, PGE)'
    const [mine] = where('Commodity Group', group)
    expect(mine?.fields).toMatchObject({
      materials: ['nickel', 'cobalt', 'copper', 'platinum group elements'],
      materials_basis: 'group',
    })
    expect(where('Commodity Group', 'Coal')[0]?.fields).toMatchObject({
      materials: ['coal'],
      materials_basis: 'named',
    })
  })
})

describe.skipIf(!present)('in the real sites of Canada', () => {
  let federation: Federation
  let api: NodeApi
  const file = 'facilities-ca/nrcan_critical_minerals_2026-06-24.json'
  const rows = () => JSON.parse(dataText(file)) as Plain[]

  beforeAll(async () => {
    federation = createFederation(['CAN'])
    api = await federation.open('CAN', { network: false })
  })
  afterAll(() => federation[Symbol.asyncDispose]())

  test('text that went through a wrong encoding is mended, and says so', async () => {
    const spoilt = rows().filter(({ operator = '' }) => /[éź]/.test(operator))
    const spoil = (text: string) =>
      new TextDecoder('windows-1252').decode(new TextEncoder().encode(text))
    const path = join(federation.root, 'spoilt.json')
    const broken = spoilt.map((row) => ({ ...row, operator: spoil(row['operator'] ?? '') }))
    writeFileSync(path, JSON.stringify(broken))
    const summary = await importReal(api, path, 'nrcan')
    const found = await standingRows(api, summary)
    expect(found.map(({ fields }) => fields['operator'])).toEqual(
      spoilt.map((row) => row['operator']),
    )
    expect(spoilt.map((row) => row['operator'])).toContain('KGHM Polska Miedź S.A.')
    expect(tally(summary.flags)).toMatchObject({ MOJIBAKE: spoilt.length })
  })

  test('two sites of one name and id are two', async () => {
    const found = await standingRows(api, await importReal(api, file, 'nrcan'))
    const refineries = found.filter(({ fields }) => fields['name'] === 'Lithium Refinery')
    expect(refineries.map(({ fields }) => fields['operator'])).toEqual([
      'Frontier Lithium Inc.',
      'Mangrove Lithium',
    ])
  })

  test('a producing mine that is a past producer is flagged, and not mended', async () => {
    const { id } = await importReal(api, file, 'nrcan')
    const sites = await api.importRows({ id, section: 'contradictory', limit: 100 })
    expect(sites).toHaveLength(10)
    for (const { record, flags } of sites) {
      expect(flags[0]?.message).toBe(
        'stage is "Producing Mine" and developmentStage is "Past producer"',
      )
      expect((await api.recordShow(record ?? '')).fields).toMatchObject({
        stage: { value: 'Producing Mine' },
        processes: { value: ['Past producer'] },
      })
    }
  })
})
