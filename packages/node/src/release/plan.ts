import type { Composition } from '@entente/policy'
import { canonicalJson, type DataRecord, digestOf, type Nation } from '@entente/schema'
import type { ApprovalStore } from '../approvals/approval-store.ts'
import type { Deps } from '../deps.ts'
import { isKeptBack } from '../nation-recalls/kept-back.ts'
import { sourceRow } from '../retransfer/source-record.ts'
import { type BandStandings, type BandsOn, noBands } from './band-standings.ts'
import { type Change, changeFor, type Held } from './compose.ts'
import { createComposer } from './composer.ts'
import { handedOnBy } from './handed-on.ts'
import type { PolicyInForce } from './policy-store.ts'
import { isWanted, selectionOf } from './selection.ts'

/** The current version of an own record. */
export interface SourceVersion {
  readonly id: string
  readonly dataset: string
  /** Digest of the canonical `DataRecord`. */
  readonly digest: string
  readonly json: string
  readonly record: DataRecord
}

/** What is to be said to one nation about one record, and everything it was decided on. */
export interface PlannedChange {
  readonly recipient: Nation
  readonly id: string
  readonly dataset: string
  /** Null: the record is gone. */
  readonly source: SourceVersion | null
  readonly composition: Composition
  readonly held: Held | null
  readonly change: Change
  /** Names the officers' words that it was decided on. */
  readonly ground: string
  /** What its bands were made from. */
  readonly bands: BandsOn
  /** Time decided for, ms. */
  readonly atMs: number
}

const gone: Composition = {
  fragment: null,
  digest: null,
  fields: [],
  authority: [],
  levels: {},
  roles: {},
  decisions: new Map(),
  validUntil: null,
  approvals: {},
  consents: [],
  pending: [],
  bands: {},
}

/** Reads what decisions need: current record versions, and what each nation holds. */
export interface Planner {
  readonly source: (id: string) => SourceVersion | null
  readonly held: (recipient: Nation, id: string) => Held | null
  /** Decides one record for one nation. Pure but for the reads; the same state plans the same bytes. */
  readonly plan: (
    id: string,
    recipient: Nation,
    policy: PolicyInForce | null,
    atMs: number,
  ) => PlannedChange
  /** The same, as if the nation asked for all there is. */
  readonly offer: (
    id: string,
    recipient: Nation,
    policy: PolicyInForce | null,
    atMs: number,
  ) => PlannedChange
}

export function createPlanner(
  deps: Deps,
  approvals: ApprovalStore,
  standings: BandStandings,
): Planner {
  const { db } = deps
  const compose = createComposer(deps)
  let last: SourceVersion | null = null
  const source = (id: string): SourceVersion | null => {
    const row = sourceRow(db, id)
    if (row === undefined) return null
    const { digest, json, dataset } = row
    // One record is planned for every recipient in turn: parse it once.
    if (last?.id === id && last.digest === digest) return last
    let record: DataRecord | undefined
    last = {
      id,
      dataset,
      digest,
      json,
      get record() {
        record ??= JSON.parse(json) as DataRecord
        return record
      },
    }
    return last
  }
  const held = (recipient: Nation, id: string): Held | null => {
    const row = db
      .prepare('SELECT dataset, digest, fields, roles FROM held WHERE recipient = ? AND record = ?')
      .get(recipient, id)
    return row === undefined
      ? null
      : {
          dataset: row['dataset'] as string,
          digest: row['digest'] as string,
          fields: JSON.parse(row['fields'] as string) as Held['fields'],
          roles: JSON.parse(row['roles'] as string) as Held['roles'],
          consents: handedOnBy(db, recipient, id),
        }
  }
  const planFor = (
    id: string,
    recipient: Nation,
    policy: PolicyInForce | null,
    atMs: number,
    isOffer: boolean,
  ): PlannedChange => {
    const version = source(id)
    const has = held(recipient, id)
    const said = approvals.saidOn(recipient, id, atMs)
    const isGone = version === null || policy === null || isKeptBack(deps, recipient, id)
    const bands = isGone ? noBands : standings.on(version, policy, atMs)
    const composed = isGone ? gone : compose(version, recipient, policy, atMs, said, bands)
    // What of the dataset it has not asked for is nothing to it, as if it were gone.
    const selection = version === null ? [] : selectionOf(db, recipient, version.dataset)
    const isAsked =
      isOffer ||
      version === null ||
      selection.length === 0 ||
      isWanted(selection, version.record, composed)
    const composition = isAsked ? composed : gone
    const dataset = version?.dataset ?? has?.dataset ?? ''
    // A record is in exactly one dataset: moving it is a drop in the old feed, then a put in the new.
    const moved = has !== null && has.dataset !== dataset
    const change: Change = moved
      ? { drop: 'all', put: composition.fragment !== null }
      : changeFor(has, composition)
    const { ground } = said
    return {
      recipient,
      id,
      dataset,
      source: version,
      composition,
      held: has,
      change,
      ground,
      bands,
      atMs,
    }
  }
  return {
    source,
    held,
    plan: (id, recipient, policy, atMs) => planFor(id, recipient, policy, atMs, false),
    offer: (id, recipient, policy, atMs) => planFor(id, recipient, policy, atMs, true),
  }
}

/** Digest of a plan, over the fragments it would put and who may read them: what the preview prints and `run` must find again. */
export function planDigest(ground: string, changes: readonly PlannedChange[]): string {
  const puts = changes
    .filter(({ change }) => change.put)
    .map(({ recipient, dataset, id, composition: { digest, roles, consents, fields } }) => [
      ...[recipient, dataset, id, digest],
      // Nor does the head of another nation say how much goes of what it commits to.
      ...(consents.length > 0 ? [canonicalJson([fields, consents])] : []),
      // Bytes do not say who there may read them.
      ...(Object.keys(roles).length > 0 ? [canonicalJson(roles)] : []),
    ])
    .sort((a, b) => (a.join() < b.join() ? -1 : 1))
  return digestOf({ policy: ground, puts })
}
