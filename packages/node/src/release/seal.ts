import { type CompiledPolicy, consentGround, consentsOn, ENGINE, intervalOf } from '@entente/policy'
import {
  canonicalBytes,
  digestOpening,
  type Entry,
  hmacSha256,
  type Inputs,
  type Nation,
  type Opening,
  recordKeyOf,
  signJws,
  statementType,
  toBase64url,
  versionOf,
} from '@entente/schema'
import type { ApprovalStore } from '../approvals/approval-store.ts'
import type { Deps } from '../deps.ts'
import { NodeError } from '../errors.ts'
import { type Leaf, statementHash } from '../log/leaf.ts'
import type { ReleaseLog } from '../log/release-log.ts'
import { recallsToName } from '../nation-recalls/recalled-records.ts'
import { sourceRow } from '../retransfer/source-record.ts'
import { type BandStandings, newBandsOf } from './band-standings.ts'
import { addInputs } from './keep-inputs.ts'
import type { PlannedChange, SourceVersion } from './plan.ts'
import type { PolicyInForce } from './policy-store.ts'
import { isWanted, selectionOf } from './selection.ts'
import { type Item, storeEntry } from './store-entry.ts'

/** A batch names at most this many entries. */
export const BATCH = 256
/** Its bodies are at most so long together, characters of JSON, so that a statement fits in one frame. */
const BATCH_CHARS = 512 << 10

export interface SealRequest {
  readonly changes: readonly PlannedChange[]
  readonly policy: PolicyInForce
  readonly atMs: number
  /** Which half of each change to seal: drops narrow, puts widen, and the two never share a statement. */
  readonly effect: 'widen' | 'narrow'
  readonly plan?: string
  /** Asked inside the transaction: is this still the policy that decides? */
  readonly policyNow: () => PolicyInForce | null
  /** Asked for what widens: is this still all that officers have said? */
  readonly approvals: ApprovalStore
  /** Asked for what widens: are bands still made from the same values? */
  readonly bands: BandStandings
}

export interface Sealed {
  readonly statements: number
  /** Indexes of their leaves: what a recall names. */
  readonly leaves: readonly number[]
  readonly entries: number
  /** Changes left out because the record had changed since they were decided. */
  readonly stale: readonly PlannedChange[]
}

/**
 * Seals decided changes: in one durable transaction it checks that what was decided on is still so, appends the
 * statements to the release log and the bodies to the outbox, and signs one checkpoint for the group. If the log
 * cannot be written nothing is released. No signature leaves the process before COMMIT.
 * @throws {NodeError} `CLOCK_BEHIND`, `CLOCK_OFF`, `LOG_CONFLICT`
 */
export function seal(deps: Deps, log: ReleaseLog, request: SealRequest): Sealed {
  const { db, onStep } = deps
  const { effect } = request
  const fault = effect === 'widen' ? log.clockFault() : null
  if (fault !== null) throw new NodeError('CLOCK_OFF', fault)
  if (effect === 'widen' && request.atMs < log.lastAtMs())
    throw new NodeError(
      'CLOCK_BEHIND',
      'the clock is behind the last leaf of the log: widening releases wait until it has caught up',
    )
  onStep('seal:decided')
  const result = db.transact(() => {
    const { fresh, stale } = recheck(deps, request)
    let statements = 0
    const leaves: Leaf[] = []
    const stores: ((index: number) => void)[] = []
    for (const group of byFeed(fresh, effect)) {
      for (const batch of batchesOf(group, effect)) {
        const { leaf, store } = sealBatch(deps, batch, request)
        leaves.push(leaf)
        stores.push(store)
        statements++
      }
    }
    const indices = leaves.length > 0 ? log.appendGroup(leaves, request.atMs) : []
    if (leaves.length > 0) {
      for (const [i, store] of stores.entries()) store(indices[i] as number)
    }
    onStep('seal:appended')
    return { statements, leaves: indices.slice(0, leaves.length), entries: fresh.length, stale }
  })
  onStep('seal:committed')
  if (result.statements > 0) {
    log.noteHead()
    deps.journal.sealed({ size: log.head().size, statements: result.statements })
  }
  onStep('publish:head-written')
  return result
}

/**
 * What was decided on must still be so: the records, and for what widens also the policy, its date interval, approvals, consents, the
 * subscription and that the partner is in the roster and not paused. Narrowing needs no more than the record: taking back never
 * waits.
 */
