import { describe, expect, test } from 'vitest'
import {
  isNation,
  nationOfNcage,
  ncageMismatch,
  parseLei,
  parseNcage,
  parseUei,
} from '../src/identifiers/index.ts'

describe('UEI', () => {
  test.each([
    'YNDUZMUZF8H8',
    'ynduzmuzf8h8',
    'UEI: YNDUZMUZF8H8',
    'uei ynduzmuzf8h8',
    'YNDU ZMUZ F8H8',
    'YNDUZM\u00a0UZF8H8',
  ])('%j has one normal form', (text) => {
    expect(parseUei(text)).toEqual({ ok: true, value: 'YNDUZMUZF8H8' })
  })

  test.each(['T53MCMLTWK59', 'UYDJJ1S8DR85'])('%s is a UEI', (text) => {
    expect(parseUei(text)).toEqual({ ok: true, value: text })
  })

  test.each([
    'YNDUZMUZF8H',
    'YNDUZMUZF8H88',
    '0NDUZMUZF8H8',
    'YNDUZMUZFOH8',
    'YNDUZMUZFIH8',
    'Y123456789AB',
    'YNDU-ZMUZ-F8H8',
    'never sent yet',
    'see attachedx',
    'UEI',
    '',
  ])('%j is no UEI', (text) => {
    expect(parseUei(text)).toMatchObject({ ok: false, code: 'UEI_FORMAT' })
  })
})

describe('NCAGE', () => {
  test.each([
    '0ABC1',
    '0abc1',
    ' 0abc1\u00a0',
    'CAGE: 0abc1',
    'CAGE 0ABC1',
    'NCAGE 0ABC1',
    'Cage code: 0ABC1',
    'NCAGE – 0ABC1',
  ])('%j has one normal form', (text) => {
    expect(parseNcage(text)).toEqual({ ok: true, value: '0ABC1' })
  })

  test.each(['CNP90', '81755', '3AB12', '1234G', 'K0656', 'CAGE1', 'CODE1'])(
    '%s is a code',
    (text) => {
      expect(parseNcage(text)).toEqual({ ok: true, value: text })
    },
  )

  test.each(['8175', '817555', '8I755', '81O55', '81-55', 'see 12', 'NCAGE', 'CAGE: 1', 'n/a', ''])(
    '%j is no code',
    (text) => {
      expect(parseNcage(text)).toMatchObject({ ok: false, code: 'NCAGE_FORMAT' })
    },
  )

  test.each([
    ['K0656', 'GBR'],
    ['U1234', 'GBR'],
    ['F0001', 'FRA'],
    ['M0001', 'FRA'],
    ['CNP90', 'DEU'],
    ['D1234', 'DEU'],
    ['A1234', 'ITA'],
    ['L1234', 'CAN'],
    ['Z1234', 'AUS'],
    ['N1234', 'NOR'],
    ['H1234', 'NLD'],
    ['B1234', 'BEL'],
    ['R1234', 'DNK'],
    ['E1234', 'NZL'],
    ['1234B', 'ESP'],
    ['1234g', 'CZE'],
    ['1234H', 'POL'],
    ['A123N', 'SWE'],
    ['A123G', 'FIN'],
  ])('%s is a code of %s', (code, nation) => {
    expect(nationOfNcage(code)).toBe(nation)
  })

  test.each([
    ['is the United States or Canada', '81755'],
    ['is that of NSPA', 'S1234'],
    ['is on no list', '1234X'],
    ['is no form', '8175'],
  ])('no nation is named when the form %s', (_, code) => {
    expect(nationOfNcage(code)).toBeUndefined()
  })

  test('every form is that of a nation of ISO 3166-1', () => {
    const ends = [...'0ABCDEFGHIJKLMNOPQRSTUVWXYZ']
    const codes = ends.flatMap((first) => ends.map((last) => `${first}123${last}`))
    const nations = codes.map(nationOfNcage).filter((nation) => nation !== undefined)
    expect(nations).toHaveLength(71)
    expect(nations.filter((nation) => !isNation(nation))).toEqual([])
  })

  test('of another nation is told with both', () => {
    expect(ncageMismatch('k0656', 'NOR')).toBe(
      'NCAGE K0656 is of a form given out by United Kingdom (GBR), not by Norway (NOR)',
    )
    expect(ncageMismatch('81755', 'NOR')).toBe(
      'NCAGE 81755 is of a form given out by United States (USA) and Canada (CAN), not by Norway (NOR)',
    )
  })

  test.each([
    ['of its own nation', 'K0656', 'GBR'],
    ['of one of two nations', '81755', 'CAN'],
    ['of an outlying area', '81755', 'GUM'],
    ['of the nation that gives out for it', 'B1234', 'LUX'],
    ['of NSPA', 'S1234', 'ISL'],
    ['unreadable', '8175', 'NOR'],
    ['of no known nation', 'K0656', ''],
  ])('%s is not told', (_, code, nation) => {
    expect(ncageMismatch(code, nation)).toBeNull()
  })
})

describe('LEI', () => {
  // From the documentation of others: docs.rs/iso7064.
  test.each(['969500KSV493XWY0PS33', '5493001KJTIIGC8Y1R12', 'MAINSARDELLA32434312'])(
    '%s has fitting check digits',
    (lei) => {
      expect(parseLei(lei)).toEqual({ ok: true, value: lei })
    },
  )

  test.each(['5493001kjtiigc8y1r12', 'LEI: 5493001KJTIIGC8Y1R12', '5493 001K JTII GC8Y 1R12'])(
    '%j has one normal form',
    (text) => {
      expect(parseLei(text)).toEqual({ ok: true, value: '5493001KJTIIGC8Y1R12' })
    },
  )

  test.each(['5493001KJTIIGC8Y1R1', '5493001KJTIIGC8Y1R1X', '5493001KJTIIGC8Y-R12', 'LEI', ''])(
    '%j is no LEI',
    (text) => {
      expect(parseLei(text)).toMatchObject({ ok: false, code: 'LEI_FORMAT' })
    },
  )

  // Between a letter and a digit it can miss one: 3X and X3 are both 333.
  test('a wrong letter or digit, and two changed places of one sort, are found', () => {
    const lei = '969500KSV493XWY0PS33'
    const sort = (at: number) =>
      /\d/.test(lei[at] ?? '') ? '0123456789' : 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'
    const check = (text: string) => expect(parseLei(text).ok).toBe(text === lei)
    for (const at of Array(18).keys()) {
      for (const other of sort(at)) check(lei.slice(0, at) + other + lei.slice(at + 1))
      if (sort(at) === sort(at + 1))
        check(`${lei.slice(0, at)}${lei[at + 1]}${lei[at]}${lei.slice(at + 2)}`)
    }
    expect(parseLei('969500KSV493XWY0PS34')).toMatchObject({ ok: false, code: 'LEI_CHECK' })
  })
})
