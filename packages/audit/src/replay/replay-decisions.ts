import { canonicalJson, type Entry, ownOf, widensLimit } from '@entente/schema'
import { chunksOf } from '../bundle/lines.ts'
import type { AddFinding } from '../finding.ts'
import type { Fault } from '../log/checkpoints.ts'
import type { OpenEntries } from '../statements/entries.ts'
import type { Feed } from '../statements/feeds.ts'
import type { Leaf, Leaves } from '../statements/leaves.ts'
import type { NationRecalls } from '../statements/nation-recalls.ts'
import type { Recalls } from '../statements/recalls.ts'
import type { Asked, AskedRecord } from '../statements/subscriptions.ts'
import type { Composed, FragmentQuestion, Task } from '../work/task.ts'
import type { Working } from '../work/work.ts'
import { checkApprovals } from './check-approvals.ts'
import { checkBands } from './check-bands.ts'
import { isDropDue } from './drop-due.ts'
import { fragmentsTask } from './fragments-task.ts'
import { createPremiseOf, type Premise, type PremiseOf, type Premises } from './recompose.ts'
import { historyOf, type RecordHistory, type Standing, standingAt } from './released.ts'
import { replayCatalogues } from './replay-catalogues.ts'

/** What the replay of one log reads. */
export interface Replaying extends Premises {
  readonly leaves: Leaves
  readonly feeds: ReadonlyMap<string, Feed>
  readonly entries: OpenEntries
  readonly recalls: Recalls
  readonly nationRecalls: NationRecalls
  /** What recipients have asked for. */
  readonly asked: Asked
}

/** One entry to be checked, and what is to be asked again for it. */
interface EntryCase {
  readonly entry: Entry
  readonly now: Premise | Fault | null
  readonly standing: Standing | null
  /** Of the put that a drop takes back. */
  readonly before: Premise | Fault | null
  /** What stood before a put. */
  readonly held: Standing | null
}
interface ReleaseCase {
  readonly leaf: Leaf<'release'>
  readonly entries: readonly EntryCase[]
}

/** Releases handed out at once: some milliseconds of work. */
const CHUNK = 64

/** Steps 8 and 9: every decision is made again from its inputs, and every fragment built again; bytes must be equal. */
export function* replay(
  replaying: Replaying,
  found: AddFinding,
  progress: (done: number, total: number) => void,
): Working<void> {
  const premiseOf = createPremiseOf(replaying, found)
  const pending: ReleaseCase[][] = []
  let total = 0
  for (const leaf of replaying.leaves.byIndex.values()) if (leaf.kind === 'release') total++
  let done = 0
  function* tasks(): Iterable<Task> {
    for (const cases of chunksOf(casesOf(replaying, premiseOf), CHUNK)) {
      pending.push(cases)
      yield taskOf(cases, replaying)
    }
  }
  yield {
    tasks: tasks(),
    take: (answer) => {
      const cases = pending.shift() ?? []
      const fragments = answer.kind === 'fragments' ? answer.fragments.values() : [].values()
      for (const one of cases) checkRelease(one, fragments, replaying, found)
      done += cases.length
      progress(done, total)
    },
  }
  checkBands(replaying, found)
  yield* replayCatalogues(replaying, premiseOf, found)
}

function* casesOf(replaying: Replaying, premiseOf: PremiseOf): Iterable<ReleaseCase> {
  for (const feed of replaying.feeds.values()) {
    if (feed.subject.of !== 'dataset') continue
    const histories = historyOf(feed, replaying.entries)
    for (const leaf of feed.statements)
      if (leaf.kind === 'release') yield caseOf(leaf, histories, replaying, premiseOf)
  }
}

function caseOf(
  leaf: Leaf<'release'>,
  histories: ReadonlyMap<string, RecordHistory>,
  { entries, leaves }: Replaying,
  premiseOf: PremiseOf,
): ReleaseCase {
  const cases = (entries.byLeaf.get(leaf.index) ?? []).map(({ entry }): EntryCase => {
    const now = premiseOf(leaf, entry.record)
    const history = histories.get(entry.record)
    const stood = history === undefined ? null : standingAt(history, leaf.statement.seq - 1)
    return entry.op === 'drop'
      ? { entry, now, standing: stood, before: null, held: null }
      : { entry, now, standing: null, before: null, held: stood }
  })
  return {
    leaf,
    entries: cases.map((one) => {
      const put = one.standing === null ? undefined : leaves.byIndex.get(one.standing.put.index)
      return put?.kind === 'release' ? { ...one, before: premiseOf(put, one.entry.record) } : one
    }),
  }
}

/** Questions of a case, in the order in which `checkRelease` takes their answers. */
const questionsOf = ({ entries }: ReleaseCase): readonly FragmentQuestion[] =>
  entries.flatMap(({ now, before }) => [...questionOf(now), ...questionOf(before)])

const questionOf = (premise: Premise | Fault | null): readonly FragmentQuestion[] =>
  premise === null || 'code' in premise || premise.question === null ? [] : [premise.question]

