import type { Verify } from '@entente/schema'
import { checkIds, type Issue, type LocatedIssue, spanIssues } from '../check.ts'
import { formIssues } from '../check-form.ts'
import { checkConsents } from '../supplier/check.ts'
import { RegisterDocument } from './document.ts'

/**
 * Everything wrong with a register file; empty when it may be signed. What it does not know it refuses, never ignores.
 * @param verify for the seals of suppliers; without it they are not looked at, which is no ground to decide on
 */
export function checkRegister(input: unknown, verify: Verify | null = null): readonly Issue[] {
  return locateRegisterIssues(input, verify).map(({ code, place, message }) => ({
    code,
    place,
    message,
  }))
}

/** As `checkRegister`, with the way to each issue. */
export function locateRegisterIssues(
  input: unknown,
  verify: Verify | null = null,
): readonly LocatedIssue[] {
  const parsed = RegisterDocument.safeParse(input)
  if (!parsed.success) return formIssues(parsed.error.issues, input)
  const { from, until, agreements } = parsed.data
  return [
    ...checkConsents(parsed.data, verify),
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
