import { answerDueMs } from '@entente/schema'
import type { AddFinding } from '../finding.ts'
import { medianOf } from '../log/history.ts'
import type { NationAudit } from '../nation-audit.ts'
import type { Trust } from '../trust.ts'

/**
 * Step 10, requests: what one nation has asked another, by the asker's log, has its answer in the log of the nation asked, at the time that
 * follows from when it came in; unless that log ends before the answer was due.
 */
export function checkAnswers(
  asker: NationAudit,
  asked: NationAudit,
  { roster }: Trust,
  found: AddFinding,
): void {
  const policy = roster.witnessPolicy
  const head = asked.history.published.at(-1)
  if (head === undefined || asked.leaves.unread > 0) return
  const answered = new Set<string>()
  for (const { index, kind, statement } of asked.leaves.byIndex.values()) {
    // A person's word, or the answer that went.
    if (kind === 'approve' || kind === 'deny' || kind === 'answer') answered.add(statement.about)
    if (kind !== 'answer' || statement.recipient !== asker.nation) continue
    if (statement.at < answerDueMs(statement.arrived, policy))
      found('ANSWER_EARLY', `leaf ${index} answers a request of ${asker.nation}`, index)
  }
  for (const leaf of asker.leaves.byIndex.values()) {
    const { index, kind, statement, digest } = leaf
    if (kind !== 'request' || statement.recipient !== asked.nation || answered.has(digest)) continue
    if (medianOf(head, 'lower') < dueMs(digest, statement.feed, statement.seq, statement.at))
      continue
    found('REQUEST_UNANSWERED', `leaf ${index} of ${asker.nation} asks to ${statement.ask}`)
  }

  /** What lay on the way for long is due later: its acknowledgement says when it came in. */
  function dueMs(digest: string, feed: string | null, seq: number, atMs: number): number {
    const acks = [...asked.acks.given, ...asker.acks.received].filter(
      ({ ack }) => ack.feed === (feed ?? digest) && ack.by === asked.nation && ack.seq >= seq,
    )
    if (acks.length === 0) return answerDueMs(atMs, policy)
    const arrivedMs = Math.min(...acks.map(({ ack }) => ack.at))
    return answerDueMs(Math.max(atMs, arrivedMs), policy) + policy.toleranceMs
  }
}
