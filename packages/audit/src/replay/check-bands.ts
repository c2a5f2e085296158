import {
  compileBands,
  compileReband,
  hasLeft,
  nextMoment,
  PolicyDocument,
  rebandTypeOf,
  unitsOf,
} from '@entente/policy'
import type { DataRecord, Inputs } from '@entente/schema'
import type { AddFinding } from '../finding.ts'
import type { Leaf } from '../statements/leaves.ts'
import type { Replaying } from './replay-decisions.ts'

/** What one release says that a band was made from. */
interface Naming {
  readonly leaf: Leaf<'release'>
  readonly inputs: Inputs
  readonly record: string
  readonly field: string
  readonly version: string
  /** Since when it stands. */
  readonly sinceMs: number
}

/**
 * Whether bands moved as the policies say: what stands is the version that a release was decided on then, or the one that stood before; and it
 * gives way only after a scheduled moment, to a value that has left its band, or where it was taken back.
 */
export function checkBands(replaying: Replaying, found: AddFinding): void {
  const namings = [...namingsOf(replaying)]
  if (namings.length === 0) return
  const history = openBandHistory(replaying)
  for (const chain of Map.groupBy(namings, ({ record, field }) => `${record} ${field}`).values()) {
    // Leaves of one checkpoint are shuffled: the order is that of the decisions.
    chain.sort((a, b) => a.inputs.at - b.inputs.at || a.sinceMs - b.sinceMs)
    let before: Naming | null = null
    for (const naming of chain) {
      const fault = faultOf(naming, before, history)
      const { leaf, record, field } = naming
      if (fault !== null)
        found('BAND_STANDING', `release ${leaf.index}: ${record}: ${field} ${fault}`, leaf.index)
      before = naming
    }
  }
}

function* namingsOf({ leaves, inputs }: Replaying): Iterable<Naming> {
  for (const leaf of leaves.byIndex.values()) {
    const own = leaf.kind === 'release' ? inputs.get(leaf.index) : undefined
    if (leaf.kind !== 'release' || own === undefined) continue
    for (const [record, field, version, sinceMs] of own.bands ?? [])
      yield { leaf, inputs: own, record, field, version, sinceMs }
  }
}

function faultOf(now: Naming, before: Naming | null, history: BandHistory): string | null {
  const { inputs, leaf, record, version, sinceMs } = now
  const isNew = before === null || sinceMs !== before.sinceMs
  if (!isNew) return version === before.version ? null : 'stands by two versions at once'
  if (sinceMs > inputs.at) return 'stands since a moment that had not come'
  const isTakenNow = sinceMs === inputs.at && leaf.statement.effect === 'widen'
  if (isTakenNow && !inputs.records.some(([id, of]) => id === record && of === version))
    return 'stands by another version than the one decided on'
  if (!isTakenNow && !history.wasHeldBefore(record, sinceMs))
    return 'stands by a version that no earlier release names'
  if (before === null || history.isOpenAgain(now, before)) return null
  if (!isTakenNow) return 'stands by a version that no earlier release names'
  return history.mayGiveWay(now, before)
}

interface BandHistory {
  /** Something of the record went before: what it held may stand from then on. */
  readonly wasHeldBefore: (record: string, atMs: number) => boolean
  /** What stood before was taken back, dropped, erased or made on no schedule for a time. */
  readonly isOpenAgain: (now: Naming, before: Naming) => boolean
  /** @returns why not; null: it may */
  readonly mayGiveWay: (now: Naming, before: Naming) => string | null
}

