import type { StandingBand } from '@entente/policy'
import {
  type DataRecord,
  digestOf,
  fromHex,
  type Hash,
  type Inputs,
  versionOf,
} from '@entente/schema'
import type { Bundle } from '../bundle/read-bundle.ts'
import type { AddFinding } from '../finding.ts'
import type { Fault } from '../log/checkpoints.ts'
import type { Consents } from '../statements/consents.ts'
import type { LoggedPolicies } from '../statements/policies.ts'
import type { LoggedRegisters } from '../statements/registers.ts'
import type { Words } from '../statements/words.ts'
import type { Trust, TrustedLog } from '../trust.ts'
import type { FragmentQuestion } from '../work/task.ts'
import type { DecidedLeaf } from './inputs.ts'

/** What decisions of one log are made again from. */
export interface Premises {
  readonly bundle: Bundle
  readonly trusted: TrustedLog
  readonly trust: Trust
  readonly inputs: ReadonlyMap<number, Inputs>
  readonly policies: LoggedPolicies
  readonly registers: LoggedRegisters
  readonly words: Words
  readonly consents: Consents
}

/** A record as it was decided on, and what is to be asked again; null: nothing, the record is gone. */
export interface Premise {
  readonly source: DataRecord | null
  readonly question: FragmentQuestion | null
}

/**
 * What one record of one release was decided on, from the inputs that the release commits to.
 * @returns null when a premise is missing that has its own finding
 */
export type PremiseOf = (leaf: DecidedLeaf, record: string) => Premise | Fault | null

/** Checks every record version against its digest once. */
export function createPremiseOf(premises: Premises, found: AddFinding): PremiseOf {
  const keys = new Map(premises.bundle.recordKeys.map(({ record, key }) => [record, fromHex(key)]))
  const sources = openSources(premises.bundle, premises.trust.hash, keys, found)
  const registers = new Set(
    [...premises.registers.values()]
      .filter(({ document }) => document !== null)
      .map(({ leaf }) => leaf.statement.digest),
  )
  let last: readonly [number, ReadonlyMap<string, string | null>] = [-1, new Map()]
  const versionsOf = ({ index }: DecidedLeaf, { records }: Inputs) => {
    // Entries of a release come one after the other.
    if (last[0] !== index) last = [index, new Map(records)]
    return last[1]
  }
  return (leaf, record) => {
    const inputs = premises.inputs.get(leaf.index)
    if (inputs === undefined || !premises.policies.get(leaf.statement.policy ?? -1)?.document)
      return null
    const version = versionsOf(leaf, inputs).get(record)
    if (version === undefined)
      return { code: 'DECISION_DIFFERS', message: `${record} is not among the inputs` }
    if (version === null) return { source: null, question: null }
    const source = sources.get(version)
    if (source === undefined)
      return { code: 'SOURCE_MISSING', message: `${record} in version ${version}` }
    // A version that is not what its digest says is reported once, where it is read.
    if (source === 'wrong') return null
    if (source.id !== record)
      return { code: 'DECISION_DIFFERS', message: `${record} was decided on as ${source.id}` }
    // Only the bytes of a put depend on the key.
    const isPut = leaf.kind === 'release' && leaf.statement.effect === 'widen'
    const key = keys.get(record) ?? (isPut ? undefined : noKey)
    if (key === undefined) return { code: 'RECORD_KEY_MISSING', message: `no key of ${record}` }
    const { policy, register, recipient, purpose, at: atMs } = inputs
    // A register that is not shown, or not logged, has its own finding.
    if (register !== undefined && !registers.has(register)) return null
    // Only what stood in the log before: a word that comes later approves nothing that went.
    const words = premises.words.on(recipient, record).filter(({ index }) => index < leaf.index)
    const said = { words, standing: approvalsIn(inputs, record) }
    const standings: Record<string, StandingBand> = {}
    for (const [of, field, from, sinceMs] of inputs.bands ?? []) {
      if (of !== record) continue
      const stood = sources.get(from)
      if (stood === undefined)
        return { code: 'SOURCE_MISSING', message: `${record} in version ${from}, of its bands` }
      if (stood === 'wrong') return null
      if (stood.id !== record)
        return { code: 'DECISION_DIFFERS', message: `bands of ${record} were made of ${stood.id}` }
      standings[field] = { record: stood, atMs: sinceMs }
    }
    // One that is not shown, or not sealed, lets nothing go.
    const consents = (inputs.consents ?? []).flatMap(
      (digest) => premises.consents.get(digest) ?? [],
    )
    const question = {
      record: source,
      key,
      policy,
      recipient,
      purpose,
      atMs,
      said,
      standings,
      ...(consents.length > 0 && { consents }),
    }
    return { source, question: register === undefined ? question : { ...question, register } }
  }
}

/** Approvals that a release says a record of it rests on, by field. */
export const approvalsIn = (
  { approvals = [] }: Inputs,
  record: string,
): Readonly<Record<string, readonly string[]>> =>
  Object.fromEntries(
    approvals.flatMap(([of, field, abouts]) => (of === record ? [[field, abouts]] : [])),
  )

const noKey = new Uint8Array(32)

function openSources(
  bundle: Bundle,
  hash: Hash,
  keys: ReadonlyMap<string, Uint8Array>,
  found: AddFinding,
): ReadonlyMap<string, DataRecord | 'wrong'> {
  const sources = new Map<string, DataRecord | 'wrong'>()
  for (const { digest, record } of bundle.sources) {
    // A missing key has its own finding, where it is needed.
    const key = keys.get(record.id)
    const right = key === undefined || versionOf(key, digestOf(record, hash)) === digest
    if (!right) found('SOURCE_DIGEST', `${record.id} is not in the version ${digest}`)
    sources.set(digest, right ? record : 'wrong')
  }
  return sources
}
