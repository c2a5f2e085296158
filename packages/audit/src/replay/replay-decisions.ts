import type { Composition } from '@entente/policy'
import type { Entry } from '@entente/schema'
import type { AddFinding } from '../finding.ts'
import type { OpenEntries } from '../statements/entries.ts'
import type { Feed } from '../statements/feeds.ts'
import type { Leaf, Leaves } from '../statements/leaves.ts'
import { isDropDue } from './drop-due.ts'
import { createRecompose, type Premises, type Recompose } from './recompose.ts'
import { historyOf, type RecordHistory } from './released.ts'

/** What the replay of one log reads. */
export interface Replaying extends Premises {
  readonly leaves: Leaves
  readonly feeds: ReadonlyMap<string, Feed>
  readonly entries: OpenEntries
  /** The recipient has asked for the dataset no longer. */
  readonly unsubscribed: (recipient: string, dataset: string) => boolean
}

/** Steps 8 and 9: every decision is made again from its inputs, and every fragment built again; bytes must be equal. */
export function replay(replaying: Replaying, found: AddFinding): void {
  const recompose = createRecompose(replaying, found)
  for (const feed of replaying.feeds.values()) {
    if (feed.subject.of !== 'dataset') continue
    const histories = historyOf(feed, replaying.entries)
    for (const leaf of feed.statements)
      if (leaf.kind === 'release') replayRelease(leaf, histories, replaying, recompose, found)
  }
}

function replayRelease(
  leaf: Leaf<'release'>,
  histories: ReadonlyMap<string, RecordHistory>,
  replaying: Replaying,
  recompose: Recompose,
  add: AddFinding,
): void {
  const { index, statement } = leaf
  const found: AddFinding = (code, message) => add(code, `release ${index}: ${message}`, index)
  const gone = replaying.unsubscribed(statement.recipient, statement.dataset)
  let validUntil = Infinity
  for (const { entry } of replaying.entries.byLeaf.get(index) ?? []) {
    const again = recompose(leaf, entry.record)
    if (again === null) continue
    if ('code' in again) {
      found(again.code, again.message)
      continue
    }
    if (entry.op === 'put') {
      checkPut(entry, again.composition, found)
      validUntil = Math.min(validUntil, again.composition?.validUntil ?? Infinity)
      continue
    }
    const history = histories.get(entry.record) ?? { puts: [], drops: [] }
    if (!gone && !isDropDue({ leaf, entry, history, again, ...replaying, recompose }))
      found('DECISION_DIFFERS', `${entry.record} may still go, but is dropped`)
  }
  if (validUntil < (replaying.inputs.get(index)?.validUntil ?? Infinity))
    found('DECISION_DIFFERS', `good until ${validUntil} ms only`)
}

function checkPut(
  { record, digest, fields, authority }: Extract<Entry, { op: 'put' }>,
  composition: Composition | null,
  found: AddFinding,
): void {
  if (composition === null || composition.fragment === null) {
    found('OVER_RELEASE', `${record} may not go`)
    return
  }
  const extra = fields.filter((field) => !composition.fields.includes(field))
  if (extra.length > 0) found('OVER_RELEASE', `${record}: ${extra.join(', ')} may not go`)
  else if (!equalLists(fields, composition.fields) || !equalLists(authority, composition.authority))
    found('DECISION_DIFFERS', `${record}: the decision gives other fields or authorities`)
  else if (digest !== composition.digest)
    found('OVER_RELEASE', `${record}: the fragment is not the one that the decision gives`)
}

const equalLists = (a: readonly string[], b: readonly string[]) =>
  a.length === b.length && a.every((item, i) => item === b[i])
