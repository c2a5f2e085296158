import { letsHandOn } from '@entente/policy'
import { type Nation, peekJws, type SealedConsent, type Statement } from '@entente/schema'
import type { HeldRow } from '../bundle/read-bundle.ts'
import type { AddFinding } from '../finding.ts'
import { medianOf } from '../log/history.ts'
import type { NationAudit } from '../nation-audit.ts'
import { historyOf, type RecordHistory } from '../replay/released.ts'
import type { Leaf } from '../statements/leaves.ts'
import { isCarriedOut } from '../statements/recalls.ts'
import type { Trust } from '../trust.ts'

type Audits = ReadonlyMap<Nation, NationAudit>
type Findings = (nation: Nation) => AddFinding

/**
 * Step 10, what goes through a second hand: consents name what was given, are not used once they are withdrawn, and outlast what is held by
 * them; what an originator recalls is recalled from who got it by consent, and said to be purged when that is.
 */
export function checkHandedOn(audits: Audits, trust: Trust, findings: Findings): void {
  for (const audit of audits.values()) {
    checkConsentsGiven(audit, findings(audit.nation))
    for (const holder of audits.values())
      if (holder !== audit) {
        checkWithdrawn(audit, holder, trust, findings(holder.nation))
        checkRecalled(audit, holder, findings(holder.nation))
        checkNationRecalled(audit, holder, findings(holder.nation))
        checkHeld(audit, holder, trust, findings(holder.nation))
      }
  }
}

function* leavesOf<K extends Leaf['kind']>(
  { leaves }: NationAudit,
  wanted: K,
): Iterable<Extract<Leaf, { kind: K }>> {
  for (const leaf of leaves.byIndex.values())
    if (leaf.kind === wanted) yield leaf as Extract<Leaf, { kind: K }>
}

/** Every consent that a log gives is shown, and is for a fragment that the release it names gave to its holder. */
function checkConsentsGiven(originator: NationAudit, found: AddFinding): void {
  const { consents, leaves, entries } = originator
  for (const { index, statement } of leavesOf(originator, 'consent')) {
    const { action, consent: digest, release, recipient } = statement
    if (action === 'withdraw') continue
    const sealed = consents.get(digest)
    if (sealed === undefined) {
      found('CONSENT_MISSING', `leaf ${index} gives consent ${digest}, which is not shown`, index)
      continue
    }
    const at = leaves.byDigest.get(release?.statement ?? '')
    const leaf = at === undefined ? undefined : leaves.byIndex.get(at)
    // What has been erased, or is not open, has its own word or finding.
    if (leaf === undefined && (leaves.erased.size > 0 || leaves.unread > 0)) continue
    const { record, head, holder } = sealed.consent
    const gave =
      leaf?.kind === 'release' &&
      leaf.statement.recipient === recipient &&
      holder === recipient &&
      (entries.byLeaf.get(leaf.index) ?? []).some(
        ({ entry }) => entry.op === 'put' && entry.record === record && entry.digest === head,
      )
    if (!gave && entries.complete)
      found(
        'CONSENT_RELEASE',
        `leaf ${index} consents over a fragment of ${record} that the release it names did not give ${recipient}`,
        index,
      )
  }
}

/** After a holder has acknowledged that a consent is withdrawn, it releases nothing by it. */
function checkWithdrawn(
  originator: NationAudit,
  holder: NationAudit,
  { roster }: Trust,
  found: AddFinding,
): void {
  for (const { digest, statement } of leavesOf(originator, 'consent')) {
    const { action, consent, recipient, feed, seq } = statement
    if (action !== 'withdraw' || recipient !== holder.nation) continue
    const known = holder.acks.given
      .filter(({ ack }) => ack.feed === (feed ?? digest) && ack.seq >= seq)
      .map(({ ack }) => ack.at)
    const fromMs = Math.min(...known) + roster.witnessPolicy.toleranceMs
    for (const leaf of leavesOf(holder, 'release')) {
      if (leaf.statement.effect !== 'widen' || leaf.statement.at <= fromMs) continue
      if (holder.inputs.get(leaf.index)?.consents?.includes(consent) !== true) continue
      found(
        'CONSENT_WITHDRAWN',
        `release ${leaf.index} rests on consent ${consent}, which ${originator.nation} had withdrawn`,
        leaf.index,
      )
    }
  }
}

