import { checkIds, type Issue, type LocatedIssue, spanIssues } from '../check.ts'
import { formIssues } from '../check-form.ts'
import { RegisterDocument } from './document.ts'

/** Everything wrong with a register file; empty when it may be signed. What it does not know it refuses, never ignores. */
export function checkRegister(input: unknown): readonly Issue[] {
  return locateRegisterIssues(input).map(({ code, place, message }) => ({ code, place, message }))
}

/** As `checkRegister`, with the way to each issue. */
export function locateRegisterIssues(input: unknown): readonly LocatedIssue[] {
  const parsed = RegisterDocument.safeParse(input)
  if (!parsed.success) return formIssues(parsed.error.issues, input)
  const { from, until, agreements } = parsed.data
  return [
    ...spanIssues({ place: 'until', path: ['until'] }, from, until),
    ...checkIds('agreements', agreements),
    ...agreements.flatMap(({ id, effective, expires, parties }, i) => {
      const place = `agreements[${i}] (${id})`
      const path = ['agreements', i]
      return [
        ...spanIssues(
          { place: `${place}.expires`, path: [...path, 'expires'] },
          effective,
          expires,
        ),
        ...parties.flatMap(({ nation, from, until }, j) =>
          spanIssues(
            { place: `${place}.parties[${j}] (${nation})`, path: [...path, 'parties', j] },
            from,
            until,
          ),
        ),
      ]
    }),
  ]
}
