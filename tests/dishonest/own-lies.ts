import { cpSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Federation } from '../support/federation.ts'
import { livePolicy, stateOf } from '../support/scenario.ts'
import type { Lie } from './lie.ts'

/** The folder of a node of the USA that has stopped, and a copy of its database from before its last leaves. */
export interface StoppedStage {
  readonly federation: Federation
  readonly folder: string
  readonly copy: string
}

const open = (federation: Federation) => federation.open('USA', { network: true, alone: true })
const isDatabase = (name: string) => name.startsWith('entente.db')
const copyDatabase = (from: string, to: string) => {
  for (const name of readdirSync(to).filter(isDatabase)) rmSync(join(to, name))
  for (const name of readdirSync(from).filter(isDatabase)) cpSync(join(from, name), join(to, name))
}

export async function openStoppedStage(federation: Federation): Promise<StoppedStage> {
  const folder = federation.folder('USA')
  const copy = join(federation.root, 'copy')
  for (const edition of [1, 2]) {
    if (edition === 2)
      cpSync(folder, copy, { recursive: true, filter: (name) => !name.endsWith('.sock') })
    await using node = await open(federation)
    await node.policyInstall(federation.sign('USA', livePolicy('USA', edition)))
  }
  return { federation, folder, copy }
}

/** Changes the stopped node's database as its administrator can. */
function rewrite({ folder }: StoppedStage, sql: string): void {
  const db = new DatabaseSync(join(folder, 'entente.db'))
  for (const { name } of db.prepare("SELECT name FROM sqlite_master WHERE type = 'trigger'").all())
    db.exec(`DROP TRIGGER ${name}`)
  db.exec(sql)
  db.close()
}

/** Opens the node again and asks it to sign. @returns the code with which it refuses; null when it signs */
async function signs({ federation }: StoppedStage): Promise<string | null> {
  await using node = await open(federation)
  try {
    await node.policyInstall(federation.sign('USA', livePolicy('USA', 3)))
    return null
  } catch (error) {
    return (await stateOf(node)) === 'frozen' ? (error as { readonly code: string }).code : null
  }
}

const changed = (lie: string, change: (stage: StoppedStage) => void): Lie<StoppedStage> => ({
  lie,
  by: 'the node itself',
  code: 'FROZEN',
  tell: (stage) => {
    change(stage)
    return signs(stage)
  },
})

/** What an administrator can do to a node that has stopped: it finds out before it signs. */
export const ownLies: readonly Lie<StoppedStage>[] = [
  changed('case 14: an old copy of its database', ({ folder, copy }) => copyDatabase(copy, folder)),
  changed('a database that was made anew', ({ folder }) => {
    for (const name of readdirSync(folder).filter(isDatabase)) rmSync(join(folder, name))
  }),
  changed('an old copy without the size that lies beside it', ({ folder, copy }) => {
    copyDatabase(copy, folder)
    rmSync(join(folder, 'log-head'))
  }),
  changed('a log cut short in its tables', (stage) =>
    rewrite(
      stage,
      `DELETE FROM checkpoint WHERE size = (SELECT size FROM head);
       UPDATE head SET (size, note) = (SELECT size, note FROM checkpoint ORDER BY size DESC LIMIT 1);
       DELETE FROM entry WHERE idx >= (SELECT size FROM head);
       DELETE FROM statement WHERE idx >= (SELECT size FROM head)`,
    ),
  ),
  changed('another tree in its tables', (stage) =>
    rewrite(stage, 'UPDATE node SET hash = zeroblob(32)'),
  ),
  changed('another root in its tables', (stage) =>
    rewrite(stage, 'UPDATE head SET root = zeroblob(32)'),
  ),
]