/** What a recall of the originator names: heads by record. Without those that a later release gave again as they were. */
function recalledBy(
  { leaves, entries }: NationAudit,
  { statement: { release, recipient, entries: named } }: Leaf<'recall'>,
): ReadonlyMap<string, string> {
  const index = leaves.byDigest.get(release.statement)
  if (index === undefined) return new Map()
  const isGivenAgain = ({ record, digest }: { record: string; digest: string }): boolean =>
    [...entries.byLeaf].some(([at, rows]) => {
      const later = at > index ? leaves.byIndex.get(at) : undefined
      return (
        later?.kind === 'release' &&
        later.statement.recipient === recipient &&
        rows.some(
          ({ entry }) => entry.op === 'put' && entry.record === record && entry.digest === digest,
        )
      )
    })
  return new Map(
    (entries.byLeaf.get(index) ?? []).flatMap(({ digest, entry }) =>
      entry.op === 'put' && (named.length === 0 || named.includes(digest)) && !isGivenAgain(entry)
        ? [[entry.record, entry.digest] as const]
        : [],
    ),
  )
}

interface Handed {
  readonly record: string
  readonly recipient: Nation
  /** The last put, taken back since or not. */
  readonly put: RecordHistory['puts'][number]
  readonly recalls: readonly Leaf<'recall'>[]
}

/** What a holder has handed on under a head of another nation, and whether it has recalled it. */
function* handedOnBy(holder: NationAudit): Iterable<Handed> {
  for (const feed of holder.feeds.values()) {
    if (feed.subject.of !== 'dataset' || feed.replacedBy !== null) continue
    for (const [record, history] of historyOf(feed, holder.entries)) {
      const put = history.puts.at(-1)
      if (put?.entry.consents === undefined) continue
      const recalls = holder.recalls.of(feed.id, put.seq, put.digest)
      yield { record, recipient: feed.recipient, put, recalls }
    }
  }
}

/** A recall that a holder has acknowledged is passed on, also where what it names was dropped before, and its purge is not said to be complete before that of others is. */
function checkRecalled(originator: NationAudit, holder: NationAudit, found: AddFinding): void {
  const acks = Map.groupBy(holder.acks.given, ({ ack }) => ack.feed)
  const purges = [...leavesOf(holder, 'purge')]
  const proven = purgesShown(holder)
  for (const recall of originator.recalls.all) {
    if (recall.statement.recipient !== holder.nation || !isCarriedOut(recall, acks)) continue
    const heads = recalledBy(originator, recall)
    const handed = [...handedOnBy(holder)].filter(
      ({ record, put }) => heads.get(record) === put.entry.digest,
    )
    for (const { record, recipient, recalls } of handed)
      if (recalls.length === 0)
        found(
          'RECALL_NOT_PASSED_ON',
          `${record} of ${originator.nation} was recalled by leaf ${recall.index} of its log, and is not recalled from ${recipient}`,
        )
    const complete = purges.find(
      ({ statement }) =>
        statement.recall.statement === recall.digest && statement.unproven === undefined,
    )
    if (complete === undefined) continue
    const open = handed.filter(
      ({ recalls }) =>
        recalls.some(({ statement }) => statement.purge) &&
        !recalls.some(({ digest }) => proven.has(digest)),
    )
    for (const { record, recipient } of open)
      found(
        'PURGE_CLAIM',
        `leaf ${complete.index} says that ${record} is purged, and ${recipient} has not said so`,
        complete.index,
      )
  }
}

