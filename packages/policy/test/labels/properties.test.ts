import { joinLabels, type Label } from '@entente/schema'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compilePolicy } from '../../src/compile.ts'
import { composeFragment } from '../../src/compose.ts'
import { decide, levelOf } from '../../src/decide.ts'
import { createDecider } from '../../src/decider.ts'
import { usMarkingOf } from '../../src/labels/capco-label.ts'
import { rollUp } from '../../src/labels/capco-roll-up.ts'
import type { Equivalence } from '../../src/labels/equivalence.ts'
import { levels } from '../../src/levels.ts'
import type { Question } from '../../src/question.ts'
import { document, question, relabel } from '../arbitrary.ts'
import { assertOften } from '../enough.ts'

const spain: Equivalence = {
  agreement: 'exercise GSA',
  scheme: 'ESP',
  from: '2020-01-01',
  until: '2027-06-01',
  levels: {
    'TOP SECRET': [{ text: 'SECRETO' }],
    SECRET: [{ text: 'RESERVADO' }],
    CONFIDENTIAL: [{ text: 'CONFIDENCIAL' }],
    RESTRICTED: [{ text: 'DIFUSIÓN LIMITADA', until: '2026-02-02' }],
    UNCLASSIFIED: [{ text: 'SIN CLASIFICAR' }],
  },
}
const policy = document.map((d) => compilePolicy({ ...d, equivalences: [spain] }))
const marking = fc.constantFrom(
  ...Object.values(spain.levels).flatMap((list) => list.map(({ text }) => `ESP:${text}`)),
  'ESP:SECRET',
  'PRT:SECRETO',
)
const withheld = (q: Question, p: ReturnType<typeof compilePolicy>) =>
  levels.indexOf(levelOf(decide(q, p)))
const mark = (label: Label, original: string): Label =>
  joinLabels(label, { ...label, original: [original] })

test('adding an original marking never gains access; the memory tells markings apart', () => {
  let released = 0
  const property = fc.property(policy, question, marking, marking, (p, q, a, b) => {
    const once = relabel(q, (label) => mark(label, a))
    const twice = relabel(once, (label) => mark(label, b))
    expect(withheld(once, p)).toBeGreaterThanOrEqual(withheld(q, p))
    expect(withheld(twice, p)).toBeGreaterThanOrEqual(withheld(once, p))
    const decider = createDecider(p)
    for (const each of [q, once, twice, once, q])
      expect(decider.decide(each)).toEqual(decide(each, p))
    if (withheld(once, p) < 3) released++
  })
  // Most random questions are denied by themselves.
  assertOften(property, { met: () => released, few: 3, numRuns: 500 })
})

test('the banner of a fragment is the roll-up of the markings of what is in it', () => {
  let released = 0
  const property = fc.property(policy, question, (p, q) => {
    const made = composeFragment(q, createDecider(p), { recordKey: new Uint8Array(32) })
    if (made.fragment === null) return
    const { banner } = made.fragment.head
    const marks = made.fields.flatMap((field) => {
      const label = q.record.fields[field]?.label
      // ONLY is ours to keep; the Manual's EYES ONLY may become REL TO.
      return label === undefined ? [] : [usMarkingOf(only(label))]
    })
    const { level, controls } = rollUp(marks)
    const said = usMarkingOf({ ...only(banner), releasableTo: ['GBR'] })
    expect(said.level).toBe(level)
    // Lists are not in a banner; what its controls say beside them is the same.
    const beside = (list: typeof controls) => list.filter((control) => control !== 'NF')
    expect(beside(said.controls)).toEqual(beside(controls))
    if (made.fields.length > 1) released++
  })
  assertOften(property, { met: () => released, few: 20, numRuns: 500 })
})

const only = <L extends Pick<Label, 'caveats'>>(label: L): L => ({
  ...label,
  caveats: label.caveats.filter((caveat) => caveat !== 'ONLY'),
})
