import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type DateStyle, isoDate, monthsLater } from '../src/import/values/date.ts'
import { mendMojibake } from '../src/import/values/mojibake.ts'
import {
  plainNumber,
  roundDecimal,
  shiftPoint,
  shortestDecimal,
} from '../src/import/values/number.ts'
import { isPlaceholder } from '../src/import/values/party.ts'
import { nationOfName, nationOfPlace } from '../src/import/values/place.ts'

describe('a place', () => {
  test.each([
    ['Ontario, CA', 'USA'],
    ['Ontario, Canada', 'CAN'],
    ['Burlington, ON', 'CAN'],
    ['LE GARDEUR, CANADA', 'CAN'],
    ['Portsmith, UK', 'GBR'],
    ['MIDDLESEX GB', 'GBR'],
    ['HARLOW-UNITED KINGDOM', 'GBR'],
    ['Leige Belgium', 'BEL'],
    ['Tuscon, AZ', 'USA'],
    ['Londonderry, NH', 'USA'],
    ['BETHPAGE, NEW YORK', 'USA'],
    ['Albuquerque, New Mexico', 'USA'],
    ['Waukesha, WI 53188-1615', 'USA'],
    ['Syracuse, NY.', 'USA'],
    ['Wilmington, DE', 'USA'],
    ['GERMANY', 'DEU'],
    ['Windhoek, Namibia', 'NAM'],
    ['Perth, Western Australia', 'AUS'],
    ['Newcastle NSW', 'AUS'],
    ['MONTREAL, CN', undefined],
    ['Londonderry', undefined],
    ['Stockport', undefined],
    ['CO', undefined],
    ['Atlanta, Georgia', undefined],
    // Several places: the last is not where it is.
    ['Hawaii / Guam', undefined],
    ['Serbia and Montenegro', undefined],
    ['Serbia & Montenegro', undefined],
    ['Bosnia and Herzegovina', 'BIH'],
    // The end of a longer word, whose first letter is not of the English alphabet.
    ['Åmali', undefined],
    ['Åoman', undefined],
    ['Muscat Oman', 'OMN'],
    ['UNKNOWN', undefined],
    ['', undefined],
  ])('%j in a file of the USA is in %s', (text, nation) => {
    expect(nationOfPlace(text, 'USA')).toBe(nation)
  })

  test.each([
    ['Perth, WA', 'AUS', 'AUS'],
    ['Darwin, NT', 'AUS', 'AUS'],
    ['Yellowknife, NT', 'CAN', 'CAN'],
    ['Perth, WA', 'USA', 'USA'],
    // Nobody says whose file it is: the code could be of two nations, or be a country.
    ['Perth, WA', undefined, undefined],
    ['Yellowknife, NT', undefined, undefined],
    ['Ontario, CA', undefined, undefined],
    ['Berlin, DE', undefined, undefined],
    ['Tucson, AZ', undefined, undefined],
    ['Burlington, ON', undefined, 'CAN'],
    ['Akron, OH', undefined, 'USA'],
  ])('%j in a file of %s is in %s', (text, home, nation) => {
    expect(nationOfPlace(text, home)).toBe(nation)
  })

  test.each([
    ['Korea, Republic of', 'KOR'],
    ['Czech Republic', 'CZE'],
    ['norway', 'NOR'],
    ['Rest of World', undefined],
    ['Kazakhstan, crude ore', undefined],
  ])('the nation named %j is %s', (name, nation) => {
    expect(nationOfName(name)).toBe(nation)
  })
})

