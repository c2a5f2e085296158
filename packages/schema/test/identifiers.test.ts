import { existsSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type IdentifierOutcome,
  isNation,
  nationFromAlpha2,
  nationName,
  nations,
  parseEccn,
  parseLei,
  parseNcage,
  parseNiin,
  parseNsn,
  parseUei,
  parseUsml,
} from '../src/identifiers/index.ts'

const shared = new URL('../../../../shared/data/', import.meta.url)
const present = existsSync(shared)
if (!present)
  process.stdout.write('skipped: 1 check of nations against the published table, no ../shared\n')

describe.each<
  [name: string, parse: (text: string) => IdentifierOutcome<string>, characters: string]
>([
  ['NSN', parseNsn, '0123456789 -–/NS'],
  ['NIIN', parseNiin, '0123456789 -–/NI'],
  ['NCAGE', parseNcage, '01AFIKOZcage: '],
  ['UEI', parseUei, '019AIYZuei: '],
  ['LEI', parseLei, '019AZlei: '],
  ['ECCN', parseEccn, '0139abeEARCN.()- '],
  ['USML', parseUsml, 'IVXivxahUSMLCat.18()- '],
])('every %s', (_, parse, characters) => {
  const likely = fc.string({ unit: fc.constantFrom(...characters), maxLength: 24 })
  const texts = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), likely)

  test('text gives an outcome, and what is accepted is accepted again as it is', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const outcome = parse(text)
        if (outcome.ok) expect(parse(outcome.value)).toEqual(outcome)
      }),
      { numRuns: 1_000 },
    )
  })

  test('refusal names the text', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const outcome = parse(text)
        if (!outcome.ok)
          expect(outcome.reason).toContain(JSON.stringify(text.slice(0, 80)).slice(0, -1))
      }),
    )
  })

  test('long text is answered at once, in a reason that fits on a screen', () => {
    const long = ['a1'.repeat(50_000), 'X'.repeat(100_000), `V${'x'.repeat(100_000)}`]
    const deep = [`3A001${'.a.1'.repeat(50_000)}`, `Vi${'(a)'.repeat(50_000)}`, '9 '.repeat(50_000)]
    for (const text of [...long, ...deep, `1${' -'.repeat(50_000)}`]) {
      const outcome = parse(text)
      expect(outcome).toMatchObject({ ok: false })
      expect(outcome.ok ? '' : outcome.reason).toHaveProperty(
        'length',
        expect.toSatisfy((n) => n < 250),
      )
    }
  })
})

describe('nations', () => {
  test('are the 249 of ISO 3166-1', () => {
    expect(nations.size).toBe(249)
    expect(isNation('NOR')).toBe(true)
    expect(isNation('nor')).toBe(false)
    expect(isNation('XXX')).toBe(false)
    expect(nationName('GBR')).toBe('United Kingdom')
  })

  test('Namibia is not a missing value', () => {
    expect(nationFromAlpha2('NA')).toBe('NAM')
    expect(nationFromAlpha2('')).toBeUndefined()
  })

  test.skipIf(!present)('agree with the published table', () => {
    const text = readFileSync(new URL('reference/iso_country_codes.csv', shared), 'utf8')
    for (const { alpha3, alpha2 } of nations.values()) {
      expect(text).toMatch(new RegExp(`(^|\\n)[^\\n]*,${alpha3},[^\\n]*,${alpha2},`))
      expect(nationFromAlpha2(alpha2)).toBe(alpha3)
    }
  })
})
