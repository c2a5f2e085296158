import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { createLedger, type Ledger, migrations, openDatabase, tables } from '@entente/node/testing'

/** The ledger in a node's folder under another node's name, while no node runs there. */
export async function openLedgerOf(
  folder: string,
  actor: string,
): Promise<Ledger & AsyncDisposable> {
  const db = openDatabase(join(folder, 'entente.db'), tables, migrations)
  const ledger = await createLedger({
    db,
    clock: { nowMs: () => Date.now() },
    nation: 'USA',
    actor,
    randomBytes: (size) => new Uint8Array(randomBytes(size)),
  })
  return {
    ...ledger,
    [Symbol.asyncDispose]: async () => {
      await ledger[Symbol.asyncDispose]()
      db[Symbol.dispose]()
    },
  }
}
