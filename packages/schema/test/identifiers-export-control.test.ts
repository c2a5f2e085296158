import { existsSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseEccn, parseUsml } from '../src/identifiers/index.ts'

const list = new URL('../../../../shared/data/export-control/ccl.json', import.meta.url)
const present = existsSync(list)
if (!present)
  process.stdout.write('skipped: 3 checks against the Commerce Control List, no ../shared\n')
const ccl = present ? readFileSync(list, 'utf8') : ''

const between = fc.constantFrom('.', ' ', '-', ' . ', '–')
const bracketed = (mark: string) => `(${mark})`

describe('ECCN', () => {
  test.each([
    '3A001.b.2.a',
    '3a001.B.2.A',
    '3A001 b 2 a',
    '3A001(b)(2)(a)',
    '3A001 (b) (2) (a)',
    '3A001b2a',
    '3A001-b-2-a',
    'ECCN 3A001.b.2.a',
    'ECCN: 3a001 b.2(a)',
    'eccn – 3A001.b.2.a',
  ])('%j has one normal form', (text) => {
    expect(parseEccn(text)).toEqual({ ok: true, value: '3A001.b.2.a' })
  })

  test.each([
    ['9a610', '9A610'],
    ['3A001b', '3A001.b'],
    ['1C351.a.53', '1C351.a.53'],
    ['EAR99', 'EAR99'],
    ['ear 99', 'EAR99'],
    ['EAR-99', 'EAR99'],
    ['ECCN EAR99', 'EAR99'],
  ])('%j is %s', (text, value) => {
    expect(parseEccn(text)).toEqual({ ok: true, value })
  })

  test.each([
    '3F001',
    '3A01',
    '3A0011',
    '3A001.',
    '3A001.1',
    '3A001ab',
    '3A001.b.c',
    '3A001.b.02',
    '3A001.b..2',
    '3A001(b',
    '3A001.b or 3A002',
    'EAR98',
    'ECCN',
    'ML8',
    '',
  ])('%j is no ECCN', (text) => {
    expect(parseEccn(text)).toMatchObject({ ok: false, code: 'ECCN_FORMAT' })
  })

  test('every spelling of a paragraph gives its normal form', () => {
    const marks = fc.array(fc.tuple(fc.constantFrom(...'abxy'), fc.integer({ min: 1, max: 99 })), {
      maxLength: 3,
    })
    fc.assert(
      fc.property(marks, between, (pairs, sign) => {
        const parts = pairs.flatMap(([letter, number]) => [letter, String(number)])
        const outcome = { ok: true, value: ['3A001', ...parts].join('.') }
        for (const text of [
          ['3A001', ...parts].join(sign),
          `3a001${parts.map(bracketed).join('')}`,
          `ECCN 3A001${parts.join('').toUpperCase()}`,
        ])
          expect(parseEccn(text)).toEqual(outcome)
      }),
    )
  })

  test.skipIf(!present)('all entries of the Commerce Control List parse to themselves', () => {
    const eccns = [...ccl.matchAll(/"eccn":\s*"([^"]+)"/g)].map((match) => match[1] ?? '')
    process.stdout.write(`read ${eccns.length} ECCNs of ccl.json\n`)
    expect(new Set(eccns).size).toBe(633)
    for (const eccn of eccns) expect(parseEccn(eccn)).toEqual({ ok: true, value: eccn })
  })

  test.skipIf(!present)('all paragraphs that its text mentions parse to themselves', () => {
    const mentions = new Set(ccl.match(/\b\d[A-E]\d{3}(?:\.(?:[a-z]{1,4}|\d{1,3})\b)+/g))
    process.stdout.write(`read ${mentions.size} ECCNs with paragraphs in the text of ccl.json\n`)
    expect(mentions.size).toBeGreaterThan(600)
    for (const eccn of mentions) expect(parseEccn(eccn)).toEqual({ ok: true, value: eccn })
  })
})