describe('a party', () => {
  test.each(
    'TBD|tbd -A Kits -ADS-B out|TBS2|UNKNOWN|Unkown|Unknown - C|Various|VARIOIUS|Various Vendors **|VARIOUS/MULTIPLE|Multiple (1)|TO BE SELECTED|TO BE SLECTED|to be competed|N/A|N/A - Type 2 kits|NA|Not Specified.|See End Item P-5A/NA|TBD-RCTNE|TBS (2)|None|-|?|.|x|TB D|TBDc|@TBD|nnknown|Mutiple|VAR|Undetermined|New MFG - Name|New MFG-Loc|New Contract - TBD - FY16|Manufacturer TBD|Source Selection/TBD|Location TBD|Details Classified|T.B.D.|n.a.|N. A.|To be confirmed|Not yet selected|(blank)|none given|no supplier|Pending award|TB\u200bD|\ufeffN/A'.split(
      '|',
    ),
  )('%j names nobody', (text) => {
    expect(isPlaceholder(text)).toBe(true)
  })

  test.each(
    'Raytheon|Varian|Multiplex Inc|NA Industries|TBDX Corp|Nana Regional|Other Lab LLC|None Such Works|3M|XL Tools|МиГ|三菱|Ø|Classified Systems Inc|New Venture Gear|Contractor Supply Co|PROGENY / CTR TBD|Blank Ltd|Nonesuch Given|No Supplier Left Behind Ltd|Pending Awards Inc|T.B. Davis|N.A. Smith'.split(
      '|',
    ),
  )('%j is a name', (text) => {
    expect(isPlaceholder(text)).toBe(false)
  })
})

describe('a date', () => {
  test.each<[string, DateStyle, string | undefined]>([
    ['2017-03-31', 'ISO', '2017-03-31'],
    ['2017-03', 'ISO', '2017-03'],
    ['2017', 'ISO', '2017'],
    ['2017-03-31T10:00:00Z', 'ISO', '2017-03-31'],
    ['2017-03-31 9:30', 'ISO', '2017-03-31'],
    ['2017-03-31T103000.5+0200', 'ISO', '2017-03-31'],
    ['2017-03-31T99:99', 'ISO', undefined],
    ['2017-03-31T10:60', 'ISO', undefined],
    ['2017-03-31T10:00+99:00', 'ISO', undefined],
    ['2017-03-31T:.:', 'ISO', undefined],
    ['3/31/2017', 'M/D/YYYY', '2017-03-31'],
    ['31/3/2017', 'D/M/YYYY', '2017-03-31'],
    ['31.3.2017', 'D.M.YYYY', '2017-03-31'],
    ['2017/3/31', 'YYYY/M/D', '2017-03-31'],
    ['20170331', 'YYYYMMDD', '2017-03-31'],
    ['31 March 2017', 'D MMM YYYY', '2017-03-31'],
    ['31-Mar-2017', 'D MMM YYYY', '2017-03-31'],
    ['1 SEPT 2017', 'D MMM YYYY', '2017-09-01'],
    ['1 Marzipan 2017', 'D MMM YYYY', undefined],
    ['1 Decimal 2017', 'D MMM YYYY', undefined],
    ['2017-03-31', 'M/D/YYYY', '2017-03-31'],
    ['3/4/2017', 'ISO', 'ambiguous'],
    ['4.3.2017', 'ISO', 'ambiguous'],
    ['31/3/2017', 'M/D/YYYY', undefined],
    ['2/29/2017', 'M/D/YYYY', undefined],
    ['2/29/2016', 'M/D/YYYY', '2016-02-29'],
    ['2017-13-01', 'ISO', undefined],
    ['soon', 'ISO', undefined],
  ])('%j written as %s is %s', (text, style, date) => {
    expect(isoDate(text, style)).toBe(date)
  })

  test.each([
    ['2026-01-31', 1, '2026-02-28'],
    ['2026-11-25', 3, '2027-02-25'],
    ['2024-02-29', 12, '2025-02-28'],
  ])('%s and %i months is %s', (date, months, later) => {
    expect(monthsLater(date, months)).toBe(later)
  })
})

