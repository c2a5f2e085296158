import { isMainNode, type Nation } from '@entente/schema'
import { originsOf } from '../log/succession.ts'
import type { NationAudit } from '../nation-audit.ts'
import { latestOf } from '../statements/acknowledgements.ts'
import type { Feed } from '../statements/feeds.ts'

/**
 * Audits as `auditBundles` leaves them: that of the log that goes on by its nation, those of logs that have ended, and of
 * further nodes, by their origins.
 */
export type Audits = ReadonlyMap<string, NationAudit>

/** Every log of a nation that was audited. */
export const logsOf = (audits: Audits, nation: Nation): readonly NationAudit[] =>
  [...audits.values()].filter((audit) => audit.nation === nation)

/** When the log that follows this one has begun, under which all that this one had given counts as taken back; Infinity: none is shown. */
export function endedMs(audits: Audits, { nation, trusted }: NationAudit): number {
  if (!isMainNode(trusted.certificate)) return Infinity
  const origins = originsOf(trusted.member)
  const next = origins[origins.indexOf(trusted.log.origin) + 1]
  const follows = logsOf(audits, nation).find(({ trusted: { log } }) => log.origin === next)
  return follows?.leaves.byIndex.get(0)?.statement.at ?? Infinity
}

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
  const given = logsOf(audits, recipient).flatMap((one) => one.acks.given)
  const of = [...acks.received, ...given].filter(
    ({ ack }) => ack.feed === id && ack.by === recipient,
  )
  return latestOf(of)?.ack.seq ?? -1
}

/** Order of texts that is the same everywhere. */
export const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
