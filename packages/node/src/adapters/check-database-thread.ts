import { DatabaseSync } from 'node:sqlite'
import { parentPort, workerData } from 'node:worker_threads'

/** Thread of `faultsInFile`: is handed a path, answers with a list of faults. */
function quickCheck(path: string): string[] {
  try {
    using db = new DatabaseSync(path, { readOnly: true })
    return db
      .prepare('PRAGMA quick_check(100)')
      .all()
      .map((row) => String(Object.values(row)[0]))
      .filter((word) => word !== 'ok')
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)]
  }
}

parentPort?.postMessage(quickCheck(String(workerData)))
