import { caveats, classifications, formatLabel, Label } from '@entente/schema'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { labelOf } from '../src/label.ts'

const labels = fc
  .record({
    classification: fc.constantFrom(...classifications),
    caveats: fc.subarray([...caveats]),
    releasableTo: fc.subarray(['AUKUS', 'AUS', 'GBR', 'NATO', 'NOR']),
  })
  .map((label) => Label.parse(label))

test('every label reads back from its marking', () => {
  fc.assert(
    fc.property(labels, (label) => {
      expect(labelOf(formatLabel(label))).toEqual(label)
    }),
  )
})

test('order and repeats do not matter; silence means the originator alone', () => {
  expect(labelOf('SECRET // ORCON // NOFORN // REL TO NOR, AUS NOR')).toEqual({
    classification: 'SECRET',
    caveats: ['NOFORN', 'ORCON'],
    releasableTo: ['AUS', 'NOR'],
  })
  expect(labelOf('RESTRICTED').releasableTo).toEqual([])
})

test.each([
  '',
  'secret',
  'SECRET/NOFORN',
  'SECRET//NOFORN NATO',
  'SECRET//REL NOR',
  'SECRET//REL TO',
  'SECRET//REL TO nor',
  'SECRET//',
])('%j is no label', (text) => {
  expect(() => labelOf(text)).toThrow(expect.objectContaining({ code: 'LABEL_FORM' }))
})