const taskOf = (cases: readonly ReleaseCase[], replaying: Replaying): Task =>
  fragmentsTask(cases.flatMap(questionsOf), replaying)

function checkRelease(
  { leaf, entries }: ReleaseCase,
  fragments: Iterator<Composed>,
  replaying: Replaying,
  add: AddFinding,
): void {
  const { inputs, recalls, nationRecalls, asked, trusted } = replaying
  const { index, statement, digest } = leaf
  /** What has been recalled is dropped whatever the decision: an older value may be held where it never arrived. */
  const isRecalled = (standing: Standing | null): boolean =>
    standing !== null &&
    recalls
      .of(statement.feed ?? digest, standing.put.seq, standing.put.digest)
      .some((recall) => recall.index < index)
  const found: AddFinding = (code, message) => add(code, `release ${index}: ${message}`, index)
  const composed = (premise: Premise | Fault | null): Composed | null =>
    questionOf(premise).length === 0 ? null : (fragments.next().value ?? null)
  const { recipient, dataset } = statement
  let validUntil = Infinity
  for (const { entry, now: premise, standing, before: earlier, held } of entries) {
    const now = composed(premise)
    const before = composed(earlier)
    if (premise === null) continue
    if ('code' in premise) found(premise.code, premise.message)
    else if (entry.op === 'put') {
      checkPut(entry, now, found)
      const known = knownAs(premise, now)
      if (known !== null && asked.wasNever(recipient, dataset, known))
        found('RELEASE_UNASKED', `${entry.record} is nothing that ${recipient} asked for`)
      if (now !== null) checkApprovals({ index, entry, now, held }, replaying, found)
      for (const field of now?.unnamed ?? [])
        found('BAND_STANDING', `${entry.record}: nothing says since when ${field} stands`)
      validUntil = Math.min(validUntil, now?.validUntil ?? Infinity)
    } else {
      const { source } = premise
      const known = knownAs(premise, now)
      if (asked.mayHaveLeft(recipient, dataset, known) || isRecalled(standing)) continue
      if (nationRecalls.of(entry.record, [trusted.member.nation, source?.originator]).length > 0)
        continue
      if (!isDropDue({ leaf, entry, source, now, standing, before }))
        found('DECISION_DIFFERS', `${entry.record} may still go, but is dropped`)
    }
  }
  if (validUntil < (inputs.get(index)?.validUntil ?? Infinity))
    found('DECISION_DIFFERS', `good until ${validUntil} ms only`)
}

/** A record as its recipient would know it; null: nothing of it goes. */
const knownAs = ({ source }: Premise, now: Composed | null): AskedRecord | null =>
  source === null || now === null ? null : { kind: source.kind, topics: now.topics }

function checkPut(
  { record, digest, fields, authority, roles = {}, consents = [] }: Extract<Entry, { op: 'put' }>,
  composed: Composed | null,
  found: AddFinding,
): void {
  const unasked = fields.flatMap((field) => {
    const by = ownOf(composed?.heldBack ?? {}, field)
    return by === undefined ? [] : [`${field} of ${by.join(', ')}`]
  })
  if (unasked.length > 0) {
    found('CONSENT_MISSING', `${record}: ${unasked.join('; ')}, which did not consent`)
    return
  }
  const unapproved = fields.filter(
    (field) => composed?.pending.includes(field) && !composed.fields.includes(field),
  )
  if (unapproved.length > 0)
    found('APPROVAL_MISSING', `${record}: ${unapproved.join(', ')} went without approval`)
  const unconsented = fields.filter((field) => composed?.unconsented.includes(field))
  if (unconsented.length > 0)
    found(
      'SUPPLIER_CONSENT',
      `${record}: ${unconsented.join(', ')} went without its supplier’s consent`,
    )
  const extra = fields.filter(
    (field) =>
      !composed?.fields.includes(field) &&
      !unapproved.includes(field) &&
      !unconsented.includes(field),
  )
  if (composed === null || composed.digest === null) {
    if (extra.length > 0) found('OVER_RELEASE', `${record} may not go`)
  } else if (extra.length > 0) found('OVER_RELEASE', `${record}: ${extra.join(', ')} may not go`)
  else if (unapproved.length > 0 || unconsented.length > 0) return
  else if (
    fields.some((field) =>
      widensLimit(ownOf(composed.roles, field) ?? null, ownOf(roles, field) ?? null),
    )
  )
    found('OVER_RELEASE', `${record}: for more roles than the decision gives`)
  else if (
    !equalLists(fields, composed.fields) ||
    !equalLists(authority, composed.authority) ||
    canonicalJson(roles) !== canonicalJson(composed.roles) ||
    !equalLists(consents, composed.consents)
  )
    found(
      'DECISION_DIFFERS',
      `${record}: the decision gives other fields, authorities, roles or consents`,
    )
  else if (digest !== composed.digest)
    found('OVER_RELEASE', `${record}: the fragment is not the one that the decision gives`)
}

const equalLists = (a: readonly string[], b: readonly string[]) =>
  a.length === b.length && a.every((item, i) => item === b[i])
