import { isRefused, type OfficerWord, type Pending, subjectOf } from '@entente/policy'
import {
  type ApprovalSubject,
  canonicalJson,
  type Disclosure,
  type Nation,
  recordKeyOf,
  saltOf,
} from '@entente/schema'
import type { Deps } from '../deps.ts'
import type { Planner } from '../release/plan.ts'
import type { PolicyInForce } from '../release/policy-store.ts'
import type { ApprovalStore } from './approval-store.ts'

/** Something on which an officer may speak now: it waits, or it has been approved and goes by that. */
export interface AwaitedItem {
  readonly subject: ApprovalSubject
  readonly because: readonly string[]
  /** Null: whoever wrote the value that the record shows now. */
  readonly authors: readonly string[] | null
  readonly disclosure: Disclosure
  /** What is composed anew of what waits; null: it has been approved. */
  readonly pending: Pending | null
  /** Approvals that count, the longest good first. */
  readonly words: readonly OfficerWord[]
}

/** What officers may speak on of one record for one nation, under the policy that decides now. */
export function awaitedItems(
  { hash, fragmentKey }: Pick<Deps, 'hash' | 'fragmentKey'>,
  planner: Planner,
  store: ApprovalStore,
  policy: PolicyInForce,
  { recipient, record, atMs }: { recipient: Nation; record: string; atMs: number },
): readonly AwaitedItem[] {
  const { composition } = planner.plan(record, recipient, policy, atMs)
  const waits = composition.pending.map(
    (pending): AwaitedItem => ({
      subject: pending.subject,
      because: pending.because,
      authors: null,
      disclosure: pending.disclosure,
      pending,
      words: pending.words,
    }),
  )
  const key = recordKeyOf(fragmentKey, record)
  const { words } = store.saidOn(recipient, record, atMs)
  const relied = new Set(Object.values(composition.approvals).flat())
  const bySubject = Map.groupBy(
    words.filter(({ about }) => relied.has(about)),
    ({ content }) => canonicalJson(subjectOf(content)),
  )
  const goes = [...bySubject.values()].flatMap((group): readonly AwaitedItem[] => {
    const [first] = group
    if (first === undefined || isRefused(subjectOf(first.content), words)) return []
    const { field, because, authors } = first.content
    const disclosure: Disclosure = [saltOf(key, field, first.value, hash), field, first.value]
    const subject = subjectOf(first.content)
    return [{ subject, because, authors, disclosure, pending: null, words: group }]
  })
  return [...waits, ...goes]
}