describe('USML', () => {
  test.each([
    'VIII(h)(1)',
    'viii(h)(1)',
    'VIII(H)(1)',
    '8(h)(1)',
    '08(h)(1)',
    'VIII (h) (1)',
    'VIII.h.1',
    'VIII h 1',
    'VIII-h-1',
    'VIII – h – 1',
    'VIIIh1',
    'VIIIH1',
    'viiih1',
    'VIII(h)1',
    '8h1',
    'USML VIII(h)(1)',
    'USML Category VIII(h)(1)',
    'USML Cat VIII(h)(1)',
    'USML: Cat. 8.h.1',
    'Cat. VIII(h)(1)',
    'Cat.VIII(h)(1)',
    'category viii, paragraph (h)(1)',
    'ITAR Category VIII(h)(1)',
    '22 CFR 121.1 VIII(h)(1)',
    '22 CFR § 121.1, USML Category VIII(h)(1)',
    '22 CFR part 121, Category VIII(h)(1)',
    '22 CFR 121.1 (USML), Category VIII(h)(1)',
    'USML paragraph VIII(h)(1)',
    'VIII\u00a0(h)\u200b(1)',
  ])('%j has one normal form', (text) => {
    expect(parseUsml(text)).toEqual({ ok: true, value: 'VIII(h)(1)' })
  })

  test.each([
    ['Cat. XXI', 'XXI'],
    ['21', 'XXI'],
    ['1', 'I'],
    ['xi', 'XI'],
    ['vi', 'VI'],
    ['USML Category XI(a)(4)(iii)', 'XI(a)(4)(iii)'],
    ['xi.a.4.iii', 'XI(a)(4)(iii)'],
    ['XI(A)(4)(III)(a)(2)(I)', 'XI(a)(4)(iii)(A)(2)(i)'],
    ['XI(c)', 'XI(c)'],
    ['XIc', 'XI(c)'],
    ['XI c', 'XI(c)'],
    ['xi c', 'XI(c)'],
    ['V(i)', 'V(i)'],
    ['v(i)', 'V(i)'],
    ['V.i', 'V(i)'],
    ['V-I', 'V(i)'],
    ['V i', 'V(i)'],
    ['5i', 'V(i)'],
    ['XVx', 'XV(x)'],
    ['XXIi', 'XXI(i)'],
  ])('%j is %s', (text, value) => {
    expect(parseUsml(text)).toEqual({ ok: true, value })
  })

  test.each<[text: string, ...ways: string[]]>([
    ['Vi', 'V(i)', 'VI'],
    ['vI', 'V(i)', 'VI'],
    ['Cat. Ix', 'I(x)', 'IX'],
    ['XIi', 'XI(i)', 'XII'],
    ['Xic', 'X(i)(c)', 'XI(c)'],
    ['Xii', 'X(i)(i)', 'XI(i)', 'XII'],
    ['V I', 'VI', 'V(i)'],
    ['v i 1', 'VI(1)', 'V(i)(1)'],
    ['USML VI1', 'VI(1)', 'V(i)(1)'],
    ['vi1', 'VI(1)', 'V(i)(1)'],
  ])('%j is refused, as it can be read in more than one way', (text, ...ways) => {
    const outcome = parseUsml(text)
    expect(outcome).toMatchObject({ ok: false, code: 'USML_FORMAT' })
    if (outcome.ok) return
    const shown = /may be (.*): put the paragraph in brackets/.exec(outcome.reason)?.[1]
    expect(shown?.split(' or ').sort()).toEqual(ways.sort())
  })

  test.each([
    ['XXII', 'USML_CATEGORY'],
    ['IIII(a)', 'USML_CATEGORY'],
    ['XXIIa', 'USML_CATEGORY'],
    ['22(a)', 'USML_CATEGORY'],
    ['0', 'USML_CATEGORY'],
    ['VIII(h', 'USML_FORMAT'],
    ['VIII)h(', 'USML_FORMAT'],
    ['VIII(hh)', 'USML_FORMAT'],
    ['VIII(1)', 'USML_FORMAT'],
    ['VIII(h)(A)', 'USML_FORMAT'],
    ['VIII(h)(01)', 'USML_FORMAT'],
    ['XI(a)(4)(iiii)', 'USML_FORMAT'],
    ['XI(a)(1), (c)', 'USML_FORMAT'],
    ['VIII(h)(1).', 'USML_FORMAT'],
    ['xVi(a)', 'USML_FORMAT'],
    ['ML8', 'USML_FORMAT'],
    ['x', 'USML_FORMAT'],
    ['USML', 'USML_FORMAT'],
    ['22 CFR 121.1', 'USML_FORMAT'],
    ['', 'USML_FORMAT'],
  ])('%j is refused as %s', (text, code) => {
    expect(parseUsml(text)).toMatchObject({ ok: false, code })
  })

  test('every spelling of a paragraph gives its normal form, or is refused for two readings', () => {
    const romans = 'I II III IV V VI VII VIII IX X XI XII XIII XIV XV XVI XVII XVIII XIX XX XXI'
    const category = fc.constantFrom(...romans.split(' '))
    const letter = fc.constantFrom(...'abcdefghijklmnopqrstuvwxyz')
    const number = fc.integer({ min: 1, max: 29 }).map(String)
    const small = fc.constantFrom('i', 'ii', 'iii', 'iv', 'v', 'ix', 'xii')
    const capital = fc.constantFrom(...'ABCI')
    const marks = fc
      .tuple(letter, number, small, capital, fc.nat(4))
      .map(([a, one, i, capitalA, depth]) => [a, one, i, capitalA].slice(0, depth))
    fc.assert(
      fc.property(category, marks, between, (roman, parts, sign) => {
        const value = roman + parts.map(bracketed).join('')
        const arabic = String(romans.split(' ').indexOf(roman) + 1)
        for (const text of [
          value,
          value.toUpperCase(),
          `USML Cat. ${value.toLowerCase()}`,
          [arabic, ...parts].join(sign),
          arabic + parts.map(bracketed).join(' '),
        ])
          expect(parseUsml(text)).toEqual({ ok: true, value })
        for (const text of [[roman, ...parts].join(sign), roman + parts.slice(0, 2).join('')]) {
          const outcome = parseUsml(text)
          const whole = text.startsWith(roman + (parts[0] ?? '')) ? parts.slice(0, 2) : parts
          const expected = roman + whole.map(bracketed).join('')
          if (outcome.ok) expect(outcome.value).toBe(expected)
          else expect(outcome.reason).toContain(expected)
        }
      }),
      { numRuns: 500 },
    )
  })

  test.skipIf(!present)('all categories that the Commerce Control List mentions parse', () => {
    const mentions = [
      ...ccl.matchAll(
        /((?:22 CFR (?:§ )?121\.1,? )?(?:\(?USML\)?,? )(?:Category|paragraph) ?([IVX]+(?: ?\([a-z0-9]+\))*))/g,
      ),
    ]
    process.stdout.write(`read ${mentions.length} USML categories in the text of ccl.json\n`)
    expect(mentions.length).toBeGreaterThan(200)
    for (const [, text = '', category = ''] of mentions)
      expect(parseUsml(text)).toEqual({ ok: true, value: category.replaceAll(' ', '') })
  })
})
