import {
  type Fork,
  forkIn,
  type Nation,
  type NationFile,
  openSuccession,
  openSuccessions,
  type RootSuccession,
  type Roster,
  type RosterFile,
  SuccessionError,
  type Verify,
} from '@entente/schema'
import type { Database } from '../adapters/sqlite-database.ts'
import { PairingError } from './pairing-error.ts'

/**
 * Keeps what roots that are known here have said of their successors, whoever brought it. Two of one root are evidence, and no third is
 * needed; of a root that nobody here knows nothing is kept, so that strangers fill no table.
 * @param roots of each nation, base64url: those that it has, and has had
 */
export function noteSuccessions(
  db: Database,
  files: readonly NationFile[],
  roots: ReadonlyMap<Nation, readonly string[]>,
  verify: Verify,
  atMs: number,
): void {
  for (const { nation, successions = [] } of files)
    for (const signed of successions) {
      let word: RootSuccession
      try {
        word = openSuccession(signed, verify)
      } catch (error) {
        if (error instanceof SuccessionError) continue
        throw error
      }
      if (word.nation !== nation || !roots.get(nation)?.includes(word.from)) continue
      const known = successionsIn(db).filter(({ from }) => from === word.from)
      if (known.length > 1 || known.some(({ to }) => to === word.to)) continue
      db.prepare(
        'INSERT OR IGNORE INTO root_succession(nation, root_from, root_to, word, signed, at_ms) VALUES (?, ?, ?, ?, ?, ?)',
      ).run(nation, word.from, word.to, JSON.stringify(word), JSON.stringify(signed), atMs)
    }
}

/** All of them that this node keeps, of each root the one it heard first before the other. */
export const successionsIn = (db: Database): readonly RootSuccession[] =>
  db
    .prepare('SELECT word FROM root_succession ORDER BY nation, root_from, at_ms, root_to')
    .all()
    .map((row) => JSON.parse(row['word'] as string) as RootSuccession)

/** Roots that have named two successors, as far as this node has seen both words. */
export function forksIn(db: Database): readonly Fork[] {
  const byRoot = Map.groupBy(successionsIn(db), ({ nation, from }) => `${nation} ${from}`)
  return [...byRoot.values()].flatMap((words) => forkIn(words) ?? [])
}

/**
 * The fork that keeps an edition from being taken: it names a successor of a root that has named another too. One that is in force here stays,
 * since every root has signed for it.
 */
export const forkOf = (
  db: Database,
  files: readonly NationFile[],
  { members }: Pick<Roster, 'members'>,
  verify: Verify,
): Fork | null =>
  forksIn(db).find(({ nation, from }) =>
    files.some(
      (file) =>
        file.nation === nation &&
        (file.successions ?? []).some((signed) => {
          const word = openSuccession(signed, verify)
          const stands = members
            .get(nation)
            ?.successions?.some((each) => each.from === from && each.to === word.to)
          return word.from === from && stands !== true
        }),
    ),
  ) ?? null

/**
 * Our own root is what the nation file of this node says, and not what others have signed in good faith: who has a copy of the old root names a
 * successor too, and its signature fills our place in the edition. Until the new one is in force, editions name the old one.
 * @param own our nation file @throws {PairingError} `PROPOSAL_ROOT`
 */
export function checkOwnRoot(
  own: NationFile,
  { witnessPolicy, nations }: RosterFile,
  verify: Verify,
): void {
  const { nation } = own
  const named = nations.find((file) => file.nation === nation)?.root
  if (named === undefined || named === own.root) return
  if (openSuccessions(own, verify).some(({ from }) => from === named)) return
  throw new PairingError(
    'PROPOSAL_ROOT',
    `roster ${witnessPolicy.number} is not taken: it names root ${named} of ${nation}, and the nation file of this node does not. If that is your new root, entente root install FILE here first; if it is not, somebody else has the old one: tell every partner by telephone`,
  )
}
