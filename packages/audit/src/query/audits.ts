import type { Nation } from '@entente/schema'
import type { NationAudit } from '../nation-audit.ts'
import { latestOf } from '../statements/acknowledgements.ts'
import type { Feed } from '../statements/feeds.ts'

/** Audits by nation, as `auditBundles` leaves them. */
export type Audits = ReadonlyMap<Nation, NationAudit>

/** Feeds of datasets to one nation. */
export function feedsTo(audit: NationAudit, nation: Nation, dataset?: string): readonly Feed[] {
  return [...audit.feeds.values()].filter(
    ({ recipient, subject }) =>
      recipient === nation &&
      subject.of === 'dataset' &&
      (dataset === undefined || subject.name === dataset),
  )
}

/** Seq up to which the recipient has acknowledged a feed, by what either side shows; -1: nothing. */
export function ackedSeq(audits: Audits, { acks }: NationAudit, { id, recipient }: Feed): number {
  const given = audits.get(recipient)?.acks.given ?? []
  const of = [...acks.received, ...given].filter(
    ({ ack }) => ack.feed === id && ack.by === recipient,
  )
  return latestOf(of)?.ack.seq ?? -1
}

/** Order of texts that is the same everywhere. */
export const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