describe('a number', () => {
  const plainDot = { decimal: '.' } as const
  test.each([
    ['12', plainDot, '12'],
    ['0012.50', plainDot, '12.5'],
    ['-0.0', plainDot, '0'],
    ['.5', plainDot, '0.5'],
    ['1.6479864352405418e-05', plainDot, '0.000016479864352405418'],
    ['2.5E3', plainDot, '2500'],
    ['+7', plainDot, '7'],
    ['1,500', plainDot, undefined],
    ['1,500', { decimal: '.', group: ',' } as const, '1500'],
    ['1.234,5', { decimal: ',', group: '.' } as const, '1234.5'],
    ['1 234,5', { decimal: ',', group: ' ' } as const, '1234.5'],
    ['12,34', { decimal: '.', group: ',' } as const, undefined],
    ['1.5', { decimal: ',' } as const, undefined],
    ['12345.678,5', { decimal: ',', group: '.' } as const, undefined],
    ['1.234.567', { decimal: ',', group: '.' } as const, '1234567'],
    ['1,234.567', { decimal: ',', group: '.' } as const, undefined],
    ['0.125', { decimal: ',', group: '.' } as const, undefined],
    ['0,125', { decimal: ',', group: '.' } as const, '0.125'],
    ['1.234,567', { decimal: '.', group: ',' } as const, undefined],
    ['0,125', { decimal: '.', group: ',' } as const, undefined],
    ['12345,678', { decimal: '.', group: ',' } as const, undefined],
    ['-12,345.678', { decimal: '.', group: ',' } as const, '-12345.678'],
    ['12 345\u00a0678', { decimal: '.', group: ' ' } as const, '12345678'],
    ['1’234.5', { decimal: '.', group: '’' } as const, '1234.5'],
    ['.', plainDot, undefined],
    ['', plainDot, undefined],
    ['1e9999', plainDot, undefined],
    ['0x10', plainDot, undefined],
  ])('%j is %s', (text, style, number) => {
    expect(plainNumber(text, style)).toBe(number)
  })

  test('has one spelling, which reads as itself and as the same float', () => {
    fc.assert(
      fc.property(
        fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e12, max: 1e12 }),
        (x) => {
          const text = plainNumber(String(x), plainDot)
          expect(text).toBeDefined()
          expect(plainNumber(text ?? '', plainDot)).toBe(text)
          expect(Number(text)).toBe(x === 0 ? 0 : x)
        },
      ),
    )
  })

  test('moves its point and rounds without a float', () => {
    expect(shiftPoint('0.56', 3)).toBe('560')
    expect(shiftPoint('-0.001', 6)).toBe('-1000')
    expect(shiftPoint('12', 0)).toBe('12')
    expect(roundDecimal('-37.505099999999999', 6)).toBe('-37.5051')
    expect(roundDecimal('-37.5051', 6)).toBe('-37.5051')
    expect(roundDecimal('9.9999996', 6)).toBe('10')
    expect(roundDecimal('0.0000004', 6)).toBe('0')
  })
})

describe('a double', () => {
  test('rounds the same however it is spelt', () => {
    for (const text of ['135.12344849999999', '135.1234485', '135.123448499999995'])
      expect(roundDecimal(shortestDecimal(text), 6)).toBe('135.123449')
    fc.assert(
      fc.property(fc.double({ noNaN: true, min: -180, max: 180 }), (x) => {
        const [long, short] = [x.toPrecision(17), String(x)].map(
          (text) => plainNumber(text, { decimal: '.' }) ?? '',
        )
        expect(shortestDecimal(long ?? '')).toBe(short)
      }),
    )
  })
})

describe('text from a wrong encoding', () => {
  test.each([
    ['QuÃ©bec', 'Québec'],
    ['BoliÃ¡n â€œXâ€\u009d', 'Bolián “X”'],
    ['â‚¬ 5', '€ 5'],
    ['cÅ“ur frappÃ©', 'cœur frappé'],
  ])('%j was %s', (text, meant) => {
    expect(mendMojibake(text)).toBe(meant)
  })

  test.each(['Québec', 'Ærø', 'plain', 'naïve – “quoted”', 'Ã la carte', 'Å–Reine', 'SKÅ’s hall'])(
    '%j is left alone',
    (text) => {
      expect(mendMojibake(text)).toBeUndefined()
    },
  )

  test('is mended whatever it was, and a mended text is not mended again', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'aé Öñ–“”€x'), minLength: 1 }), (text) => {
        const spoilt = new TextDecoder('windows-1252').decode(new TextEncoder().encode(text))
        if (spoilt === text) return
        expect(mendMojibake(spoilt)).toBe(text)
        expect(mendMojibake(text)).toBeUndefined()
      }),
    )
  })
})
