import { readdirSync, readFileSync } from 'node:fs'
import { caveats, classifications, fieldsOf, Kind } from '@entente/schema'
import fc from 'fast-check'
import { type CompiledPolicy, compilePolicy, withRegister } from '../src/compile.ts'
import { parseIsoDate } from '../src/dates.ts'
import { PolicyDocument } from '../src/document.ts'
import type { Question } from '../src/question.ts'
import { compileRegister } from '../src/register/compile.ts'
import type { Agreement } from '../src/register/document.ts'
import { record, recordWith } from './fixtures.ts'

const folder = new URL('../../../examples/policies/', import.meta.url)

export const examples: readonly PolicyDocument[] = readdirSync(folder)
  .sort()
  .map((file) => PolicyDocument.parse(JSON.parse(readFileSync(new URL(file, folder), 'utf8'))))

/** An example policy beside a register with every agreement that its rows name, all in force for half of the policy's time. */
export function besideAgreements(document: PolicyDocument): CompiledPolicy {
  const ids = document.rules.flatMap(({ match }) => [
    ...(match.agreements?.intersects ?? []),
    ...(match.agreements?.subsetOf ?? []),
  ])
  const agreements = [...new Set(ids)].map(
    (id): Agreement => ({
      id,
      title: id,
      type: 'MOU',
      parties: Object.keys(document.ceilings).map((nation) => ({ nation })),
      uses: ['use'],
      ceiling: 'SECRET',
      effective: document.from,
      expires: '2027-07-01',
    }),
  )
  const { nation, from, until } = document
  return withRegister(
    compilePolicy(document),
    compileRegister({ nation, edition: 1, from, until, agreements }),
  )
}

const some = <T extends string>(list: readonly T[]) =>
  fc.subarray([...list]).map((chosen) => chosen.sort())

/**
 * Questions in the words of a policy: each in those of one of its rows, and in any of its nations, groups, datasets and
 * dates where the row says nothing.
 */
export function questionAbout(document: PolicyDocument): fc.Arbitrary<Question> {
  const groups = Object.keys(document.groups)
  const nations = [...Object.keys(document.ceilings), document.nation]
  const [fromMs, untilMs] = [parseIsoDate(document.from) ?? 0, parseIsoDate(document.until) ?? 0]
  return fc
    .constantFrom(...document.rules)
    .chain(({ match }) =>
      fc.constantFrom(...(match.kind?.in ?? Kind.options)).map((kind) => ({ kind, match })),
    )
    .chain(({ kind, match }) =>
      fc
        .record({
          field: fc.constantFrom(...(match.field?.in ?? Object.keys(fieldsOf(kind)))),
          dataset: fc.constantFrom(...Object.keys(document.datasets)),
          recipient: fc.constantFrom(...(match.recipient?.in ?? [...nations, 'FRA'])),
          classification: fc.constantFrom(...classifications),
          releasableTo: some([...nations, ...groups]),
          caveats: fc.oneof(fc.constant([]), some(caveats)),
          confidence: fc.constantFrom(undefined, 'A1', 'C3', 'F6'),
          purpose: fc.constantFrom('use', 'use', 'display', 'retransfer'),
          atMs: fc.integer({ min: fromMs, max: untilMs }),
        })
        .map(({ field, dataset, recipient, confidence, purpose, atMs, ...label }) => ({
          record: recordWith({
            kind,
            dataset,
            originator: document.nation,
            envelope: { ...record.envelope, ...(confidence !== undefined && { confidence }) },
            fields: { [field]: { value: true, label } },
          }),
          field,
          recipient,
          purpose: purpose as Question['purpose'],
          atMs,
          sender: document.nation,
        })),
    )
}
