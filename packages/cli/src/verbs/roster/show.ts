import { parseRosterFile, pathsOf, unsignedBy, verifyEd25519 } from '@entente/node'
import { keyBytes, openRoster, openSuccessions } from '@entente/schema'
import { z } from 'zod'
import { readJsonFile } from '../../files.ts'
import { fingerprintWords } from '../../fingerprint.ts'
import { formatTable } from '../../text.ts'
import { defineVerb } from '../../verb.ts'

export const rosterShowVerb = defineVerb({
  name: 'roster show',
  arguments: '[file]',
  purpose: 'Show a roster: nations, root fingerprints in words, and who has signed.',
  example: 'roster show roster.json',
  next: 'compare the six words of each nation by voice before you install it.',
  input: z.strictObject({ file: z.string().optional() }),
  run: ({ folder, io }, { file = pathsOf(folder).roster }) => {
    const roster = parseRosterFile(readJsonFile(file))
    const unsigned = unsignedBy(roster)
    // A file that is signed by all is checked; one that is not yet is only shown.
    if (unsigned.length === 0) openRoster(roster, verifyEd25519)
    const nations = roster.nations.map((file) => {
      const { nation, organisation, root } = file
      return {
        nation,
        organisation,
        words: fingerprintWords(keyBytes(root)),
        signed: !unsigned.includes(nation),
        before: openSuccessions(file, verifyEd25519).map(({ from }) =>
          fingerprintWords(keyBytes(from)),
        ),
      }
    })
    const { number, quorum } = roster.witnessPolicy
    const table = formatTable(
      ['nation', 'organisation', 'fingerprint', 'signed'],
      nations.map((n) => [n.nation, n.organisation, n.words, n.signed ? 'yes' : 'no']),
      io,
    )
    const before = nations
      .flatMap((one) =>
        one.before.map(
          (words, i) =>
            `Before it, ${one.nation} had the root ${words}, which named ${one.before[i + 1] ?? 'the present one'}.\n`,
        ),
      )
      .join('')
    return {
      json: { number, quorum, verified: unsigned.length === 0, nations },
      text: `${table}\n\n${before}Roster ${number}, quorum ${quorum}: ${sayState(unsigned)}`,
      exercise: roster.exercise ?? null,
    }
  },
})

const sayState = (unsigned: readonly string[]): string =>
  unsigned.length === 0
    ? 'signed by all, every certificate and signature verified.'
    : `not yet signed by ${unsigned.join(', ')}; nothing has been verified.`
