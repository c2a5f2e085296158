import { existsSync, readFileSync } from 'node:fs'

/** What to throw when a file is not there, or is not JSON. */
export interface JsonRefusals {
  readonly missing: () => Error
  readonly form: (reason: string) => Error
}

/** Reads a JSON file that a person may have edited. */
export function readJson(path: string, refusals: JsonRefusals): unknown {
  if (!existsSync(path)) throw refusals.missing()
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    throw refusals.form(error instanceof Error ? error.message : String(error))
  }
}
