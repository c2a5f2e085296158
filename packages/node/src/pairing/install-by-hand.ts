import { existsSync } from 'node:fs'
import type { Nation, Roster } from '@entente/schema'
import { openDatabase } from '../adapters/sqlite-database.ts'
import { lockFolder } from '../control/index.ts'
import { migrations, tables } from '../layout.ts'
import { loadOwn, selfOf } from '../setup/node-folder.ts'
import { installRoster } from '../setup/roster-store.ts'
import { successionsIn } from './root-forks.ts'

/**
 * Installs a roster from hand to hand at a node that does not run, which may have a roster that it cannot open with. What this node has heard of roots
 * counts as it does in band.
 * @param allowed nations whose other root people have compared words for
 * @throws what `installRoster` throws
 */
export function installByHand(
  folder: string,
  input: unknown,
  allowed: ReadonlySet<Nation> = new Set(),
): Roster {
  const own = loadOwn(folder)
  using _lock = lockFolder(folder)
  const install = (words: ReturnType<typeof successionsIn>) =>
    installRoster(own.rosterPath, input, selfOf(own), { words, allowed })
  if (!existsSync(own.databasePath)) return install([])
  using db = openDatabase(own.databasePath, tables, migrations)
  return install(successionsIn(db))
}
