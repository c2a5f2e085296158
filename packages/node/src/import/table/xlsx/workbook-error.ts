import type { WorkbookCode } from './message.ts'

/** A workbook is refused as a whole. It is made into an `ImportError` where it leaves the process that reads. */
export class WorkbookError extends Error {
  override readonly name = 'WorkbookError'
  readonly code: WorkbookCode
  constructor(code: WorkbookCode, message: string) {
    super(message)
    this.code = code
  }
}

/** The file does not keep to its own format. */
export const damaged = (what: string): WorkbookError =>
  new WorkbookError('NOT_A_WORKBOOK', `${what}; save the workbook again`)
