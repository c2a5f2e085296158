import type { Nation, Roster } from '@entente/schema'
import { parseVerifierKey, type QuorumOptions, type WitnessSet } from '@entente/tlog'

/** How many witnesses count for the log of a nation. */
export const countedWitnesses = (nation: Nation, { witnessPolicy }: Roster): number =>
  witnessPolicy.witnesses.filter((witness) => witness.nation !== nation).length

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
  const keys = witnessPolicy.witnesses.map((w) => ({
    nation: w.nation,
    key: parseVerifierKey(w.key),
  }))
  return {
    set: { witnesses: keys.map(({ key }) => key), quorum: witnessPolicy.quorum },
    options: { excluded: keys.filter((w) => w.nation === nation).map(({ key }) => key.name) },
  }
}
