import type { NationFile, RosterFile, Verify } from '@entente/schema'
import { type BuildOptions, buildRoster, quorumFor } from '../setup/build-roster.ts'

/**
 * The roster that follows: the nations of the one in force with these files added or put in the place of older ones, and the rest of
 * its witness policy as it was. A quorum that the members chose themselves stays. Both sides of a pairing build the same.
 * @param first line of an exercise and rhythm of answers of a first edition; no root signs the line
 * @param present null: the inviting node is alone, and its own file is among `files`
 * @throws {RosterError}
 */
export function nextEdition(
  present: RosterFile | null,
  files: readonly NationFile[],
  number: number,
  verify: Verify,
  first: Pick<BuildOptions, 'exercise' | 'answerMs'> = {},
): RosterFile {
  const given = new Map([...(present?.nations ?? []), ...files].map((file) => [file.nation, file]))
  const nations = [...given.values()]
  if (present === null) return buildRoster(nations, { number, ...first }, verify)
  const { witnessPolicy: before } = present
  const neutral = before.witnesses.flatMap((witness) => ('nation' in witness ? [] : [witness]))
  const chosen = before.quorum !== quorumFor(present.nations.length, neutral.length)
  const next = buildRoster(
    nations,
    {
      number,
      neutral,
      pendingQuorum: before.pendingQuorum ?? false,
      ...(chosen && { quorum: before.quorum }),
      ...(present.exercise !== undefined && { exercise: present.exercise }),
    },
    verify,
  )
  const { witnesses, quorum, nations: digest } = next.witnessPolicy
  // Whatever is not about who is in it stays, a term that a later version adds as well.
  const terms = { ...next.witnessPolicy, ...before }
  return { ...next, witnessPolicy: { ...terms, number, nations: digest, witnesses, quorum } }
}
