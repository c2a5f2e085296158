import { type Classification, classifications, rankOf } from '@entente/schema'
import { parseIsoDate } from '../dates.ts'
import type { Equivalence } from './equivalence.ts'

export type EquivalenceCode =
  | 'EQUIVALENCE_INTERVAL'
  | 'EQUIVALENCE_TWICE'
  | 'MARKING_FORM'
  | 'MARKING_TWICE'
  | 'NOT_A_LEVEL'
  | 'FALSE_FRIEND'

/** `path` leads to the fault through the policy. */
export interface EquivalenceIssue {
  readonly code: EquivalenceCode
  readonly place: string
  readonly message: string
  readonly path: readonly (string | number)[]
}

/**
 * Words that look like another nation's word for another level, at the level that they are known to be. A guard, no table: it can
 * only refuse an agreement that puts one of them lower. Higher is protection, and allowed.
 * @see EU Council Decision 2013/488/EU, appendix B, as amended by 2014/233/EU and (EU) 2021/1075
 */
const falseFriends: Readonly<Record<string, Readonly<Record<string, Classification>>>> = {
  BEL: { 'TRÈS SECRET': 'TOP SECRET', SECRET: 'SECRET', CONFIDENTIEL: 'CONFIDENTIAL' },
  ESP: { SECRETO: 'TOP SECRET', RESERVADO: 'SECRET', CONFIDENCIAL: 'CONFIDENTIAL' },
  FRA: {
    'TRÈS SECRET': 'TOP SECRET',
    'TRÈS SECRET DÉFENSE': 'TOP SECRET',
    SECRET: 'SECRET',
    'SECRET DÉFENSE': 'SECRET',
    'CONFIDENTIEL DÉFENSE': 'CONFIDENTIAL',
  },
  ITA: { SEGRETISSIMO: 'TOP SECRET', SEGRETO: 'SECRET', RISERVATISSIMO: 'CONFIDENTIAL' },
  PRT: { 'MUITO SECRETO': 'TOP SECRET', SECRETO: 'SECRET', RESERVADO: 'RESTRICTED' },
  ROU: {
    'STRICT SECRET DE IMPORTANȚĂ DEOSEBITĂ': 'TOP SECRET',
    'STRICT SECRET': 'SECRET',
    SECRET: 'CONFIDENTIAL',
    'SECRET DE SERVICIU': 'RESTRICTED',
  },
}

/** Words that stand on documents and are no rung of a ladder: what they are by an agreement is said by other means. */
const noLevels: Readonly<Record<string, readonly string[]>> = {
  CAN: ['PROTECTED A', 'PROTECTED B', 'PROTECTED C'],
  FRA: ['DIFFUSION RESTREINTE'],
  POL: ['NIEJAWNE'],
}

/** Everything wrong with the equivalences of a policy; empty when levels may be read by them. */
export function checkEquivalences(table: readonly Equivalence[]): readonly EquivalenceIssue[] {
  return table.flatMap((equivalence, index) => {
    const { agreement, scheme, levels } = equivalence
    const place = `equivalences[${index}] (${agreement}, ${scheme})`
    const path = ['equivalences', index]
    const issues: EquivalenceIssue[] = []
    if (startOf(equivalence) >= endOf(equivalence))
      issues.push({
        code: 'EQUIVALENCE_INTERVAL',
        place,
        message: `${equivalence.until} is not after ${equivalence.from}`,
        path: [...path, 'until'],
      })
    const other = table.findIndex(
      (each, i) => i < index && each.agreement === agreement && overlap(each, equivalence),
    )
    if (other >= 0)
      issues.push({
        code: 'EQUIVALENCE_TWICE',
        place,
        message: `speaks of ${scheme} at the same time as equivalences[${other}]: end one before the other begins`,
        path,
      })
    const seen = new Set<string>()
    for (const level of classifications)
      for (const [i, marking] of levels[level].entries()) {
        const { text } = marking
        const report = (code: EquivalenceCode, message: string) =>
          issues.push({
            code,
            place: `${place}.${level} (${text})`,
            message,
            path: [...path, 'levels', level, i],
          })
        const problem = problemOf(scheme, text, level)
        if (problem !== null) report(problem.code, problem.message)
        if (startOf(marking) >= endOf(marking))
          report('EQUIVALENCE_INTERVAL', `${marking.until} is not after ${marking.from}`)
        if (seen.has(text)) report('MARKING_TWICE', `${text} stands twice: one word has one level`)
        seen.add(text)
      }
    return issues
  })
}

interface Problem {
  readonly code: EquivalenceCode
  readonly message: string
}

function problemOf(scheme: string, text: string, level: Classification): Problem | null {
  if (text !== text.normalize('NFC').toUpperCase() || text !== text.trim() || text.includes('//'))
    return {
      code: 'MARKING_FORM',
      message: `write ${text} in capitals, in Unicode normal form C, without blanks around it`,
    }
  if (own(noLevels, scheme)?.includes(text))
    return { code: 'NOT_A_LEVEL', message: `${text} of ${scheme} is not a classification` }
  // Our own words mean themselves, unless the scheme is known to mean something else by them.
  const known =
    own(own(falseFriends, scheme) ?? {}, text) ?? classifications.find((each) => each === text)
  if (known === undefined || rankOf(level) >= rankOf(known)) return null
  return {
    code: 'FALSE_FRIEND',
    message: `${text} of ${scheme} is on the rung of ${known}: it must not be protected as ${level}`,
  }
}

const own = <T>(table: Readonly<Record<string, T>>, key: string): T | undefined =>
  Object.hasOwn(table, key) ? table[key] : undefined

type Span = { readonly from?: string | undefined; readonly until?: string | undefined }
const startOf = ({ from }: Span) =>
  from === undefined ? -Infinity : (parseIsoDate(from) ?? Infinity)
const endOf = ({ until }: Span) =>
  until === undefined ? Infinity : (parseIsoDate(until) ?? -Infinity)
const overlap = (a: Equivalence, b: Equivalence) =>
  a.scheme === b.scheme && startOf(a) < endOf(b) && startOf(b) < endOf(a)
