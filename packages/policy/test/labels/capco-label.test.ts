import { caveats, classifications, joinLabels, type Label } from '@entente/schema'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatBanner, formatPortion } from '../../src/labels/capco-format.ts'
import { usMarkingOf } from '../../src/labels/capco-label.ts'
import { parseUsMarking } from '../../src/labels/capco-marking.ts'
import { rollUp } from '../../src/labels/capco-roll-up.ts'
import { assertOften } from '../enough.ts'

const label = (words: readonly Label['caveats'][number][]): fc.Arbitrary<Label> =>
  fc.record({
    classification: fc.constantFrom(...classifications),
    releasableTo: fc.subarray(['AUKUS', 'AUS', 'CAN', 'GBR', 'NATO', 'NOR', 'USA']),
    caveats: fc.subarray([...words]),
  })

test.each<[text: string, label: Label]>([
  ['UNCLASSIFIED//NOFORN', { classification: 'UNCLASSIFIED', releasableTo: [], caveats: [] }],
  ['SECRET//NOFORN', { classification: 'SECRET', releasableTo: ['USA'], caveats: [] }],
  [
    'CONFIDENTIAL//ORCON/PROPIN/REL TO USA, AUS, GBR, NATO',
    {
      classification: 'RESTRICTED',
      releasableTo: ['AUS', 'GBR', 'NATO'],
      caveats: ['COMMERCIAL', 'ORCON'],
    },
  ],
  [
    'SECRET//USA/AUS/GBR EYES ONLY',
    { classification: 'SECRET', releasableTo: ['AUS', 'GBR'], caveats: ['ONLY'] },
  ],
])('%s', (text, given) => {
  expect(formatBanner(usMarkingOf(given))).toBe(text)
})

test('the join of labels is the roll-up of their markings', () => {
  let released = 0
  // ONLY is left out: there the Manual lets EYES ONLY become REL TO, and we keep it.
  const plain = label(caveats.filter((caveat) => caveat !== 'ONLY'))
  const property = fc.property(fc.array(plain, { minLength: 1, maxLength: 4 }), (labels) => {
    const joined = usMarkingOf(labels.reduce(joinLabels))
    expect(rollUp(labels.map(usMarkingOf))).toEqual(joined)
    if (joined.rel !== null && labels.length > 1) released++
  })
  assertOften(property, { met: () => released, few: 20, numRuns: 500 })
})

test('EYES ONLY beside REL TO is REL TO for the Manual; our ONLY stays', () => {
  const only: Label = { classification: 'SECRET', releasableTo: ['GBR'], caveats: ['ONLY'] }
  const open: Label = { ...only, caveats: [] }
  expect(formatBanner(rollUp([only, open].map(usMarkingOf)))).toBe('SECRET//REL TO USA, GBR')
  expect(formatBanner(usMarkingOf(joinLabels(only, open)))).toBe('SECRET//USA/GBR EYES ONLY')
})

test('what is printed reads back the same', () => {
  fc.assert(
    fc.property(label(caveats), (given) => {
      const marking = usMarkingOf(given)
      for (const text of [formatBanner(marking), formatPortion(marking)])
        expect(parseUsMarking(text)).toEqual({ ok: true, marking })
    }),
  )
})

test('roll-up is idempotent, and order and grouping mean nothing', () => {
  const some = fc.array(label(caveats), { minLength: 1, maxLength: 3 })
  fc.assert(
    fc.property(some, some, (a, b) => {
      const [left, right] = [a.map(usMarkingOf), b.map(usMarkingOf)]
      const all = rollUp([...left, ...right])
      expect(rollUp([all, all])).toEqual(all)
      expect(rollUp([...right, ...left])).toEqual(all)
      expect(rollUp([rollUp(left), rollUp(right)])).toEqual(all)
    }),
    { numRuns: 300 },
  )
})

test.each([
  '',
  'SECERT//NF',
  'RESTRICTED//NF',
  'S//',
  'S//NF//SI',
  'S//NF/NF',
  'S//NF/REL TO USA, GBR',
  'S//REL TO USA',
  'S//REL TO AUS, GBR',
  'S//REL TO USA, NSG',
  'S//REL TO USA, XKS',
  'S//REL TO USA,GBR',
  'S//REL TO USA, GBR, GBR',
  'S//DISPLAY ONLY QQQ',
  'S//USA/QQQ EYES ONLY',
  'S//SI/SI',
  'S//SI-lower',
  'S//FGI QQQ',
  '//QQQ S',
  '//JOINT S GBR QQQ',
  '//NATO COSMIC',
  '//FGI',
  'S//XYZ//NF',
])('%j is refused, not read in part', (text) => {
  expect(parseUsMarking(text)).toMatchObject({ ok: false })
})

test('no one-letter change of a marking is read as a wider one', () => {
  const text = 'TS//SI-G ABCD//OC/NF'
  const read = parseUsMarking(text)
  if (!read.ok) throw new Error(read.reason)
  for (let at = 0; at < text.length; at++)
    for (const letter of ['', 'S', ' ', '/', 'X']) {
      const outcome = parseUsMarking(text.slice(0, at) + letter + text.slice(at + 1))
      if (!outcome.ok) continue
      expect(outcome.marking.rel).toBe(null)
      expect(outcome.marking.controls).toEqual(expect.arrayContaining(['NF']))
    }
})
