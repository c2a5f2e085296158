import { checkIds, type Issue, placeOf, spanIssues } from '../check.ts'
import { RegisterDocument } from './document.ts'

/** Everything wrong with a register file; empty when it may be signed. What it does not know it refuses, never ignores. */
export function checkRegister(input: unknown): readonly Issue[] {
  const parsed = RegisterDocument.safeParse(input)
  if (!parsed.success)
    return parsed.error.issues.map(({ path, message }) => ({
      code: 'FORM',
      place: placeOf(path, input),
      message,
    }))
  const { from, until, agreements } = parsed.data
  return [
    ...spanIssues('until', from, until),
    ...checkIds('agreements', agreements),
    ...agreements.flatMap(({ id, effective, expires, parties }, i) => {
      const place = `agreements[${i}] (${id})`
      return [
        ...spanIssues(`${place}.expires`, effective, expires),
        ...parties.flatMap((party, j) =>
          spanIssues(`${place}.parties[${j}] (${party.nation})`, party.from, party.until),
        ),
      ]
    }),
  ]
}
