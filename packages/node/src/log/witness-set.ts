import type { Nation, Roster } from '@entente/schema'
import { parseVerifierKey, type QuorumOptions, type WitnessSet } from '@entente/tlog'

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
