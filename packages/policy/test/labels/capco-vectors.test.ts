import { expect, test } from 'vitest'
import { formatBanner, formatPortion } from '../../src/labels/capco-format.ts'
import { parseUsMarking, type UsMarking } from '../../src/labels/capco-marking.ts'
import { resolvePortion, rollUp } from '../../src/labels/capco-roll-up.ts'
import { excludedFrom } from './exclusions.ts'
import { describeVectors, labelVector } from './vectors.ts'

/** Control systems that the Manual makes up to show how unpublished ones are marked. */
const notional = ['ANB', 'LMN', 'XNB']

function read(text: string): UsMarking {
  const outcome = parseUsMarking(text, notional)
  if (!outcome.ok) throw new Error(`${text}: ${outcome.reason}`)
  return outcome.marking
}

/** The banner of portions, whose short marks refer to the lists of `banner`. */
const rolled = (portions: readonly string[], banner: UsMarking) =>
  formatBanner(rollUp(portions.map((portion) => resolvePortion(read(portion), banner))))

interface Example {
  readonly line: number
  readonly banner: string
  readonly portions: readonly string[]
}

describeVectors('capco-2016/rollup-examples', 96, (ran) => {
  const { examples } = JSON.parse(labelVector('capco-2016/rollup-examples.json')) as {
    examples: readonly Example[]
  }
  const excluded = excludedFrom('capco-2016/rollup-examples')
  test('what is left out is among the examples', () => {
    const lines = examples.map(({ line }) => `${line}`)
    expect(excluded.filter((line) => !lines.includes(line))).toEqual([])
    expect(examples.length - excluded.length).toBe(96)
  })
  for (const { line, banner, portions } of examples) {
    if (excluded.includes(`${line}`)) {
      test(`line ${line} really differs`, () => {
        expect(() =>
          expect(rolled(portions, read(banner))).toBe(formatBanner(read(banner))),
        ).toThrow()
      })
      continue
    }
    test(`line ${line}: ${portions.join(' + ')} is ${banner}`, () => {
      expect(rolled(portions, read(banner))).toBe(formatBanner(read(banner)))
      for (const portion of portions) expect(formatPortion(read(portion))).toBe(portion)
      ran()
    })
  }
})

interface Item {
  readonly heading: string
  readonly n: string | null
  readonly kind: string
  readonly text: string
}

describeVectors('capco-2016/section-j-examples', 44, (ran) => {
  const { items } = JSON.parse(labelVector('capco-2016/section-j-examples.json')) as {
    items: readonly Item[]
  }
  const excluded = excludedFrom('capco-2016/section-j-examples')
  items.forEach((item, i) => {
    const check = item.kind === 'Portion Mark' ? portionHolds : bannerHolds
    if (excluded.includes(`${i}`))
      test(`${i}: ${item.text} really differs`, () => {
        expect(() => check(item, i)).toThrow()
      })
    else
      test(`${i}: ${item.text} is read, and is or gives its banner`, () => {
        check(item, i)
        ran()
      })
  })
  test('what is left out is among the examples', () => {
    expect(items.length - excluded.length).toBe(44)
  })

  function bannerHolds({ text }: Item): void {
    const banner = read(text)
    expect(read(formatBanner(banner))).toEqual(banner)
    // Banners without titles come back letter by letter.
    if (!/TALENT|GAMMA|RISK|ORIGINATOR|SPECIAL ACCESS|RELEASABLE/.test(text))
      expect(formatBanner(banner)).toBe(text)
  }

  function portionHolds({ heading, text }: Item, at: number): void {
    const banner = items.findLast(
      (each, i) => i < at && each.kind !== 'Portion Mark' && each.heading === heading,
    )
    if (banner === undefined) throw new Error('no banner')
    const marks = [...text.matchAll(/\(([^()]+)\)/g)].map(([, mark = '']) => mark)
    expect(marks.length).toBeGreaterThan(0)
    for (const mark of marks) expect(formatPortion(read(mark))).toBe(mark)
    expect(rolled(marks, read(banner.text))).toBe(formatBanner(read(banner.text)))
  }
})

