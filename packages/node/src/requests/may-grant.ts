import type { DataRecord, Nation } from '@entente/schema'
import type { Deps } from '../deps.ts'
import { NodeError } from '../errors.ts'
import type { Planner } from '../release/plan.ts'
import type { PolicyStore } from '../release/policy-store.ts'

/** Where a value that was asked for stands. A grant moves none of it: it goes the ordinary way. */
export interface Grantable {
  readonly record: string
  /** Fields that the nation holds. */
  readonly held: readonly string[]
  /** Fields that a plan would put, or that wait for one. */
  readonly ready: readonly string[]
  /** Fields that wait for release officers. */
  readonly awaited: readonly string[]
  /** The nation has not subscribed to the dataset, so nothing goes. */
  readonly subscribed: boolean
  /** Fields that were asked for and that policy, labels or consents keep back. */
  readonly kept: readonly string[]
}

/** What may go of a record to who asks for it; null: this nation has no such record. */
export function grantable(
  { db, clock }: Deps,
  context: {
    readonly planner: Planner
    readonly policies: Pick<PolicyStore, 'at'>
    readonly get: (id: string) => DataRecord | null
  },
  nation: Nation,
  id: string,
  fields: readonly string[],
): Grantable | null {
  const record = context.get(id)
  if (record === null) return null
  const atMs = clock.nowMs()
  const { composition, held } = context.planner.plan(id, nation, context.policies.at(atMs), atMs)
  const has = Object.keys(held?.fields ?? {}).sort()
  const awaited = composition.pending.map(({ subject }) => subject.field).sort()
  const may = new Set([...has, ...composition.fields, ...awaited])
  const asked = fields.length > 0 ? fields : Object.keys(record.fields)
  return {
    record: id,
    held: has,
    ready: composition.fields.filter((field) => !has.includes(field)),
    awaited,
    subscribed:
      db
        .prepare('SELECT 1 FROM subscription WHERE nation = ? AND dataset = ?')
        .get(nation, record.dataset) !== undefined,
    kept: asked.filter((field) => !may.has(field)).sort(),
  }
}

/**
 * A person may only grant what policy lets go, by itself or by officers.
 * @throws {NodeError} `REQUEST_POLICY`
 */
export function mustBeGrantable(
  found: Grantable | null,
  nation: Nation,
  fields: readonly string[],
): Grantable {
  if (found === null)
    throw new NodeError(
      'REQUEST_POLICY',
      'it names no record of ours, so there is nothing to grant: refuse it, or leave it, which is answered in the same words at the same time; or grant one of ours with --record',
    )
  const may = found.held.length + found.ready.length + found.awaited.length
  const kept = fields.length > 0 ? found.kept : []
  if (may > 0 && kept.length === 0) return found
  throw new NodeError(
    'REQUEST_POLICY',
    `nothing goes around the policy, which lets ${may === 0 ? 'nothing of it' : `not ${kept.join(', ')}`} go to ${nation}: entente why ${found.record} --for ${nation} says by which label, rule or consent. Change that first, or refuse`,
  )
}
