import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { NodeApi } from '@entente/node'
import type { Json } from '@entente/schema'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createFederation, type Federation } from '../support/federation.ts'
import { namesNobody } from './plain-makers.ts'
import {
  dataText,
  importReal,
  mappingText,
  plainRows,
  present,
  sayIfAbsent,
  standingRows,
  tally,
} from './real-data.ts'

sayIfAbsent(9)

/** A mapping for a file of nations, which is no record: it shows how such a file would be read. */
const nations = (missing: string, title: string, code: string, spec: string) => `
mapping: nations
edition: 1
kind: engagement
dataset: cooperation
originator: USA
source: { document: { const: a table of nations } }
asOf: { const: "2026-01-01" }
handling: { originator_control: false, onward_release: ask }
missing: ${missing}
key: [${code}]
fields: { title: ${title}, host: ${spec} }
`

describe.skipIf(!present)('a defect of a real file', () => {
  let federation: Federation
  let api: NodeApi
  const records = async (file: string, mapping: string) =>
    standingRows(api, await importReal(api, file, mapping))

  beforeAll(async () => {
    federation = createFederation(['USA'])
    api = await federation.open('USA', { network: false })
  })
  afterAll(() => federation[Symbol.asyncDispose]())

  test('no supplier is a placeholder', async () => {
    const file = 'production-us-fy2017/fy2017-manufacturers.csv'
    const names = (await records(file, 'fy2017-suppliers')).map(({ fields }) =>
      String(fields['legal_name']),
    )
    expect(names.filter(namesNobody)).toEqual([])
    expect(names).toContain('Raytheon')
    // Everybody else of the file is there.
    const said = plainRows(file).map((row) => row['manufacturer_name'] ?? '')
    expect(new Set(names)).toEqual(new Set(said.filter((name) => !namesNobody(name))))
  })

  test('NA is Namibia in the column of codes, and not given beside it', async () => {
    const file = 'reference/csis_country_codes.csv'
    const mapping = nations(
      '[NA, "NULL"]',
      'name',
      'alpha-3',
      '{ column: alpha-2, as: nation, values: { NA: NAM } }',
    )
    const found = await records(file, mapping)
    const rows = plainRows(file)
    const host = (code: string) =>
      found.find((each) => rows[each.at]?.['alpha-3'] === code)?.fields['host']
    expect([host('NAM'), host('NOR'), host('*AE')]).toEqual(['NAM', 'NOR', undefined])
    expect(rows.find((row) => row['alpha-3'] === 'NAM')).toMatchObject({ 'alpha-2': 'NA' })
  })

  test('a byte order mark is no part of the first column’s name', async () => {
    const file = 'reference/dsca_fms_buyer_codes.csv'
    expect(dataText(file).startsWith('\uFEFFDSCAbuyerCode')).toBe(true)
    const mapping = nations(
      '["NULL"]',
      'DSCAbuyerText',
      'DSCAbuyerCode',
      '{ column: GeographicISOalpha3, as: nation }',
    )
    expect((await records(file, mapping)).length).toBeGreaterThan(150)
  })

  test('names of nations with blanks, marks and slips of the pen are read; what is no nation is not', async () => {
    const file = 'minerals/usgs_country_production_2015.csv'
    const rows = plainRows(file)
    const found = await records(file, 'usgs-2015')
    const nation = (spelt: string) => {
      const of = found.filter((each) => rows[each.at]?.['Country'] === spelt)
      return [...new Set(of.map(({ fields }) => member(fields['place'], 'nation')))]
    }
    const blanks = rows.map((row) => row['Country'] ?? '').filter((text) => text !== text.trim())
    expect(blanks.length).toBeGreaterThan(50)
    for (const text of new Set(blanks)) expect(nation(text)).toEqual(nation(text.trim()))
    for (const [text, code] of Object.entries({
      Finlande: 'FIN',
      Russiae: 'RUS',
      'Mexico:': 'MEX',
      'Bosnia and Herzgovina': 'BIH',
      'Kazakhstan, crude ore': 'KAZ',
      Georgia: 'GEO',
      'Korea, Republic of': 'KOR',
      'Serbia and Montenegro': undefined,
      Congo: undefined,
      'DR of the Congo': 'COD',
    }))
      expect([text, nation(text)]).toEqual([text, [code]])
    expect(nation('Rest of World')).toEqual([])
  })

  test('units of the notes stand at the figures, and a figure of capacity is none of output', async () => {
    const rows = plainRows('minerals/usgs_country_production_2015.csv')
    const notes = plainRows('minerals/usgs_notes_by_element.csv')
    const again = await api.importList()
    const summary = again.find((each) => each.mapping === 'usgs-2015')
    const found = summary === undefined ? [] : await standingRows(api, summary)
    for (const { at: place, fields } of found) {
      const row = rows[place] ?? {}
      const note = notes.find((each) => each['Element'] === row['Element'])
      const unit = note?.['Notes']?.replace('Production figures in ', '')
      const number = row['Production'] === '' ? undefined : plainNumber(row['Production'] ?? '')
      const [output, rate] = [fields['output'], fields['rate_max']]
      const [figure, other] = row['Element'] === 'Ga' ? [rate, output] : [output, rate]
      const said = number && { unit, number }
      expect(
        figure && {
          unit: member(figure, 'unit'),
          number: member(figure, 'number') ?? member(figure, 'quantity'),
        },
      ).toEqual(said)
      expect(other).toBeUndefined()
    }
    expect(found).toHaveLength(1_200)
  })

  test('month stands before day, and a table that does not say so is refused', async () => {
    const file = 'agreements/RDP_QA.csv'
    const rows = plainRows(file)
    const iso = (text = '') => {
      const [, month = '', day = '', year] = /^(\d+)\/(\d+)\/(\d{4})$/.exec(text) ?? []
      return year && `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`
    }
    for (const { at: place, fields } of await records(file, 'rdp-qa'))
      expect([fields['effective'], fields['amended']]).toEqual([
        iso(rows[place]?.['Agreement_Start']),
        iso(rows[place]?.['Latest_Amendment']),
      ])
    const silent = mappingText('rdp-qa').replace(/^dates: .*$/m, '')
    const { read, refusals } = await importReal(api, file, silent)
    expect([read, tally(refusals)]).toEqual([43, { DATE_AMBIGUOUS: 43 }])
  })

  test('a bound is a value, an em dash zero, and what is withheld or unknown is not given', async () => {
    const file = 'minerals/mcs2026_us_import_reliance.csv'
    const found = await records(file, 'mcs2026-import-reliance')
    const of = (name: string) => {
      const {
        import_reliance_pct: reliance,
        domestic_production,
        domestic_consumption,
      } = found.find(({ fields }) => member(fields['materials'], '0') === name)?.fields ?? {}
      return [
        reliance,
        member(domestic_production, 'quantity'),
        member(domestic_consumption, 'quantity'),
      ]
    }
    expect(of('cobalt')).toEqual(['79', '300', '9600'])
    expect(of('gallium')).toEqual(['100', '0', '19000']) // —
    expect(of('germanium')).toEqual(['>50', '0', undefined]) // NA
    expect(of('tungsten')).toEqual(['>50', '0', undefined]) // W, whose symbol is W
    expect(of('antimony')).toEqual(['91', undefined, '45000']) // W
    expect(of('magnesium metal')).toEqual(['>75', '0', undefined])
  })

  test('a contradiction is flagged, and nothing is mended', async () => {
    const list = await api.importList()
    const { id = 0 } = list.find((each) => each.mapping === 'rdp-qa' && each.created > 0) ?? {}
    const agreements = await api.importRows({ id, section: 'contradictory', limit: 100 })
    const rows = plainRows('agreements/RDP_QA.csv')
    expect(
      agreements.map(({ seq, flags }) => [rows[seq - 1]?.['ISOalpha3'], flags[0]?.message]),
    ).toEqual([
      ['FIN', 'Agreement_Name is "Quality Assuarance (QA)" and IsRDP is "TRUE"'],
      ['FIN', 'Present in Treaties in Force is "Disagreement"'],
      ['ESP', 'Agreement_Name is "Quality Assuarance (QA)" and IsRDP is "TRUE"'],
      ['TUR', 'Agreement_Name is "Quality Assuarance (QA)" and IsRDP is "TRUE"'],
    ])
    const [finland] = agreements
    expect((await api.recordShow(finland?.record ?? '')).fields).toMatchObject({
      title: { value: 'Quality Assuarance (QA)' },
      agreement_type: { value: 'RDP' },
    })
  })

  test('a title that names another nation than its row is flagged', async () => {
    const [header, ...lines] = dataText('agreements/RDP_QA.csv').split('\n')
    const canada = lines.filter((line) => line.startsWith('Canada,CAN,MOU U.S.-Canada'))
    const path = join(federation.root, 'wrong-nation.csv')
    writeFileSync(
      path,
      [header, ...canada.map((line) => line.replace('Canada,CAN', 'Norway,NOR'))].join('\n'),
    )
    const summary = await importReal(api, path, 'rdp-qa')
    expect([summary.created, tally(summary.flags)]).toEqual([1, { CONTRADICTION: 1 }])
  })
})

const plainNumber = (text: string): string => {
  const [whole, fraction = ''] = text.split('.')
  const rest = fraction.replace(/0+$/, '')
  return rest === '' ? String(whole) : `${whole}.${rest}`
}

/** Member of an object by name, of a list by place. */
const member = (value: Json | undefined, name: string): Json | undefined =>
  typeof value === 'object' && value !== null
    ? (value as Readonly<Record<string, Json>>)[name]
    : undefined
