import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Nation } from '@entente/schema'
import { verifyEd25519 } from '../src/adapters/ed25519.ts'
import { openDatabase } from '../src/adapters/sqlite-database.ts'
import { migrations, tables } from '../src/layout.ts'
import type { RunningNode } from '../src/node.ts'
import { openNode } from '../src/open-node.ts'
import {
  buildRoster,
  initNode,
  installRoster,
  loadOwn,
  readSigner,
  selfOf,
  signRoster,
} from '../src/setup/index.ts'
import { createView, type ForeignFact } from '../src/view/view.ts'

/** A real node that is alone in its roster and speaks to nobody. */
export interface LoneNode extends AsyncDisposable {
  readonly node: RunningNode
  /** A folder for files, thrown away at the end. */
  readonly base: string
  readonly folder: string
  /** Takes a record in as if a partner had released it. */
  readonly admit: (fact: ForeignFact) => void
  /** Hides a record of a feed as if a partner's notice had. */
  readonly hide: (feed: string, record: string) => void
}

export async function openLoneNode(nation: Nation, exercise?: string): Promise<LoneNode> {
  const base = mkdtempSync(join(tmpdir(), 'entente-lone-'))
  const folder = join(base, 'node')
  const made = initNode({
    folder,
    keysDir: join(base, 'keys'),
    nation,
    organisation: 'test',
    listen: '127.0.0.1:0',
    ...(exercise !== undefined && { exercise }),
  })
  const file = JSON.parse(readFileSync(made.nationFilePath, 'utf8')) as unknown
  const roster = signRoster(
    buildRoster([file], { number: 1 }, verifyEd25519),
    readSigner(made.rootKeyPath),
  )
  const own = loadOwn(folder)
  installRoster(own.rosterPath, roster, selfOf(own))
  const node = await openNode({ folder, network: false })
  return {
    node,
    base,
    folder,
    admit: (fact) => {
      using db = openDatabase(join(folder, 'entente.db'), tables, migrations)
      const { feed, fragment, authority } = fact
      db.transact(() => {
        db.prepare(
          'INSERT INTO held_in(feed, record, seq, digest, json, authority) VALUES (?, ?, 1, ?, ?, ?)',
        ).run(feed, fragment.head.id, 'd', JSON.stringify(fragment), JSON.stringify(authority))
        createView(db).putForeign(fact)
      })
    },
    hide: (feed, record) => {
      using db = openDatabase(join(folder, 'entente.db'), tables, migrations)
      db.transact(() => createView(db).removeForeign(feed, record))
    },
    [Symbol.asyncDispose]: async () => {
      await node[Symbol.asyncDispose]()
      rmSync(base, { recursive: true, force: true })
    },
  }
}