function recheck(
  { db, partners, releases }: Deps,
  { changes, effect, policy, policyNow, approvals, bands, atMs }: SealRequest,
) {
  const isPaused = db.prepare(
    'SELECT 1 FROM paused WHERE nation = ?1 UNION ALL SELECT 1 FROM revoked_partner WHERE nation = ?1',
  )
  const now = policyNow()
  const inForce = effect === 'narrow' || now?.ground === policy.ground
  const holds = ({ id, source, recipient, dataset, ...decided }: PlannedChange): boolean => {
    if (!inForce || (sourceRow(db, id)?.digest ?? null) !== (source?.digest ?? null)) return false
    if (effect === 'narrow') return true
    const sameInterval =
      intervalOf(policy.compiled, decided.atMs) === intervalOf(policy.compiled, atMs)
    const sameWords = approvals.saidOn(recipient, id, atMs).ground === decided.ground
    const sameConsents =
      source === null ||
      consentsAt(now?.compiled, source, atMs) === consentsAt(policy.compiled, source, decided.atMs)
    const isAsked =
      partners.has(recipient) &&
      releases(dataset) &&
      isPaused.get(recipient) === undefined &&
      source !== null &&
      isWanted(selectionOf(db, recipient, dataset), source.record, decided.composition)
    const sameBands =
      source === null || bands.on(source, policy, atMs).ground === decided.bands.ground
    return sameInterval && sameWords && sameConsents && sameBands && isAsked
  }
  const fresh: PlannedChange[] = []
  const stale: PlannedChange[] = []
  for (const change of changes) (holds(change) ? fresh : stale).push(change)
  return { fresh, stale }
}

/** Consents that count for a record; it is read only where there are any. */
const consentsAt = (
  policy: CompiledPolicy | undefined,
  source: SourceVersion,
  atMs: number,
): string =>
  policy === undefined || policy.consents === null ? '' : consentGround(policy, source.record, atMs)

/** All that are about records of a batch, whether or not they have run out: what deciding reads. */
export function consentsIn(
  batch: readonly Item[],
  { consents, ...policy }: CompiledPolicy,
): string[] {
  if (consents === null) return []
  const digests = batch.flatMap(({ change: { source } }) =>
    source === null
      ? []
      : consentsOn({ ...policy, consents }, source.record).map(({ digest }) => digest),
  )
  return [...new Set(digests)].sort()
}

function byFeed(changes: readonly PlannedChange[], effect: 'widen' | 'narrow'): PlannedChange[][] {
  const groups = new Map<string, PlannedChange[]>()
  for (const change of changes) {
    const key = `${change.recipient} ${datasetOf(change, effect)}`
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [change])
    else group.push(change)
  }
  return [...groups.values()].map((group) => [
    ...group.filter(isAlert),
    ...group.filter((change) => !isAlert(change)),
  ])
}

function* batchesOf(
  group: readonly PlannedChange[],
  effect: 'widen' | 'narrow',
): Generator<Item[]> {
  let batch: Item[] = []
  let chars = 0
  for (const change of group) {
    const body = effect === 'widen' ? JSON.stringify(change.composition.fragment) : null
    const length = body?.length ?? 0
    // Alerts go first, and in statements of their own, which no bulk makes slow.
    const before = batch.at(-1)
    const isOver = batch.length === BATCH || chars + length > BATCH_CHARS
    if (before !== undefined && (isOver || isAlert(before.change) !== isAlert(change))) {
      yield batch
      batch = []
      chars = 0
    }
    batch.push({ change, body })
    chars += length
  }
  if (batch.length > 0) yield batch
}

const isAlert = ({ source }: PlannedChange): boolean => source?.record.kind === 'alert'

const datasetOf = (change: PlannedChange, effect: 'widen' | 'narrow'): string =>
  effect === 'narrow' ? (change.held?.dataset ?? change.dataset) : change.dataset