/** Table 3, each rule by portions that it is about. */
const table3: readonly [rule: number, portions: readonly string[], banner: string][] = [
  [1, ['S//NF', 'S//NF'], 'SECRET//NOFORN'],
  [2, ['S//NF', 'S//REL TO USA, GBR'], 'SECRET//NOFORN'],
  [2, ['S//NF', 'S//RELIDO'], 'SECRET//NOFORN'],
  [2, ['S//NF', 'S//USA/GBR EYES ONLY'], 'SECRET//NOFORN'],
  [2, ['S//NF', 'S//DISPLAY ONLY IRQ'], 'SECRET//NOFORN'],
  [3, ['S//NF', 'U//SBU-NF'], 'SECRET//NOFORN'],
  [4, ['C', 'U//SBU-NF'], 'CONFIDENTIAL//NOFORN'],
  [5, ['S//REL TO USA, GBR', 'S//RELIDO', 'U//SBU-NF'], 'SECRET//NOFORN'],
  [6, ['S//NF', 'U//LES-NF'], 'SECRET//NOFORN//LES'],
  [7, ['C', 'U//LES-NF'], 'CONFIDENTIAL//NOFORN//LES'],
  [8, ['S//REL TO USA, GBR', 'S//RELIDO', 'U//LES-NF'], 'SECRET//NOFORN//LES'],
  [9, ['S//REL TO USA, GBR', 'S//REL TO USA, JPN'], 'SECRET//NOFORN'],
  [10, ['S//REL TO USA, GBR', 'S//RELIDO'], 'SECRET//NOFORN'],
  [11, ['S//REL TO USA, GBR', 'S//DISPLAY ONLY IRQ'], 'SECRET//NOFORN'],
  [12, ['S//REL TO USA, GBR/RELIDO', 'C'], 'SECRET//NOFORN'],
  [13, ['S//REL TO USA, AUS', 'S//USA/GBR EYES ONLY'], 'SECRET//NOFORN'],
  [14, ['S//REL TO USA, GBR', 'U//SBU-NF'], 'SECRET//NOFORN'],
  [15, ['S//REL TO USA, GBR', 'U//LES-NF'], 'SECRET//NOFORN//LES'],
  [16, ['S//REL TO USA, GBR', 'C'], 'SECRET//NOFORN'],
  // The table leaves it open; in doubt nobody foreign.
  [17, ['S//RELIDO', 'C'], 'SECRET//NOFORN'],
  [18, ['S//RELIDO', 'S//DISPLAY ONLY IRQ'], 'SECRET//NOFORN'],
  [19, ['S//DISPLAY ONLY IRQ', 'C'], 'SECRET//NOFORN'],
  [20, ['S//DISPLAY ONLY IRQ', 'S//DISPLAY ONLY AFG'], 'SECRET//NOFORN'],
  [21, ['S//REL TO USA, AUS, GBR', 'S//REL TO USA, GBR, NATO'], 'SECRET//REL TO USA, GBR'],
  [22, ['S//REL TO USA, AUS, GBR', 'S//USA/GBR EYES ONLY'], 'SECRET//REL TO USA, GBR'],
  [23, ['S//REL TO USA, FVEY', 'S//REL TO USA, GBR, JPN'], 'SECRET//REL TO USA, GBR'],
  [23, ['S//REL TO USA, FVEY', 'S//REL TO USA, TEYE'], 'SECRET//REL TO USA, AUS, GBR'],
  [24, ['S//RELIDO', 'C//RELIDO'], 'SECRET//RELIDO'],
  [25, ['S//DISPLAY ONLY AFG, IRQ', 'S//DISPLAY ONLY IRQ'], 'SECRET//DISPLAY ONLY IRQ'],
  [26, ['S//DISPLAY ONLY IRQ', 'S//REL TO USA, IRQ'], 'SECRET//DISPLAY ONLY IRQ'],
  [
    27,
    ['S//REL TO USA, GBR/DISPLAY ONLY IRQ', 'S//REL TO USA, GBR, AUS/DISPLAY ONLY IRQ'],
    'SECRET//REL TO USA, GBR/DISPLAY ONLY IRQ',
  ],
]

test.each(table3)('rule %i: %j is %s, in any order', (_, portions, banner) => {
  const marks = portions.map(read)
  expect(formatBanner(rollUp(marks))).toBe(banner)
  expect(formatBanner(rollUp(marks.toReversed()))).toBe(banner)
})

describeVectors('capco-2016/fdr-rollup-table3', 27, (ran) => {
  const { rules } = JSON.parse(labelVector('capco-2016/fdr-rollup-table3.json')) as {
    rules: readonly { rule: number; banner: string }[]
  }
  test.each(rules)('rule $rule of the table is tested, and gives $banner', ({ rule, banner }) => {
    const cases = table3.filter(([number]) => number === rule)
    expect(cases.length).toBeGreaterThan(0)
    // The first words of the table's banner, before the list and what it says about it.
    const [wanted = ''] = /^(NOFORN|REL TO|RELIDO|DISPLAY ONLY)/.exec(banner) ?? []
    expect(wanted).not.toBe('')
    for (const [, , found] of cases) expect(found.split('//')[1]).toMatch(new RegExp(`^${wanted}`))
    ran()
  })
})
