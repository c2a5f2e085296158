import type { AddFinding } from '../finding.ts'
import { medianOf } from '../log/history.ts'
import type { NationAudit } from '../nation-audit.ts'

const HOUR_MS = 3_600_000

/** When an answer must be logged at the latest: an hour after the next full hour, for what may go and what may not alike. */
export const answerDue = (askedAtMs: number): number =>
  Math.ceil(askedAtMs / HOUR_MS) * HOUR_MS + HOUR_MS

/**
 * Step 10, requests: what one nation has asked another, by the asker's log, has an approval or a refusal in the log of the
 * nation asked, unless that log ends before the answer was due.
 */
export function checkAnswers(asker: NationAudit, asked: NationAudit, found: AddFinding): void {
  const head = asked.history.published.at(-1)
  if (head === undefined || asked.leaves.unread > 0) return
  const answered = new Set<string>()
  for (const { kind, statement } of asked.leaves.byIndex.values())
    if (kind === 'approve' || kind === 'deny') answered.add(statement.about)
  for (const { index, kind, statement, digest } of asker.leaves.byIndex.values()) {
    if (kind !== 'request' || statement.recipient !== asked.nation || answered.has(digest)) continue
    if (medianOf(head, 'lower') < answerDue(statement.at)) continue
    found('REQUEST_UNANSWERED', `leaf ${index} of ${asker.nation} asks to ${statement.ask}`)
  }
}
