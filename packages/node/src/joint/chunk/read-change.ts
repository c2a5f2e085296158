import { ChangeError, type ChangeHeader, readJointChange } from '@entente/schema'
import { JointError } from '../joint-error.ts'

/** Reads the bytes of a change, as auditors do. What is wrong with them is said of their writer. @throws {JointError} as `ChangeCode` */
export function readChange(bytes: Uint8Array): ChangeHeader {
  try {
    return readJointChange(bytes)
  } catch (error) {
    if (!(error instanceof ChangeError)) throw error
    throw new JointError(error.code, error.message, { cause: error })
  }
}