/** A holder that says to have purged what the originator recalled by its word has recalled it from whom it had handed it on to. */
function checkNationRecalled(
  originator: NationAudit,
  holder: NationAudit,
  found: AddFinding,
): void {
  const purges = [...leavesOf(holder, 'purge')]
  const proven = purgesShown(holder)
  for (const { recall, digest } of holder.nationRecalls.all) {
    const said = purges.filter(({ statement }) => statement.recall.statement === digest)
    if (recall.nation !== originator.nation || said.length === 0) continue
    const complete = said.find(({ statement }) => statement.unproven === undefined)
    for (const { record, recipient, put, recalls } of handedOnBy(holder)) {
      const isTheirs = put.entry.consents?.some(
        (each) => holder.consents.get(each)?.consent.nation === recall.nation,
      )
      if (!isTheirs || !recall.records.includes(record) || put.entry.recalls?.includes(digest))
        continue
      if (recalls.length === 0)
        found(
          'RECALL_NOT_PASSED_ON',
          `${record} was recalled by the word of ${recall.nation}, and is not recalled from ${recipient}`,
        )
      // Where it asked for no purge, it is told that it has gone once it counts no more, and nobody further was asked.
      else if (
        recall.purge &&
        complete !== undefined &&
        !recalls.some((each) => proven.has(each.digest))
      )
        found(
          'PURGE_CLAIM',
          `leaf ${complete.index} says that ${record} is purged, and ${recipient} has not said so`,
          complete.index,
        )
    }
  }
}

/** Recalls of a nation that others have said to have purged, by the statements that it holds from them. */
function purgesShown({ bundle }: NationAudit): ReadonlySet<string> {
  return new Set(
    bundle.received.flatMap(({ jws }) => {
      const said = saidIn<Statement<'purge'>>(jws, 'entente-purge')
      return said?.unproven === undefined && said !== null ? [said.recall?.statement ?? ''] : []
    }),
  )
}

/** Of a statement that is held; its signature has been checked where it is listed. */
function saidIn<T>(jws: string, type: string): Partial<T> | null {
  try {
    const { typ, payload } = peekJws(jws)
    return typ === type ? (payload as Partial<T>) : null
  } catch {
    return null
  }
}

/** Consents that a nation has been told are withdrawn, by the statements that it holds. */
export const withdrawnFor = (received: NationAudit['bundle']['received']): ReadonlySet<string> =>
  new Set(
    received.flatMap(({ jws }) => {
      const said = saidIn<Statement<'consent'>>(jws, 'entente-consent')
      return said?.action === 'withdraw' ? [said.consent ?? ''] : []
    }),
  )

/** What a final receiver holds by consents is covered by one of them that has neither run out nor been withdrawn. */
function checkHeld(
  sender: NationAudit,
  receiver: NationAudit,
  { roster }: Trust,
  found: AddFinding,
): void {
  const rows = new Map<string, HeldRow>()
  for (const row of receiver.bundle.held)
    if (row.from === sender.nation) rows.set(`${row.feed} ${row.record}`, row)
  const head = receiver.history.published.at(-1)
  if (rows.size === 0 || head === undefined) return
  const atMs = medianOf(head, 'lower') - roster.witnessPolicy.toleranceMs
  let withdrawn: ReadonlySet<string> | null = null
  for (const feed of sender.feeds.values()) {
    if (feed.subject.of !== 'dataset' || feed.recipient !== receiver.nation) continue
    for (const [record, history] of historyOf(feed, sender.entries)) {
      const row = rows.get(`${feed.id} ${record}`)
      const put = history.puts.findLast(({ entry }) => entry.digest === row?.digest)
      if (row === undefined || put?.entry.consents === undefined) continue
      withdrawn ??= withdrawnFor(receiver.bundle.received)
      const gone = withdrawn
      const named = put.entry.consents.flatMap((digest) => {
        const consent = receiver.consents.get(digest)
        return consent === undefined || gone.has(digest) ? [] : [consent]
      })
      const uncovered = row.fields.filter(
        (field) => !isCovered(named, row, field, sender, receiver, atMs),
      )
      if (uncovered.length > 0)
        found(
          'HELD_WITHOUT_CONSENT',
          `${record}, held from ${sender.nation}: ${uncovered.join(', ')} by no consent that is shown and lasts`,
        )
    }
  }
}

const isCovered = (
  consents: readonly SealedConsent[],
  { record, digest: head }: HeldRow,
  field: string,
  sender: NationAudit,
  receiver: NationAudit,
  atMs: number,
): boolean =>
  consents.some((each) =>
    letsHandOn(
      each,
      { originator: each.consent.nation, record, head, field },
      { holder: sender.nation, recipient: receiver.nation, atMs },
    ),
  )
