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
      `another process has the node in ${folder}: stop entente serve for a command that needs that; wait until any other, such as an import, has ended`,
      { cause: error },
    )
  }
  return { [Symbol.dispose]: () => db.close() }
}

const SQLITE_BUSY = 5
