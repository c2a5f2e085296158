import {
  type ApprovalSubject,
  type Classification,
  canonicalJson,
  classifications,
  type FieldApproval,
  type Json,
  rankOf,
} from '@entente/schema'
import type { CompiledPolicy } from './compile.ts'

/** An officer's word as the log has it, its seal checked. */
export interface OfficerWord {
  /** What its statement names. */
  readonly about: string
  readonly decision: 'approve' | 'deny'
  readonly content: FieldApproval
  /** The value that `content.value` is the digest of. */
  readonly value: Json
  readonly officer: { readonly name: string; readonly key: string }
}

/** Something that waits for officers. */
export interface Awaited {
  readonly subject: ApprovalSubject
  /** Reasons of the decision; null: not asked, for what went before. */
  readonly because: readonly string[] | null
  /** How many officers must sign. */
  readonly needed: number
}

/**
 * How many approvals a field of this classification needs: the largest number that the policy gives for it or for any lower one, so
 * that a stricter label never needs fewer. 1 unless the policy says more.
 */
export function approvalsNeeded(
  { document }: CompiledPolicy,
  classification: Classification,
): number {
  const given = document.approvals?.needed ?? {}
  const rank = rankOf(classification)
  return Math.max(1, ...classifications.slice(0, rank + 1).map((each) => given[each] ?? 1))
}

/**
 * The words that count for what waits, one of each officer, the longest good first. A word counts for exactly its subject and for
 * the reasons that its officer saw, before it runs out, unless somebody has refused the subject since; never that of an author.
 * @param words of the log, in its order
 * @param atMs time of the decision
 */
export function approvalsOf(
  { subject, because }: Omit<Awaited, 'needed'>,
  words: readonly OfficerWord[],
  atMs: number,
): readonly OfficerWord[] {
  const wanted = canonicalJson(subject)
  const said = words.filter(({ content }) => canonicalJson(subjectOf(content)) === wanted)
  const since = said.slice(said.findLastIndex(({ decision }) => decision === 'deny') + 1)
  const good = since
    .filter(({ content, officer }) => {
      const answers = because?.every((reason) => content.because.includes(reason)) ?? true
      const isAuthor = content.authors.some((author) => isSamePerson(author, officer.name))
      return untilOf(content) > atMs && answers && !isAuthor
    })
    .sort((a, b) => untilOf(b.content) - untilOf(a.content))
  const people = new Set<string>()
  return good.filter(({ officer: { name, key } }) => {
    if (people.has(key) || people.has(plainName(name))) return false
    people.add(key).add(plainName(name))
    return true
  })
}

/** Whether enough officers have approved exactly this, at that time. */
export const isApproved = (awaited: Awaited, words: readonly OfficerWord[], atMs: number) =>
  approvalsOf(awaited, words, atMs).length >= Math.max(1, awaited.needed)

/** The last word on a subject is a refusal. */
export function isRefused(subject: ApprovalSubject, words: readonly OfficerWord[]): boolean {
  const wanted = canonicalJson(subject)
  const last = words.findLast(({ content }) => canonicalJson(subjectOf(content)) === wanted)
  return last?.decision === 'deny'
}

/** What a word is on, without what the officer adds. */
export function subjectOf({
  record,
  field,
  value,
  level,
  recipient,
  purpose,
  policy,
  label,
}: ApprovalSubject): ApprovalSubject {
  return { record, field, value, level, recipient, purpose, policy, label }
}

/** Whether two names are of one person: case and spacing do not tell people apart. */
export const isSamePerson = (a: string, b: string): boolean => plainName(a) === plainName(b)

const plainName = (name: string) => name.normalize('NFKC').trim().replace(/\s+/g, ' ').toLowerCase()

const untilOf = ({ until }: FieldApproval): number => until ?? Number.NEGATIVE_INFINITY
