import fc from 'fast-check'
import { expect, test } from 'vitest'
import { cedarRequestOf } from '../src/cedar/ask.ts'
import { type CedarExport, exportCedar } from '../src/cedar/export.ts'
import { compilePolicy } from '../src/compile.ts'
import type { PolicyDocument } from '../src/document.ts'
import { anyPolicy, anyQuestion } from './any-row.ts'
import { besideAgreements, examples, questionAbout } from './example-questions.ts'
import { allFive, documentWith, permitted } from './fixtures.ts'
import { complaintsAbout, createCoverage, openCedar, openOpinions } from './second-opinion.ts'

const questions = fc.array(anyQuestion, { minLength: 40, maxLength: 40 })

test('Cedar finds the same rows for 1,600 questions, over every operator on every attribute', () => {
  const coverage = createCoverage()
  const property = fc.property(anyPolicy, questions, (policy, asked) => {
    const { compare } = openOpinions(policy)
    for (const question of asked) {
      compare(question)
      coverage.add(question, policy)
    }
  })
  // Nearly always once is enough.
  let round = 0
  do fc.assert(property, { numRuns: 40 })
  while (++round < 10 && coverage.gaps().length > 0)
  expect(coverage.gaps()).toEqual([])
})

test.each(examples.map((document): [string, PolicyDocument] => [document.nation, document]))(
  'Cedar finds the same rows of the example policy of %s, each of them at least once',
  (_, document) => {
    const { compare } = openOpinions(besideAgreements(document))
    const seen = new Set<string>()
    for (let round = 0; round < 80 && seen.size < document.rules.length; round++)
      for (const question of fc.sample(questionAbout(document), 80))
        for (const ids of Object.values(compare(question))) for (const id of ids) seen.add(id)
    expect([...seen].sort()).toEqual(document.rules.map(({ id }) => id).sort())
  },
)

test('what is exported passes the strict validator of Cedar', () => {
  for (const document of [
    ...examples,
    ...fc.sample(anyPolicy, 20).map((policy) => policy.document),
  ])
    expect(complaintsAbout(exportCedar(document))).toEqual([])
})

const document = documentWith({
  rules: [
    { ...allFive, match: { ...allFive.match, caveats: { subsetOf: ['NOFORN'] } } },
    { id: 'no', effect: 'deny', match: { confidence: { in: ['F6'] } }, reasonCode: 'NO' },
  ],
})
const exported = exportCedar(document)
const change = (from: string, to: string): CedarExport => {
  const staticPolicies = Object.fromEntries(
    Object.entries(exported.staticPolicies).map(([id, text]) => [id, text.replace(from, to)]),
  )
  expect(staticPolicies).not.toEqual(exported.staticPolicies)
  return { ...exported, staticPolicies }
}

test('a misspelt code is refused in a policy and in a question', () => {
  expect(complaintsAbout(change('NOFORN', 'NOFRON')).join()).toContain('NOFRON')
  const ask = openCedar(exported)
  const request = cedarRequestOf(permitted, compilePolicy(document), exported)
  expect(ask(request)).toEqual(expect.arrayContaining(['all-fields', 'no']))
  expect(ask({ ...request, principal: { type: 'Nation', id: 'GRB' } })).toBeNull()
})

test.each(Object.keys(cedarRequestOf(permitted, compilePolicy(document), exported).context))(
  'a question without its %s gets an error, which means deny',
  (attribute) => {
    const request = cedarRequestOf(permitted, compilePolicy(document), exported)
    const { [attribute]: _, ...context } = request.context
    expect(openCedar(exported)({ ...request, context })).toBeNull()
  },
)

test.each<[change: string, from: string, to: string]>([
  ['a condition is lost', '[Group::"AUKUS"].containsAny(context.recipientGroups) &&', ''],
  ['unknown counts as false', '!context.confidence.known || ', 'context.confidence.known && '],
  ['a purpose is added', 'Purpose::"use"', 'Purpose::"use", Purpose::"display"'],
])('an export in which %s is found out', (_, from, to) => {
  const { differs } = openOpinions(compilePolicy(document), change(from, to))
  expect(fc.sample(anyQuestion, 1_000).some(differs)).toBe(true)
})

test('a policy is named by its row, whatever the order of the rows', () => {
  const turned = exportCedar({ ...document, rules: document.rules.toReversed() })
  expect(turned).toEqual(exported)
  expect(Object.keys(exported.staticPolicies)).toEqual(['all-fields', 'no'])
  expect(exported.text).toContain('@authority("AUKUS exercise 1")')
})
