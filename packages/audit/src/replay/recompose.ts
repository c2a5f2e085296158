import { type Composition, composeFragment } from '@entente/policy'
import { type DataRecord, digestOf, fromHex, type Inputs, versionOf } from '@entente/schema'
import type { Bundle } from '../bundle/read-bundle.ts'
import type { AddFinding } from '../finding.ts'
import type { Fault } from '../log/checkpoints.ts'
import type { Leaf } from '../statements/leaves.ts'
import type { LoggedPolicies } from '../statements/policies.ts'
import type { Trust, TrustedLog } from '../trust.ts'

/** What decisions of one log are made again from. */
export interface Premises {
  readonly bundle: Bundle
  readonly trusted: TrustedLog
  readonly trust: Trust
  readonly inputs: ReadonlyMap<number, Inputs>
  readonly policies: LoggedPolicies
}

/** A record as it was decided on, and what the recipient might have of it; null: nothing, the record is gone. */
export interface Recomposed {
  readonly source: DataRecord | null
  readonly composition: Composition | null
}

/**
 * Decides and composes one record of one release again, from the inputs that the release commits to.
 * @returns null when a premise is missing that has its own finding
 */
export type Recompose = (leaf: Leaf<'release'>, record: string) => Recomposed | Fault | null

/** Checks every record version against its digest once. */
export function createRecompose(premises: Premises, found: AddFinding): Recompose {
  const keys = new Map(premises.bundle.recordKeys.map(({ record, key }) => [record, fromHex(key)]))
  const sources = openSources(premises, keys, found)
  const versions = new Map<number, ReadonlyMap<string, string | null>>()
  const versionsOf = ({ index }: Leaf<'release'>, { records }: Inputs) => {
    const known = versions.get(index) ?? new Map(records)
    versions.set(index, known)
    return known
  }
  return (leaf, record) => {
    const inputs = premises.inputs.get(leaf.index)
    const decider = premises.policies.get(leaf.statement.policy)?.decider
    if (inputs === undefined || !decider) return null
    const version = versionsOf(leaf, inputs).get(record)
    if (version === undefined)
      return { code: 'DECISION_DIFFERS', message: `${record} is not among the inputs` }
    if (version === null) return { source: null, composition: null }
    const source = sources.get(version)
    if (source === undefined)
      return { code: 'SOURCE_MISSING', message: `${record} in version ${version}` }
    // A version that is not what its digest says is reported once, where it is read.
    if (source === 'wrong') return null
    if (source.id !== record)
      return { code: 'DECISION_DIFFERS', message: `${record} was decided on as ${source.id}` }
    // Only the bytes of a put depend on the key.
    const key = keys.get(record) ?? (leaf.statement.effect === 'narrow' ? noKey : undefined)
    if (key === undefined) return { code: 'RECORD_KEY_MISSING', message: `no key of ${record}` }
    const { recipient, purpose, at: atMs } = inputs
    const sender = premises.trusted.member.nation
    const secrets = { recordKey: key, hash: premises.trust.hash }
    const asked = { record: source, recipient, purpose, atMs, sender }
    return { source, composition: composeFragment(asked, decider, secrets) }
  }
}

const noKey = new Uint8Array(32)

function openSources(
  { bundle, trust }: Premises,
  keys: ReadonlyMap<string, Uint8Array>,
  found: AddFinding,
): ReadonlyMap<string, DataRecord | 'wrong'> {
  const sources = new Map<string, DataRecord | 'wrong'>()
  for (const { digest, record } of bundle.sources) {
    // A missing key has its own finding, where it is needed.
    const key = keys.get(record.id)
    const right = key === undefined || versionOf(key, digestOf(record, trust.hash)) === digest
    if (!right) found('SOURCE_DIGEST', `${record.id} is not in the version ${digest}`)
    sources.set(digest, right ? record : 'wrong')
  }
  return sources
}
