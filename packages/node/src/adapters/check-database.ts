import { Worker } from 'node:worker_threads'

/**
 * Faults that SQLite finds in its own file, in its words; none when it is sound. Reads the whole file, in a thread of its
 * own: the node goes on meanwhile.
 * @see https://sqlite.org/pragma.html#pragma_quick_check
 */
export async function faultsInFile(path: string): Promise<readonly string[]> {
  const thread = new Worker(new URL('check-database-thread.ts', import.meta.url), {
    workerData: path,
  })
  try {
    return await new Promise((resolve, reject) => {
      thread.once('message', (faults: readonly string[]) => resolve(faults))
      thread.once('error', reject)
      thread.once('exit', () => reject(new Error('the check of the file ended without an answer')))
    })
  } finally {
    await thread.terminate()
  }
}
