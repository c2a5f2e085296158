import type { FileIssue } from './authority-file.ts'
import type { Io } from './io.ts'
import { clean, count, wrap } from './text.ts'

/** All that is wrong with a file that authorities sign, each with its place and what to do. */
export const formatIssues = (issues: readonly FileIssue[], io: Io): string =>
  [
    ...issues.flatMap(({ where, message }) => [clean(where), wrap(clean(message), io, '  ')]),
    '',
    `${count(issues.length, 'issue')}: mend ${issues.length === 1 ? 'it' : 'them'}, then check again.`,
  ].join('\n')
