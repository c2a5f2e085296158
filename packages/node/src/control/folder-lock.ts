import { DatabaseSync } from 'node:sqlite'
import { pathsOf } from '../setup/paths.ts'
import { ControlError } from './control-error.ts'

/**
 * Takes a node's folder for this process alone. The lock is the operating system's on an SQLite file that holds
 * nothing, so it dies with the process however that ends.
 * @throws {ControlError} `FOLDER_IN_USE`
 */
export function lockFolder(folder: string): Disposable {
  const db = new DatabaseSync(pathsOf(folder).lock)
  try {
    db.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    db.close()
    if ((error as { readonly errcode?: number }).errcode !== SQLITE_BUSY) throw error
    throw new ControlError(
      'FOLDER_IN_USE',
      `another command is at work at the node in ${folder}, such as an import: wait until it has ended (while entente serve runs, commands need not wait)`,
      { cause: error },
    )
  }
  return { [Symbol.dispose]: () => db.close() }
}

const SQLITE_BUSY = 5
