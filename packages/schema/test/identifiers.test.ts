import { existsSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  codifyingNation,
  isNation,
  nationFromAlpha2,
  nationName,
  nations,
  parseEccn,
  parseNcage,
  parseNiin,
  parseNsn,
  parseUei,
  parseUsml,
} from '../src/identifiers/index.ts'

const shared = new URL('../../../../shared/data/', import.meta.url)
const present = existsSync(shared)
if (!present)
  process.stdout.write(
    'skipped: 4 checks of identifiers against real values, ../shared/data is absent\n',
  )

describe('NSN', () => {
  test.each(['2350-01-615-0415', '2350016150415', ' 2350 01 615 0415 '])(
    '%j has one normal form',
    (text) => {
      expect(parseNsn(text)).toEqual({ ok: true, value: '2350-01-615-0415' })
    },
  )

  test.each([
    ['2350-01-615-041', 'NSN_FORMAT'],
    ['2350-01-615-04155', 'NSN_FORMAT'],
    ['2350--01-615-0415', 'NSN_FORMAT'],
    ['-2350016150415', 'NSN_FORMAT'],
    ['２350016150415', 'NSN_FORMAT'],
    ['', 'NSN_FORMAT'],
    ['0135-01-615-0415', 'NSN_SUPPLY_GROUP'],
    ['2150-01-615-0415', 'NSN_SUPPLY_GROUP'],
    ['2350-10-615-0415', 'NSN_BUREAU'],
    ['2350-95-615-0415', 'NSN_BUREAU'],
  ])('%j is refused as %s', (text, code) => {
    expect(parseNsn(text)).toMatchObject({ ok: false, code })
  })

  test('the bureau names the nation that codified the item', () => {
    expect(codifyingNation('1005-00-123-4567')).toBe('USA')
    expect(codifyingNation('1005-25-123-4567')).toBe('NOR')
    expect(codifyingNation('1005-99-123-4567')).toBe('GBR')
    expect(codifyingNation('1005-10-123-4567')).toBeUndefined()
  })

  test('a NIIN is what follows the class', () => {
    expect(parseNiin('016150415')).toEqual({ ok: true, value: '01-615-0415' })
    expect(parseNiin('01615041')).toMatchObject({ ok: false, code: 'NIIN_FORMAT' })
  })

  test('no text is parsed to anything but its own digits', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const parsed = parseNsn(text)
        return !parsed.ok || parsed.value.replaceAll('-', '') === text.replace(/[- ]/g, '').trim()
      }),
    )
    fc.assert(
      fc.property(fc.stringMatching(/^1005-\d{2}-\d{3}-\d{4}$/), (text) => {
        const parsed = parseNsn(text)
        expect(parsed.ok ? parsed.value : parsed.code).toBe(parsed.ok ? text : 'NSN_BUREAU')
      }),
    )
  })

  test.skipIf(!present)('all 196 stock numbers of the FY2017 budget are in normal form', () => {
    const lines = readFileSync(
      new URL('production-us-fy2017/fy2017-nsn.csv', shared),
      'utf8',
    ).match(/^\d{4}-\d{2}-\d{3}-\d{4}(?=,)/gm)
    expect(lines).toHaveLength(196)
    for (const nsn of lines ?? []) expect(parseNsn(nsn)).toEqual({ ok: true, value: nsn })
  })

  test.skipIf(!present)('every federal supply class in use is in a known group', () => {
    const classes =
      readFileSync(new URL('reference/psc_fsc_codes.csv', shared), 'utf8').match(/^\d{4}(?=,)/gm) ??
      []
    expect(classes.length).toBeGreaterThan(500)
    // 0000 is the file's own placeholder.
    expect(classes.filter((fsc) => !parseNsn(`${fsc}010000000`).ok)).toEqual(['0000'])
  })
})

describe('UEI and NCAGE', () => {
  test.each(['YNDUZMUZF8H8', 'T53MCMLTWK59', 'uydjj1s8dr85'])('%s is a UEI', (text) => {
    expect(parseUei(text)).toEqual({ ok: true, value: text.toUpperCase() })
  })

  test.each([
    'YNDUZMUZF8H',
    'YNDUZMUZF8H88',
    '0NDUZMUZF8H8',
    'YNDUZMUZFOH8',
    'YNDUZMUZFIH8',
    'Y123456789AB',
    '',
  ])('%j is no UEI', (text) => {
    expect(parseUei(text)).toMatchObject({ ok: false, code: 'UEI_FORMAT' })
  })

  test.each(['CNP90', '81755', '3AB12', '1234G', ' k0656 '])('%j is an NCAGE code', (text) => {
    expect(parseNcage(text)).toEqual({ ok: true, value: text.trim().toUpperCase() })
  })

  test.each(['8175', '817555', '8I755', '81O55', '81-55', ''])('%j is no NCAGE code', (text) => {
    expect(parseNcage(text)).toMatchObject({ ok: false, code: 'NCAGE_FORMAT' })
  })
})

describe('export control', () => {
  test.each([
    ['3a001.B.2.A', '3A001.b.2.a'],
    ['9A610', '9A610'],
    ['ear99', 'EAR99'],
  ])('ECCN %s is %s', (text, value) => {
    expect(parseEccn(text)).toEqual({ ok: true, value })
  })

  test.each(['3F001', '3A01', '3A001.', '3A001b', 'EAR98', ''])('%j is no ECCN', (text) => {
    expect(parseEccn(text)).toMatchObject({ ok: false, code: 'ECCN_FORMAT' })
  })

  test.each([
    ['VIII(h)(1)', 'VIII(h)(1)'],
    ['USML Category XI(a)(4)(iii)', 'XI(a)(4)(iii)'],
    ['Cat. XXI', 'XXI'],
  ])('USML %s is %s', (text, value) => {
    expect(parseUsml(text)).toEqual({ ok: true, value })
  })

  test.each([
    ['XXII', 'USML_CATEGORY'],
    ['IIII(a)', 'USML_CATEGORY'],
    ['VIII(h', 'USML_FORMAT'],
    ['8(h)', 'USML_FORMAT'],
    ['', 'USML_FORMAT'],
  ])('USML %j is refused as %s', (text, code) => {
    expect(parseUsml(text)).toMatchObject({ ok: false, code })
  })

  test.skipIf(!present)('all 633 entries of the Commerce Control List parse to themselves', () => {
    const list = readFileSync(new URL('export-control/ccl.json', shared), 'utf8')
    const eccns = [...list.matchAll(/"eccn":"([^"]+)"/g)].map((match) => match[1] ?? '')
    expect(new Set(eccns).size).toBe(633)
    expect(eccns.filter((eccn) => !parseEccn(eccn).ok)).toEqual([])
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
