import { isTelling } from '../name/known-companies.ts'
import type { Word } from '../name/name-tokens.ts'
import { genericWords } from '../name/name-words.ts'
import type { NameReading } from '../name/read-name.ts'
import { confidenceOf, type ReasonFor, reasonAgainst, reasonFor } from '../reasons.ts'
import type { Finding } from '../suggestion.ts'
import { type Alignment, alignWords } from './align-words.ts'

/**
 * What links a joint venture or team to a company, or to another spelling of itself. Never that it is the company:
 * `takes-part`, with the company first.
 */
export function compareMembers(a: NameReading, b: NameReading): Finding | undefined {
  if (a.joint !== undefined && b.joint !== undefined) return sameMembers(a, b)
  const [single, joint, swapped] = a.joint === undefined ? [a, b, false] : [b, a, true]
  const members = joint.members.length > 0 ? joint.members : [joint.core]
  const against = [
    reasonAgainst('JOINT_VENTURE', ...members.map(textOf)),
    ...(joint.joint === 'side by side' ? [reasonAgainst('SIDE_BY_SIDE')] : []),
    ...(joint.joint === 'unclear' ? [reasonAgainst('UNCLEAR_MEMBER')] : []),
  ]
  const findings = members.flatMap((member): readonly Finding[] => {
    const reasons = memberReasons(alignWords(single.core, member), member)
    return reasons === undefined ? [] : [{ relation: 'takes-part', swapped, reasons, against }]
  })
  return findings.sort(
    (x, y) =>
      confidenceOf('takes-part', y.reasons, y.against) -
      confidenceOf('takes-part', x.reasons, x.against),
  )[0]
}

function sameMembers(a: NameReading, b: NameReading): Finding | undefined {
  const same = (x: readonly Word[], y: readonly Word[]): boolean => {
    const { restA, restB } = alignWords(x, y)
    return restA.length === 0 && restB.length === 0
  }
  const all =
    a.members.length > 1 &&
    a.members.length === b.members.length &&
    a.members.every((x) => b.members.some((y) => same(x, y))) &&
    b.members.every((y) => a.members.some((x) => same(x, y)))
  if (!all) return undefined
  const reasons = [reasonFor('SAME_MEMBERS', ...a.members.map(textOf).sort())]
  return { relation: 'same-party', swapped: false, reasons, against: [] }
}

/** Why a company is a member, or undefined if it is not. A unit of a member is not. */
function memberReasons(
  { shared, restA, restB, misspelt, initials }: Alignment,
  member: readonly Word[],
): readonly ReasonFor[] | undefined {
  if (!isTelling(shared)) return undefined
  const reasons: ReasonFor[] = [reasonFor('NAMES_MEMBER', textOf(member))]
  if (misspelt.length > 0) reasons.push(reasonFor('SPELLING', ...misspelt))
  if (initials.length > 0) reasons.push(reasonFor('INITIALS', ...initials))
  if (restA.length === 0 && restB.length === 0) return reasons
  if (restA.length === 0 && initials.length === 0)
    return [...reasons, reasonFor('SUBUNIT', textOf(restB))]
  if (restB.length === 0 && restA.length === 1 && restA.every(({ form }) => genericWords.has(form)))
    return [...reasons, reasonFor('GENERAL_WORD', textOf(restA))]
  return undefined
}

const textOf = (words: readonly Word[]): string => words.map(({ raw }) => raw).join(' ')
