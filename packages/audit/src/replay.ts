import { type Composition, composeFragment, type Decider } from '@entente/policy'
import { type DataRecord, digestOf, type Entry, fromHex, type Inputs } from '@entente/schema'
import type { Bundle } from './bundle.ts'
import type { OpenEntries } from './entries.ts'
import type { Feed } from './feeds.ts'
import type { AddFinding } from './finding.ts'
import type { Leaf } from './leaves.ts'
import type { LoggedPolicies } from './policies.ts'
import { historyOf, type RecordHistory } from './released.ts'
import type { Trust, TrustedLog } from './trust.ts'

/** What the replay of one log reads. */
export interface Replaying {
  readonly bundle: Bundle
  readonly trusted: TrustedLog
  readonly trust: Trust
  readonly feeds: ReadonlyMap<string, Feed>
  readonly entries: OpenEntries
  readonly inputs: ReadonlyMap<number, Inputs>
  readonly policies: LoggedPolicies
  /** The recipient has asked for the dataset no longer. */
  readonly unsubscribed: (recipient: string, dataset: string) => boolean
}

/** Steps 8 and 9: every decision is made again from its inputs, and every fragment built again; bytes must be equal. */
export function replay(replaying: Replaying, found: AddFinding): void {
  const sources = openSources(replaying, found)
  const keys = new Map(replaying.bundle.recordKeys.map(({ record, key }) => [record, fromHex(key)]))
  for (const feed of replaying.feeds.values()) {
    if (feed.kind !== 'release') continue
    const histories = historyOf(feed, replaying.entries)
    for (const leaf of feed.statements) {
      if (leaf.kind !== 'release') continue
      const inputs = replaying.inputs.get(leaf.index)
      const decider = replaying.policies.get(leaf.statement.policy)?.decider
      if (inputs === undefined || !decider) continue
      replayRelease({ replaying, leaf, inputs, decider, sources, keys, histories }, found)
    }
  }
}

interface Case {
  readonly replaying: Replaying
  readonly leaf: Leaf<'release'>
  readonly inputs: Inputs
  readonly decider: Decider
  readonly sources: ReadonlyMap<string, DataRecord | 'wrong'>
  readonly keys: ReadonlyMap<string, Uint8Array>
  readonly histories: ReadonlyMap<string, RecordHistory>
}

function replayRelease(one: Case, found: AddFinding): void {
  const { leaf, inputs, replaying } = one
  const { index } = leaf
  const versions = new Map(inputs.records)
  let validUntil = Infinity
  for (const { entry } of replaying.entries.byLeaf.get(index) ?? []) {
    const { op, record } = entry
    const version = versions.get(record)
    if (version === undefined) {
      found('DECISION_DIFFERS', `release ${index}: ${record} is not among the inputs`, index)
      continue
    }
    const source = version === null ? null : one.sources.get(version)
    if (source === undefined) {
      found('SOURCE_MISSING', `release ${index}: ${record} in version ${version}`, index)
      continue
    }
    // A version that is not what its digest says is reported once, where it is read.
    if (source === 'wrong') continue
    const composition = source === null ? null : compose(one, source, found)
    if (composition === undefined) continue
    if (op === 'put') {
      checkPut(entry, composition, index, found)
      validUntil = Math.min(validUntil, composition?.validUntil ?? Infinity)
    } else if (!isDropDue(entry, source, composition, one))
      found('DECISION_DIFFERS', `release ${index}: ${record} may still go, but is dropped`, index)
  }
  if (validUntil < (inputs.validUntil ?? Infinity))
    found('DECISION_DIFFERS', `release ${index} is good until ${validUntil} ms only`, index)
}

function checkPut(
  entry: Extract<Entry, { op: 'put' }>,
  composition: Composition | null,
  index: number,
  found: AddFinding,
): void {
  const { record, digest, fields, authority } = entry
  const put = `release ${index}: ${record}`
  if (composition === null || composition.fragment === null) {
    found('OVER_RELEASE', `${put} may not go`, index)
    return
  }
  const extra = fields.filter((field) => !composition.fields.includes(field))
  if (extra.length > 0) found('OVER_RELEASE', `${put}: ${extra.join(', ')} may not go`, index)
  else if (!equalLists(fields, composition.fields) || !equalLists(authority, composition.authority))
    found('DECISION_DIFFERS', `${put}: the decision gives other fields or authorities`, index)
  else if (digest !== composition.digest)
    found('OVER_RELEASE', `${put}: the fragment is not the one that the decision gives`, index)
}

function isDropDue(
  { record, fields }: Extract<Entry, { op: 'drop' }>,
  source: DataRecord | null,
  composition: Composition | null,
  { leaf: { statement }, histories, replaying }: Case,
): boolean {
  if (source === null || composition?.fragment === null) return true
  if (source.dataset !== statement.dataset) return true
  if (replaying.unsubscribed(statement.recipient, statement.dataset)) return true
  if (fields === undefined) return false
  // A field about to go coarser is dropped first; the put that follows is judged by itself.
  const followed = histories.get(record)?.puts.some((put) => put.seq > statement.seq) === true
  return followed || fields.every((field) => composition?.fields.includes(field) !== true)
}

function compose(one: Case, record: DataRecord, found: AddFinding): Composition | undefined {
  const { decider, inputs, keys, replaying, leaf } = one
  // Only the bytes of a put depend on the key.
  const recordKey = keys.get(record.id) ?? (leaf.statement.effect === 'narrow' ? noKey : undefined)
  if (recordKey === undefined) {
    found('RECORD_KEY_MISSING', `release ${leaf.index}: no key of ${record.id}`, leaf.index)
    return undefined
  }
  const { recipient, purpose, at: atMs } = inputs
  return composeFragment(
    { record, recipient, purpose, atMs, sender: replaying.trusted.member.nation },
    decider,
    { recordKey, hash: replaying.trust.hash },
  )
}

function openSources(
  { bundle, trust }: Replaying,
  found: AddFinding,
): ReadonlyMap<string, DataRecord | 'wrong'> {
  const sources = new Map<string, DataRecord | 'wrong'>()
  for (const { digest, record } of bundle.sources) {
    const right = digestOf(record, trust.hash) === digest
    if (!right) found('SOURCE_DIGEST', `${record.id} is not in the version ${digest}`)
    sources.set(digest, right ? record : 'wrong')
  }
  return sources
}

const noKey = new Uint8Array(32)

const equalLists = (a: readonly string[], b: readonly string[]) =>
  a.length === b.length && a.every((item, i) => item === b[i])
