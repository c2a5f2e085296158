import type { ImportSummary } from '@entente/node'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createFederation, type Federation } from '../support/federation.ts'
import { expected } from './plain-figures.ts'
import { keyOf } from './plain-makers.ts'
import {
  dataText,
  importReal,
  manifest,
  plainRows,
  present,
  sayIfAbsent,
  tally,
} from './real-data.ts'

sayIfAbsent(2 * expected.length + 3)

describe.skipIf(!present)('a real file, in full,', () => {
  let federation: Federation
  const imported = new Map<
    string,
    { readonly first: ImportSummary; readonly again: ImportSummary }
  >()
  const imports = (file: string, mapping: string) => {
    const found = imported.get(`${file} ${mapping}`)
    if (found === undefined) throw new Error(`${file} was not imported through ${mapping}`)
    return found
  }

  beforeAll(async () => {
    federation = createFederation(['AUS', 'CAN', 'USA'])
    for (const nation of ['AUS', 'CAN', 'USA']) {
      await using api = await federation.open(nation, { network: false })
      for (const { file, mapping } of expected.filter((each) => each.nation === nation)) {
        const first = await importReal(api, file, mapping)
        const again = await importReal(api, file, mapping)
        imported.set(`${file} ${mapping}`, { first, again })
      }
    }
  }, 300_000)
  afterAll(() => federation[Symbol.asyncDispose]())

  test.each(expected)(
    '$file through $mapping has the figures that a plain script finds',
    ({ file, mapping, figures }) => {
      const { first } = imports(file, mapping)
      const { read, created, updated, unchanged, refused, contradictory } = first
      process.stdout.write(
        `${mapping}: ${read} read = ${created} created + ${updated} updated + ${unchanged} unchanged + ${refused} refused\n`,
      )
      const [refusals, flags] = [tally(first.refusals), tally(first.flags)]
      expect({ read, created, unchanged, refusals, flags, contradictory }).toEqual(figures())
      expect(read).toBe(created + updated + unchanged + refused)
      expect({ updated, missing: first.missing, results: first.results }).toEqual({
        updated: 0,
        missing: 0,
        results: created === 0 ? {} : { create: created },
      })
    },
  )

  test.each(expected)('$file through $mapping, read again, changes nothing', (each) => {
    const { first, again } = imports(each.file, each.mapping)
    const { refusals, flags } = first
    expect(again).toMatchObject({
      created: 0,
      updated: 0,
      unchanged: first.created + first.unchanged,
      refusals,
      flags,
      missing: 0,
      results: {},
    })
  })

  test('has as many rows as the README of the data says', () => {
    const readme = dataText('README.md').split('\n')
    for (const { file, mapping, inReadme } of expected) {
      const [name, rows] = inReadme
      const line = readme.find((each) => each.startsWith('|') && each.includes(name))
      const counted = line?.split('|')[2]?.match(/\d[\d,]*/g)
      expect(counted, name).toContain(rows.toLocaleString('en'))
      expect(imports(file, mapping).first.read).toBe(rows)
    }
  })

  test('of makers holds 142 rows beyond the first of their key, 8 of them exact copies', () => {
    const file = 'production-us-fy2017/fy2017-manufacturers.csv'
    const groups = Object.values(Object.groupBy(plainRows(file), keyOf)).filter(
      (group) => group !== undefined && group.length > 1,
    )
    const beyond = groups.flat().length - groups.length
    expect([groups.length, groups.flat().length, beyond]).toEqual([110, 252, 142])
    const { unchanged, refused } = imports(file, 'fy2017-makers').first
    expect([unchanged, unchanged + refused]).toEqual([8, beyond])
  })

  test('is among the imports of `demo --data`', () => {
    const listed = Object.entries(manifest).flatMap(([nation, { imports: files }]) =>
      files.map(({ file, mapping }) => `${nation} ${file} ${mapping}`),
    )
    expect(listed).toEqual(
      expected.map(({ nation, file, mapping }) => `${nation} ${file} ${mapping}.yaml`),
    )
  })
})
