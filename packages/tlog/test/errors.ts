import { VerificationError } from '../src/index.ts'

/** The code of the error that the action throws, or `none`. Other errors pass through: they are bugs. */
export function codeOf(action: () => unknown): string {
  try {
    action()
    return 'none'
  } catch (error) {
    if (error instanceof VerificationError) return error.code
    throw error
  }
}
