import { formatIsoDate, PolicyDocument, runTests, type TestResult } from '@entente/policy'
import { z } from 'zod'
import { issuesOf, readPolicyFile, soundDocument } from '../../authority-file.ts'
import { EXIT } from '../../exit-codes.ts'
import { clean, count, formatTable, wrap } from '../../text.ts'
import { defineVerb } from '../../verb.ts'

export const policyTestVerb = defineVerb({
  name: 'policy test',
  arguments: '<file>',
  purpose:
    'Run the tests inside a policy: what each expects, what comes out, and by which row. Works offline.',
  example: 'policy test examples/policies/NOR.json',
  next: 'entente policy diff FILE shows what it changes',
  input: z.strictObject({ file: z.string() }),
  run: ({ io }, { file }) => {
    const read = readPolicyFile(file)
    // A policy whose tests fail can still be asked; one that is no policy cannot.
    const policy = issuesOf(read).every(({ code }) => code === 'TEST')
      ? PolicyDocument.parse(read.document)
      : soundDocument(read)
    const results = runTests(policy)
    const failed = results.filter(({ passed }) => !passed)
    const table = formatTable(
      ['test', 'line', 'passed', 'asked', 'expected', 'found', 'because'],
      results.map((result) => [
        result.index + 1,
        read.lineOf(['tests', result.index]) ?? '-',
        result.passed ? 'yes' : 'NO',
        sayQuestion(result),
        result.expected,
        result.found,
        result.why.words,
      ]),
      io,
    )
    const advice = failed.flatMap(({ index, why }) =>
      why.change === undefined
        ? []
        : [wrap(clean(`test ${index + 1} would go if: ${why.change}`), io, '  ')],
    )
    const verdict =
      results.length === 0
        ? 'This policy has no tests: write some under tests, so that nobody signs what it was not meant to say.'
        : failed.length === 0
          ? `${count(results.length, 'test')}, all passed.`
          : `${failed.length} of ${count(results.length, 'test')} failed: policy sign refuses it.`
    return {
      json: {
        file,
        passed: results.length - failed.length,
        failed: failed.length,
        tests: results.map(({ atMs, ...result }) => ({
          ...result,
          line: read.lineOf(['tests', result.index]),
          at: formatIsoDate(atMs),
        })),
      },
      text: [...(results.length === 0 ? [] : [table, '']), ...advice, verdict].join('\n'),
      exit: failed.length === 0 ? EXIT.done : EXIT.unverified,
    }
  },
})

function sayQuestion({ kind, field, recipient, purpose, atMs }: TestResult): string {
  const why = purpose === 'use' ? '' : ` to ${purpose}`
  return `${kind}.${field} for ${recipient}${why} on ${formatIsoDate(atMs)}`
}
