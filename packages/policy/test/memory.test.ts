import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { Label } from '@entente/schema'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type CompiledPolicy, compilePolicy } from '../src/compile.ts'
import { decide } from '../src/decide.ts'
import { createDecider } from '../src/decider.ts'
import type { Question } from '../src/question.ts'
import { anyPolicy, anyQuestion } from './any-row.ts'
import { policy, question } from './arbitrary.ts'
import { documentWith, labelled, permitted } from './fixtures.ts'
import { cameFrom } from './foreign.ts'

const tiny = { cases: 4, cells: 40, decisions: 3 }
const many = fc.array(anyQuestion, { minLength: 2, maxLength: 20 })

/** Every field of every record, for everybody that any question names, twice, records and recipients by turns. */
function askAll(p: CompiledPolicy, questions: readonly Question[], limits?: typeof tiny) {
  const decider = createDecider(p, limits === undefined ? {} : { limits })
  const opened = questions.map((q) => ({ q, ask: decider.openRecord(q.record) }))
  for (const to of [...questions, ...questions])
    for (const { q, ask } of opened) {
      const { record: _, field: __, ...asked } = to
      const field = ask(asked)
      for (const name of new Set([q.field, to.field, 'title']))
        expect(field(name)).toEqual(decide({ ...asked, record: q.record, field: name }, p))
    }
}

/** A question, and the same with one fact of another at a time: what a memory would most easily take for one. */
const alike = fc.tuple(anyQuestion, anyQuestion).map(([one, two]): readonly Question[] => {
  const { record } = one
  const relabelled = (change: Partial<Label>) => ({
    ...record,
    fields: Object.fromEntries(
      Object.entries(record.fields).map(([name, field]) => [
        name,
        { ...field, label: { ...field.label, ...change } },
      ]),
    ),
  })
  const label = two.record.fields['title']?.label
  const { confidence, jurisdiction, ...envelope } = record.envelope
  return [
    record,
    { ...record, kind: two.record.kind },
    { ...record, dataset: two.record.dataset },
    { ...record, originator: two.record.originator },
    ...['2020-01-01', '2026-02-28', '2026-03-01', 'no date'].map((asOf) => ({
      ...relabelled({ caveats: ['ONLY'] }),
      envelope: { ...record.envelope, asOf },
    })),
    { ...record, envelope: { ...envelope, ...(jurisdiction && { jurisdiction }) } },
    { ...record, envelope: { ...envelope, ...(confidence && { confidence }) } },
    ...[1, 2].flatMap((number) =>
      (['same', 'other'] as const).map((value) =>
        cameFrom(record, { from: ['AUS'], onward: 'ask', value, terms: true, number }),
      ),
    ),
    cameFrom(record, { from: ['AUS'], onward: 'free', value: 'same', terms: true }),
    cameFrom(record, { from: ['AUS', 'GBR'], onward: 'free', value: 'same', terms: true }),
    ...(label === undefined
      ? []
      : [
          relabelled({ classification: label.classification }),
          relabelled({ caveats: label.caveats }),
          relabelled({ original: ['ESP:SIN CLASIFICAR'] }),
          relabelled({ original: ['ESP:SECRETO'] }),
          relabelled({ releasableTo: label.releasableTo }),
          relabelled({ releasableTo: [...label.releasableTo, 'OTHERS'].sort() }),
        ]),
  ].map((made) => ({ ...one, record: made }))
})

describe('a decider with a memory answers as one without', () => {
  test('over rules that match any attribute', () => {
    fc.assert(
      fc.property(anyPolicy, many, (p, questions) => askAll(p, questions)),
      { numRuns: 40 },
    )
  })

  test('over records that differ in one fact', () => {
    fc.assert(
      fc.property(anyPolicy, alike, (p, questions) => {
        const decider = createDecider(p)
        for (const q of questions) expect(decider.decide(q)).toEqual(decide(q, p))
      }),
      { numRuns: 400 },
    )
  })

  test('over rules that an authority could sign, beside a register', () => {
    fc.assert(
      fc.property(policy, fc.array(question, { minLength: 2, maxLength: 12 }), (p, questions) =>
        askAll(p, questions),
      ),
      { numRuns: 60 },
    )
  })

  test('when its memory is full all the time', () => {
    fc.assert(
      fc.property(anyPolicy, many, (p, questions) => askAll(p, questions, tiny)),
      { numRuns: 30 },
    )
  })
})

test('labels whose lists only look alike are told apart', () => {
  const decider = createDecider(compilePolicy(documentWith()))
  const of = (releasableTo: string[]) =>
    decider.decide({ ...permitted, record: labelled('rate_max', { releasableTo }) }).effect
  expect(of(['AUS', 'GBR'])).toBe('permit')
  // Not a list that a parser lets in.
  expect(of(['AUS,GBR'])).toBe('deny')
  expect(of(['AUS","GBR'])).toBe('deny')
})

const ample = { cases: 1e9, cells: 1e9, decisions: 1e9 }

test.each([{ cases: 50 }, { cells: 2_000 }])(
  'what is made up one by one does not fill a memory of %o',
  (limit) => {
    const policyOf = compilePolicy(documentWith())
    const decider = createDecider(policyOf, { limits: { ...ample, ...limit } })
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc') as () => void
    const heap = () => {
      collect()
      return process.memoryUsage().heapUsed / 2 ** 20
    }
    const before = heap()
    const effects = new Set<string>()
    for (let i = 0; i < 4_000; i++) {
      const label: Partial<Label> = { releasableTo: [`G${i}_${'x'.repeat(4_000)}`] }
      const record = { ...labelled('rate_max', label), dataset: `d${i}` }
      const asked = { ...permitted, record, recipient: `N${i}` }
      effects.add(decider.decide(asked).effect)
      effects.add(decider.decide({ ...asked, field: `f${i}` }).effect)
    }
    expect([...effects]).toEqual(['deny'])
    // 4,000 labels alone have 16 MB.
    expect(heap() - before).toBeLessThan(8)
    // The same decider still answers.
    expect(decider.decide(permitted).effect).toBe('permit')
  },
)