function sealBatch(deps: Deps, batch: readonly Item[], request: SealRequest) {
  const { db, hash } = deps
  const { policy, atMs, effect, plan } = request
  const head = (batch[0] as Item).change
  const dataset = datasetOf(head, effect)
  const place = placeInFeed(deps, head.recipient, dataset)
  const rows = batch.map(({ change, body }) => {
    const opening: Opening = [toBase64url(deps.randomBytes(16)), entryFor(deps, change, effect)]
    return { change, body, opening, digest: digestOpening(opening, hash) }
  })
  const approvals = approvalsOf(batch)
  const bands = bandsOf(deps, batch, request)
  const consents = consentsIn(batch, policy.compiled)
  const untils = effect === 'narrow' ? [] : batch.map(({ change }) => change.composition.validUntil)
  const inputs: Inputs = {
    engine: ENGINE,
    policy: policy.digest,
    ...(policy.register === null ? {} : { register: policy.register.digest }),
    recipient: head.recipient,
    purpose: 'use',
    at: atMs,
    validUntil: untils.reduce<number | null>(
      (a, b) => (a === null ? b : b === null ? a : Math.min(a, b)),
      null,
    ),
    ...(plan === undefined ? {} : { plan }),
    records: batch
      .map(({ change: { id, source } }) => {
        const key = recordKeyOf(deps.fragmentKey, id)
        return [id, source === null ? null : versionOf(key, source.digest)] as const
      })
      .sort((a, b) => (a[0] < b[0] ? -1 : 1)),
    ...(approvals.length > 0 && { approvals }),
    ...(bands.length > 0 && { bands }),
    ...(consents.length > 0 && { consents }),
  }
  const salt = deps.randomBytes(32)
  const payload = {
    origin: deps.origin,
    at: atMs,
    ...place,
    recipient: head.recipient,
    dataset,
    effect,
    entries: rows.map(({ digest }) => digest).sort(),
    policy: policy.index,
    inputs: toBase64url(hmacSha256(salt, canonicalBytes(inputs))),
  }
  const jws = signJws(statementType('release'), payload, deps.signStatement)
  const hashOfIt = statementHash(jws)
  const feed = place.feed ?? hashOfIt
  db.prepare(
    'INSERT INTO feed_out(feed, recipient, dataset, seq, last) VALUES (?, ?, ?, ?, ?) ON CONFLICT(feed) DO UPDATE SET seq = excluded.seq, last = excluded.last',
  ).run(feed, head.recipient, dataset, place.seq, hashOfIt)
  const store = (index: number): void => {
    addInputs(db, index, inputs)
    for (const row of rows)
      storeEntry(deps, {
        ...row,
        index,
        feed,
        seq: place.seq,
        policy: policy.ground,
        atMs,
        effect,
      })
  }
  const leaf: Leaf = { kind: 'release', jws, salt, atMs, feed, seq: place.seq }
  return { leaf, store }
}

/** Approvals that the fragments rest on, by record and field. */
export const approvalsOf = (batch: readonly Item[]): NonNullable<Inputs['approvals']> =>
  batch
    .flatMap(({ change: { id, composition } }) =>
      Object.entries(composition.approvals).map(
        ([field, abouts]) => [id, field, [...abouts]] as const,
      ),
    )
    .sort(([a, x], [b, y]) => (a < b || (a === b && x < y) ? -1 : 1))

/** What bands were made from, by record and field: what stood, and what stands from this release on. */
function bandsOf(
  { fragmentKey }: Deps,
  batch: readonly Item[],
  { effect, atMs }: SealRequest,
): NonNullable<Inputs['bands']> {
  return batch.flatMap(({ change }) => {
    const { id, source, bands, composition } = change
    if (source === null) return []
    const begun = effect === 'widen' ? newBandsOf(change) : []
    return Object.keys(composition.bands)
      .sort()
      .flatMap((field) => {
        const stood = composition.bands[field]
        if (!stood && !begun.includes(field)) return []
        const version = versionOf(
          recordKeyOf(fragmentKey, id),
          stood ? (bands.versions[field] ?? '') : source.digest,
        )
        return [[id, field, version, stood ? stood.atMs : atMs] as const]
      })
  })
}

/** Next place in the feed to a nation for a dataset (`''`: the control feed). */
export function placeInFeed({ db }: Deps, recipient: Nation, dataset: string) {
  const row = db
    .prepare('SELECT feed, seq, last FROM feed_out WHERE recipient = ? AND dataset = ?')
    .get(recipient, dataset)
  return row === undefined
    ? { feed: null, seq: 0, prev: null }
    : { feed: row['feed'] as string, seq: (row['seq'] as number) + 1, prev: row['last'] as string }
}

function entryFor(
  { db, nation }: Deps,
  { id, source, composition, change }: PlannedChange,
  effect: 'widen' | 'narrow',
): Entry {
  if (effect === 'narrow')
    return change.drop === 'all' || change.drop === null
      ? { op: 'drop', record: id }
      : { op: 'drop', record: id, fields: change.drop }
  if (composition.digest === null)
    throw new NodeError('PLAN_CHANGED', `nothing may be put of ${id}`)
  const recalls = recallsToName(db, id, [nation, source?.record.originator ?? nation])
  return {
    op: 'put',
    record: id,
    digest: composition.digest,
    fields: composition.fields,
    authority: composition.authority,
    ...(Object.keys(composition.roles).length > 0 && { roles: composition.roles }),
    ...(composition.consents.length > 0 && { consents: composition.consents }),
    ...(recalls.length > 0 && { recalls }),
  }
}