function openBandHistory({
  bundle,
  leaves,
  inputs,
  entries,
  recalls,
  policies,
}: Replaying): BandHistory {
  const sources = new Map(bundle.sources.map(({ digest, record }) => [digest, record]))
  const first = new Map<string, number>()
  const lost = new Map<string, { readonly atMs: number; readonly fields?: readonly string[] }[]>()
  let genesisMs = Infinity
  // Where leaves are erased, or something is not shown, which has its own finding, not all that stood can be known.
  let isWhole = leaves.erased.size === 0 && leaves.unread === 0
  for (const leaf of leaves.byIndex.values()) {
    genesisMs = Math.min(genesisMs, leaf.statement.at)
    if (leaf.kind !== 'release') continue
    if (!inputs.has(leaf.index)) isWhole = false
    const atMs = leaf.statement.at
    for (const { entry } of entries.byLeaf.get(leaf.index) ?? []) {
      const { record, op } = entry
      if (op === 'put') first.set(record, Math.min(first.get(record) ?? Infinity, atMs))
      else
        lost.set(record, [
          ...(lost.get(record) ?? []),
          { atMs, ...(entry.fields && { fields: entry.fields }) },
        ])
    }
  }
  const documents = new Map<string, PolicyDocument | null>()
  const documentOf = (digest: string): PolicyDocument | null => {
    const known = documents.get(digest)
    if (known !== undefined) return known
    const logged = [...policies.values()].find(({ leaf }) => leaf.statement.digest === digest)
    const opened = PolicyDocument.safeParse(logged?.document).data ?? null
    documents.set(digest, opened)
    return opened
  }
  const compiledOf = ({ bands }: PolicyDocument) => ({
    bands: compileBands(bands),
    reband: compileReband(bands),
  })
  const statements = [...policies.values()].flatMap(({ leaf, signed }) =>
    signed ? [leaf.statement] : [],
  )
  const boundaries = statements.flatMap(({ at, from, until }) => [at, from, until])
  /** Editions by which a node may have decided at a moment: the latest of those that covered it, and whatever was committed just then. */
  const inForceAt = (atMs: number) => {
    const covering = statements.filter(
      ({ at, from, until }) => at <= atMs && from <= atMs && atMs < until,
    )
    return [
      ...covering.filter(({ at }) => at < atMs).slice(-1),
      ...covering.filter(({ at }) => at === atMs),
    ]
  }
  // Where an edition ends, an earlier one may be in force again.
  const wasUnscheduled = (source: DataRecord, field: string, fromMs: number, toMs: number) =>
    boundaries
      .filter((atMs) => fromMs < atMs && atMs <= toMs)
      .flatMap(inForceAt)
      .some(({ digest }) => {
        const document = documentOf(digest)
        return document === null || rebandTypeOf(source, field, compiledOf(document)) === null
      })

  return {
    wasHeldBefore: (record, atMs) =>
      !isWhole || atMs < genesisMs || (first.get(record) ?? Infinity) <= atMs,
    isOpenAgain: ({ record, field, sinceMs, version }, before) => {
      const from = before.inputs.at
      const source = sources.get(version)
      return (
        !isWhole ||
        source === undefined ||
        (lost.get(record) ?? []).some(
          ({ atMs, fields }) =>
            from <= atMs && atMs <= sinceMs && (fields?.includes(field) ?? true),
        ) ||
        recalls.all.some(({ statement: { at } }) => from <= at && at <= sinceMs) ||
        wasUnscheduled(source, field, from, sinceMs)
      )
    },
    mayGiveWay: ({ inputs: { policy, at }, field, version }, before) => {
      const document = documentOf(policy)
      const [present, stood] = [sources.get(version), sources.get(before.version)]
      // What is missing has its own finding.
      if (document === null || present === undefined || stood === undefined) return null
      const compiled = compiledOf(document)
      const type = rebandTypeOf(present, field, compiled)
      const rule = type === null ? undefined : compiled.reband.get(type)
      if (type === null || rule === undefined)
        return 'stands, though its policy makes such bands on no schedule'
      if (nextMoment(rule.every, before.sinceMs) > at)
        return 'moved before the next scheduled moment'
      const look = {
        standing: stood.fields[field]?.value ?? null,
        present: present.fields[field]?.value ?? null,
        units: unitsOf(stood, present, field),
        type,
        policy: compiled,
      }
      return hasLeft(look, rule) ? null : 'moved though the value had not left its band'
    },
  }
}
