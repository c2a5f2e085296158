import type { Nation, Roster } from '@entente/schema'
import {
  parseVerifierKey,
  type QuorumOptions,
  type VerifierKey,
  type WitnessSet,
} from '@entente/tlog'

/** A witness of the coalition as its policy names it. */
export interface NamedWitness {
  /** The nation, or the name of a neutral one. */
  readonly name: string
  readonly key: VerifierKey
  /** Where a neutral one is asked; null: over the nation's own stream. */
  readonly url: string | null
}

/** The witnesses whose cosignatures count for the log of a nation: everybody but that nation itself. */
export const witnessesOf = (nation: Nation, { witnessPolicy }: Roster): readonly NamedWitness[] =>
  namedIn(witnessPolicy).filter(({ name }) => name !== nation)

type WitnessPolicy = Roster['witnessPolicy']
/** An opened roster is never changed in place, and its keys are asked for again and again. */
const named = new WeakMap<WitnessPolicy, readonly NamedWitness[]>()
function namedIn(policy: WitnessPolicy): readonly NamedWitness[] {
  const known = named.get(policy)
  if (known !== undefined) return known
  const read = policy.witnesses.map((witness) => ({
    name: 'nation' in witness ? witness.nation : witness.name,
    key: parseVerifierKey(witness.key),
    url: 'url' in witness ? witness.url : null,
  }))
  named.set(policy, read)
  return read
}

/**
 * Whether two histories of a log cannot both find a quorum of k among n witnesses while no more of them lie than f = ⌊(n − 1)/3⌋.
 * Otherwise a split is found out afterwards, by gossip.
 */
export function preventsSplit(k: number, n: number): boolean {
  const f = Math.floor((n - 1) / 3)
  return k >= 2 && 2 * k > n + f
}

/** The coalition's witnesses for the log of one nation: everybody but that nation itself. */
export function witnessesFor(
  nation: Nation,
  { witnessPolicy }: Roster,
): { readonly set: WitnessSet; readonly options: QuorumOptions } {
  const keys = namedIn(witnessPolicy)
  return {
    set: { witnesses: keys.map(({ key }) => key), quorum: witnessPolicy.quorum },
    options: { excluded: keys.filter(({ name }) => name === nation).map(({ key }) => key.name) },
  }
}
