import { ConsentError } from '@entente/schema'
import { NodeError } from '../errors.ts'

/** What is wrong with a consent is said under the same code. @throws {NodeError} */
export function refusing<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof ConsentError)) throw error
    throw new NodeError(error.code, error.message, { cause: error })
  }
}
